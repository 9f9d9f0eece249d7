// {html: [path, ...], looks: [[pixels, "light" or "dark"], ...]} -> for each file and look what axe-core has against it:
// {page, width, colorScheme, passes, violations: ["rule: element", ...]}, with every rule that axe turns on by itself.

import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { moduleFile, withPage } from "./browser.mjs";
import { answer } from "./stdin.mjs";

async function judged() {
  const { passes, violations } = await axe.run(document, { resultTypes: ["violations"] });
  return {
    passes: passes.map(({ id }) => id),
    violations: violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 100)}`)),
  };
}

await answer(({ html, looks }) =>
  withPage({ width: 900, height: 900 }, async (page) => {
    const axe = await readFile(new URL(moduleFile("axe-core/axe.min.js")), "utf8");
    const found = [];
    for (const file of html) {
      await page.goto(pathToFileURL(file).href);
      await page.evaluate(axe);      // not as a script of the page, which allows none
      for (const [width, colorScheme] of looks) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        found.push({ page: file, width, colorScheme, ...(await page.evaluate(judged)) });
      }
    }
    return found;
  }),
);
