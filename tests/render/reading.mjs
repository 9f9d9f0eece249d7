// [markdown, ...] -> for each: {formulas: [[tex, display], ...], diagrams: [text, ...]}, as VS Code's preview reads it.

import MarkdownIt from "markdown-it";
import mathematics from "@vscode/markdown-it-katex";
import { answer } from "./stdin.mjs";

const reader = new MarkdownIt({ html: true }).use(mathematics.default);

function* flat(tokens) {
  for (const token of tokens) {
    yield token;
    yield* flat(token.children ?? []);
  }
}

await answer((notes) =>
  notes.map((markdown) => {
    const tokens = [...flat(reader.parse(markdown, {}))];
    return {
      formulas: tokens
        .filter((token) => token.type.startsWith("math_"))
        .map((token) => [token.content, token.type === "math_block"]),
      diagrams: tokens
        .filter((token) => token.type === "fence" && token.info.trim() === "mermaid")
        .map((token) => token.content),
    };
  }),
);
