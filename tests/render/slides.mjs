// {html: [path, ...], sizes: [[width, height], ...]} -> for each deck and size: {page, width, requests, errors, slides:
// [{heading, fit, outside: [what lies beyond the slide's text block], aside: entries of matrices that are off centre}]};  {html: [path], keys: [key, ...]} -> [{hash, place, heading,
// shown: slides in sight, later: parts still covered}] before the first and after every key ("click:x" clicks at x);
// {html: [path], print: file} -> the deck as the browser prints it.

import { pathToFileURL } from "node:url";
import { withPage } from "./browser.mjs";
import { answer } from "./stdin.mjs";

const measure = () =>
  [...document.querySelectorAll(".slide")].map((slide, at) => {
    show(at, Infinity);
    const body = slide.querySelector(".body"), room = body.getBoundingClientRect(), sheet = slide.getBoundingClientRect();
    const isOut = (element) => {
      const box = element.getBoundingClientRect();
      if (!box.width && !box.height) return false;
      if (element === slide) return box.right > innerWidth + 1 || box.bottom > innerHeight + 1;
      return box.left < room.left - 1 || box.right > room.right + 1 || box.bottom > room.bottom + 1 || box.bottom > sheet.bottom || box.top < sheet.top;
    };
    // entries of a matrix that do not stand in the middle of their column
    const isAside = (cell) => {
      const room = cell.getBoundingClientRect(), own = [...cell.children].map((each) => each.getBoundingClientRect());
      return own.length > 0 && Math.abs(own[0].left - room.left - room.right + own.at(-1).right) > 3;
    };
    const heading = slide.querySelector("h1, h2");
    return {
      aside: [...slide.querySelectorAll('mtd mtd[columnalign="center"]')].filter(isAside).length,
      heading: heading.textContent, fit: parseFloat(body.style.getPropertyValue("--fit") || "1"),
      outside: [slide, heading, ...slide.querySelectorAll(".body *:not(svg *, annotation)")].filter(isOut).map((element) => element.outerHTML.slice(0, 80)),
    };
  });

const state = () => {
  const inSight = [...document.querySelectorAll(".slide")].filter((slide) => getComputedStyle(slide).display !== "none");
  return { hash: location.hash, place: document.getElementById("place").textContent, shown: inSight.length,
           later: [...inSight[0].querySelectorAll(".later")].filter((part) => getComputedStyle(part).visibility === "hidden").length,
           heading: inSight[0].querySelector("h1, h2").textContent };
};

await answer(({ html, sizes = [], keys, print }) =>
  withPage({ width: 1280, height: 720 }, async (page) => {
    const found = [], requests = [], errors = [];
    page.on("request", (request) => request.url().startsWith("data:") || requests.push(request.url()));
    page.on("pageerror", (error) => errors.push(String(error)));
    const open = async (file) => {
      requests.length = 0;
      await page.goto(pathToFileURL(file).href);
      await page.evaluate(() => document.fonts.ready.then(() => new Promise(requestAnimationFrame)));
    };
    for (const file of html)
      for (const [width, height] of sizes) {
        await page.setViewportSize({ width, height });
        await open(file);
        found.push({ page: file, width, slides: await page.evaluate(measure), requests: requests.length, errors: [...errors] });
      }
    if (keys) {
      await open(html[0]);
      found.push(await page.evaluate(state));
      for (const key of keys) {
        if (key.startsWith("click:")) await page.mouse.click(Number(key.slice(6)), 400);
        else if (key.startsWith("#")) await page.evaluate((hash) => (location.hash = hash), key).then(() => page.waitForTimeout(50));
        else await page.keyboard.press(key);
        found.push(await page.evaluate(state));
      }
    }
    if (print) {
      await open(html[0]);
      await page.pdf({ path: print, preferCSSPageSize: true, printBackground: true });
    }
    return found;
  }),
);
