// [[tex, display], ...] -> [[index, message], ...]: the formulas that a strict KaTeX refuses.
// Alone, `strict: "error"` drops a `\\` outside an environment in silence, and `trust: false` prints the name of
// a forbidden command in red; so every such remark counts as a refusal.

import katex from "katex";
import { answer } from "./stdin.mjs";

function refusal(tex, displayMode) {
  const remarks = [];
  const strict = (code, message) => {
    remarks.push(`${message} [${code}]`);
    return "error";
  };
  const trust = ({ command }) => {
    remarks.push(`${command} is not allowed`);
    return false;
  };
  try {
    katex.renderToString(tex, { displayMode, strict, trust, throwOnError: true });
  } catch (error) {
    return error.message;
  }
  return remarks[0];
}

await answer((formulas) =>
  formulas.map(([tex, display], index) => [index, refusal(tex, display)]).filter(([, message]) => message),
);
