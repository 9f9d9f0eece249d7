// {note, picture, width, slice} -> [picture file, ...]: a note as a lecturer sees it, in PNGs of at most `slice` pixels height.
// `note` is a Markdown file; its relative images are looked up beside it.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { withPage } from "./browser.mjs";
import { show } from "./note.mjs";
import { answer } from "./stdin.mjs";

async function slices(page, { picture, width, slice }) {
  const height = await page.evaluate(() => Math.ceil(document.documentElement.getBoundingClientRect().height));
  if (!slice || height <= slice) {
    await page.screenshot({ path: picture, fullPage: true });
    return [picture];
  }
  const { dir, name, ext } = path.parse(picture);
  const files = [];
  for (let top = 0; top < height; top += slice) {
    const file = path.join(dir, `${name}-${files.length + 1}${ext}`);
    await page.screenshot({ path: file, fullPage: true, clip: { x: 0, y: top, width, height: Math.min(slice, height - top) } });
    files.push(file);
  }
  return files;
}

await answer(({ note, picture, width, slice }) =>
  withPage({ width, height: 300 }, async (page) => {
    await show(page, await readFile(note, "utf8"), path.dirname(path.resolve(note)));
    return slices(page, { picture, width, slice });
  }),
);
