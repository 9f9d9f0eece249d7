// A note as a page in the browser: read as VS Code's preview reads it, set by KaTeX and mermaid, images beside the note.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import MarkdownIt from "markdown-it";
import mathematics from "@vscode/markdown-it-katex";
import { moduleFile } from "./browser.mjs";

const STYLE = `
  body { font: 16px/1.6 "DejaVu Sans", sans-serif; color: #1f2328; max-width: 820px; margin: 0 auto; padding: 24px 40px; }
  h1, h2 { border-bottom: 1px solid #d1d9e0; padding-bottom: .3em; }
  img, svg { max-width: 100%; }
  table { border-collapse: collapse; } td, th { border: 1px solid #d1d9e0; padding: 6px 13px; }
  code, pre { background: #f6f8fa; } pre { padding: 12px; } pre.mermaid { background: none; text-align: center; }
  .katex-error { color: #c00; background: #fee; } .katex-block { overflow-x: auto; }`;

function html(markdown, folder) {
  const writer = new MarkdownIt({ html: true }).use(mathematics.default, { strict: "warn" });
  const fence = writer.renderer.rules.fence;
  writer.renderer.rules.fence = (tokens, index, ...rest) =>
    tokens[index].info.trim() === "mermaid"
      ? `<pre class="mermaid">${writer.utils.escapeHtml(tokens[index].content)}</pre>`
      : fence(tokens, index, ...rest);
  return `<!doctype html><meta charset="utf-8"><base href="${pathToFileURL(folder)}/">
    <link rel="stylesheet" href="${moduleFile("katex/dist/katex.min.css")}"><style>${STYLE}</style>
    <body>${writer.render(markdown)}<script src="${moduleFile("mermaid/dist/mermaid.min.js")}"></script></body>`;
}

// Shows `markdown` in `page` and waits until everything is drawn; `folder` is where its images are.
export async function show(page, markdown, folder) {
  const scratch = await mkdtemp(path.join(tmpdir(), "note-"));
  const file = path.join(scratch, "note.html");
  await writeFile(file, html(markdown, folder));
  await page.goto(pathToFileURL(file).href);
  await page.evaluate(async () => {
    mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
    await mermaid.run({ suppressErrors: true });
    await document.fonts.ready;
  });
  await rm(scratch, { recursive: true });
}
