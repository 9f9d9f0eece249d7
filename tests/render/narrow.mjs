// {html: [path, ...], widths: [pixels, ...]} -> for each file and width:
// {page, width, scroll, outside: [tags beyond the right edge and not in a scroller], cut: [what goes on beyond an edge of its own without a shade there],
// requests, math, images, dark}.

import { pathToFileURL } from "node:url";
import { withPage } from "./browser.mjs";
import { answer } from "./stdin.mjs";

const measure = () => {
  const right = document.documentElement.clientWidth;
  const isClipped = (element) => element.closest(".display, .table, .drawing, .answers, pre, p:has(mtable)") !== null;
  const isCut = (element) => {
    const style = getComputedStyle(element);
    const hides = style.overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1;
    return hides && element.clientWidth > 1 && !(style.overflowX === "auto" && style.backgroundImage.includes("gradient"));
  };
  return {
    scroll: document.documentElement.scrollWidth,
    outside: [...document.querySelectorAll("main *")]
      .filter((element) => element.getBoundingClientRect().right > right + 1 && !isClipped(element))
      .map((element) => element.outerHTML.slice(0, 80)),
    cut: [...document.querySelectorAll("main, main *")].filter(isCut).map((element) => element.outerHTML.slice(0, 80)),
    math: [...document.querySelectorAll("math")].filter((element) => element.getBoundingClientRect().height > 4).length,
    images: [...document.images].every((image) => image.complete && image.naturalWidth > 0),
    background: getComputedStyle(document.body).backgroundColor,
  };
};

await answer(({ html, widths }) =>
  withPage({ width: 900, height: 900 }, async (page) => {
    const found = [];
    const requests = [];
    page.on("request", (request) => request.url().startsWith("data:") || requests.push(request.url()));
    for (const file of html)
      for (const width of widths)
        for (const colorScheme of ["light", "dark"]) {
          requests.length = 0;
          await page.setViewportSize({ width, height: 900 });
          await page.emulateMedia({ colorScheme });
          await page.goto(pathToFileURL(file).href);
          found.push({ page: file, width, colorScheme, ...(await page.evaluate(measure)), requests: requests.length });
        }
    return found;
  }),
);
