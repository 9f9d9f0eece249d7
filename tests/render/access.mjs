// {html: [path, ...], looks: [[pixels, "light" or "dark"], ...]} -> for each file and look what axe-core has against it:
// {page, width, colorScheme, passes, violations: ["rule: element", ...]}, with every rule that axe turns on by itself.
// {html: [path, ...]} alone -> for each file what Chromium gives to a screen reader, in order: [{role, name, inside: [role, ...]}, ...],
// `inside` from the page inwards; what it ignores is not there.

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

async function heard(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const found = [];
  const walk = (node, inside) => {
    const role = node.role?.value;
    if (!node.ignored) found.push({ role, name: node.name?.value ?? "", inside });
    for (const id of node.childIds ?? []) if (byId.has(id)) walk(byId.get(id), node.ignored ? inside : [...inside, role]);
  };
  walk(nodes[0], []);
  return found;
}

await answer(({ html, looks }) =>
  withPage({ width: 900, height: 900 }, async (page) => {
    const axe = await readFile(new URL(moduleFile("axe-core/axe.min.js")), "utf8");
    const found = [];
    for (const file of html) {
      await page.goto(pathToFileURL(file).href);
      if (!looks) {
        found.push(await heard(page));
        continue;
      }
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
