// [text, ...] -> [{error, width, height, labels}, ...]: each diagram drawn by mermaid's own bundle in a browser.
// A drawn diagram has an empty error, its size in pixels, and the labels that a reader sees.

import { fileURLToPath } from "node:url";
import { moduleFile, withPage } from "./browser.mjs";
import { answer } from "./stdin.mjs";

async function draw(texts) {
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });   // as GitHub has it
  const drawn = [];
  for (const [index, text] of texts.entries()) {
    try {
      await mermaid.parse(text);
      const { svg } = await mermaid.render(`diagram${index}`, text);
      document.body.innerHTML = svg;
      const { width, height } = document.querySelector("svg").getBoundingClientRect();
      const labels = [...document.querySelectorAll(".nodeLabel, .edgeLabel p, .edgeLabel text, .cluster-label p")];
      drawn.push({ error: "", width, height, labels: [...new Set(labels.map((label) => label.textContent.trim()))].filter(Boolean) });
    } catch (error) {
      drawn.push({ error: error.message ?? String(error), width: 0, height: 0, labels: [] });
    }
  }
  return drawn;
}

await answer((texts) =>
  withPage({ width: 900, height: 900 }, async (page) => {
    await page.setContent("<!doctype html><body></body>");
    await page.addScriptTag({ path: fileURLToPath(moduleFile("mermaid/dist/mermaid.min.js")) });
    return page.evaluate(draw, texts);
  }),
);
