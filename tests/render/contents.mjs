// {html: path, sizes: [[width, height], ...]} -> for each size, folded and then not, where the contents of a page stand at its end and where their links lead:
// {width, height, isOpen, top, bottom, places: [the top of each heading behind its link], back: the top of the place that chapters lead back to}.

import { pathToFileURL } from "node:url";
import { withPage } from "./browser.mjs";
import { answer } from "./stdin.mjs";

async function measured(isOpen) {
  const settled = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const contents = document.querySelector("main > nav");
  contents.querySelector("details").open = isOpen;
  window.scrollTo(0, document.body.scrollHeight);
  await settled();
  const { top, bottom } = contents.getBoundingClientRect();
  const places = [];
  for (const link of contents.querySelectorAll("details a")) {
    link.click();
    await settled();
    places.push(document.getElementById(decodeURIComponent(link.hash.slice(1))).getBoundingClientRect().top);
  }
  document.querySelector(".back a").click();
  await settled();
  return { isOpen, height: window.innerHeight, top, bottom, places, back: contents.getBoundingClientRect().top };
}

await answer(({ html, sizes }) =>
  withPage({ width: 900, height: 900 }, async (page) => {
    const found = [];
    await page.emulateMedia({ reducedMotion: "reduce" }); // else a page takes its time on the way to a place
    for (const [width, height] of sizes)
      for (const isOpen of [false, true]) {
        await page.setViewportSize({ width, height });
        await page.goto(pathToFileURL(html).href);
        found.push({ width, ...(await page.evaluate(measured, isOpen)) });
      }
    return found;
  }),
);
