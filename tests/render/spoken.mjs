// [MathML, ...] -> [words, ...]: how the Speech Rule Engine says each formula in MathSpeak, which says where everything begins and ends.

import SRE from "speech-rule-engine";
import { answer } from "./stdin.mjs";

await SRE.setupEngine({ locale: "en", domain: "mathspeak", style: "default", modality: "speech" });
await answer((formulas) => formulas.map((formula) => SRE.toSpeech(formula)));
