// {html: path, width, asked: {medium: [selector, property]}} -> {medium: the property of the first such element, as the browser computes it}.

import { pathToFileURL } from "node:url";
import { withPage } from "./browser.mjs";
import { answer } from "./stdin.mjs";

await answer(({ html, width, asked }) =>
  withPage({ width, height: 900 }, async (page) => {
    await page.goto(pathToFileURL(html).href);
    const found = {};
    for (const [media, [selector, property]] of Object.entries(asked)) {
      await page.emulateMedia({ media });
      found[media] = await page.evaluate(([selector, property]) => getComputedStyle(document.querySelector(selector))[property], [selector, property]);
    }
    return found;
  }),
);
