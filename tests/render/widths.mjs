// [markdown, ...] -> for each: [[tex, pixels], ...], the display formulas that run off a page of 820 pixels.

import { withPage } from "./browser.mjs";
import { show } from "./note.mjs";
import { answer } from "./stdin.mjs";

const tooWide = () =>
  [...document.querySelectorAll(".katex-block")]
    .filter((block) => block.scrollWidth > block.clientWidth)
    .map((block) => [block.querySelector("annotation").textContent, block.scrollWidth]);

await answer((notes) =>
  withPage({ width: 900, height: 900 }, async (page) => {
    const found = [];
    for (const markdown of notes) {
      await show(page, markdown, ".");
      found.push(await page.evaluate(tooWide));
    }
    return found;
  }),
);
