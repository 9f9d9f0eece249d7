// {html, width, media, steps: ["point 7", "away", "click 7", "key Tab", "press to its origin", "tap 7", "shot file.png", ...]} -> what a reader has before the first
// step and after each: the number in `here`, those that are marked, as [text, quantity, place on the page], what is said, the buttons that can be pressed,
// labels, the scrolled width. 7 is the seventh number that can be followed.

import { pathToFileURL } from "node:url";
import { withPage } from "./browser.mjs";
import { answer } from "./stdin.mjs";

function state() {
  const all = [...document.querySelectorAll("mn[data-o], mn[data-g], mn[data-u], mn[data-s]")];
  const told = (each) => ({ text: each.textContent, ...each.dataset, at: all.indexOf(each), line: getComputedStyle(each).outlineStyle });
  const marked = (kind) => all.filter((each) => each.classList.contains(kind)).map(told);
  const bar = document.querySelector("#follow"), box = bar?.getBoundingClientRect(), here = document.querySelector("mn.here"), place = here?.getBoundingClientRect();
  return {
    numbers: all.length,
    here: here ? told(here) : null,
    isFocused: !!here && document.activeElement === here,
    isSeen: !!place && place.top >= 0 && place.bottom <= box.top && place.left >= 0 && place.right <= innerWidth,
    worked: marked("worked"), used: marked("used"), said: marked("said"),
    told: bar?.className === "on" ? bar.querySelector("[role=status]").innerText : "",
    buttons: [...document.querySelectorAll("#follow button")].filter((each) => !each.disabled).map((each) => each.textContent),
    labels: [...document.querySelectorAll(".follow-label")].map((each) => each.textContent),
    stops: all.filter((each) => each.tabIndex === 0).length,
    isHinted: [...document.querySelectorAll(".follow-hint")].some((each) => each.offsetHeight > 0),
    isBarSeen: !!bar && bar.offsetHeight > 0 && bar.className === "on",
    scroll: document.documentElement.scrollWidth,
  };
}

const settled = async (page) => {
  for (let last = -1, now = 0; last !== now; ) {      // a smooth way takes its time
    last = await page.evaluate("scrollY");
    await page.waitForTimeout(120);
    now = await page.evaluate("scrollY");
  }
};

await answer(({ html, width, media, script, steps }) =>
  withPage({ width, height: 800 }, async (page) => {
    const errors = [], found = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.emulateMedia(media ?? {});
    await page.goto(pathToFileURL(html).href);
    const numbers = page.locator("mn[data-o], mn[data-g], mn[data-u], mn[data-s]");
    const acts = {
      point: (at) => numbers.nth(+at).hover(),
      away: () => page.mouse.move(1, 1),
      click: (at) => numbers.nth(+at).click(),
      focus: (at) => numbers.nth(+at).focus(),
      key: (key) => page.keyboard.press(key),
      press: (name) => page.getByRole("button", { name, exact: true }).click(),
      print: () => page.emulateMedia({ media: "print" }),
      shot: (path) => page.screenshot({ path }),
    };
    found.push(await page.evaluate(state));
    for (const step of steps) {
      const [act, ...rest] = step.split(" ");
      await acts[act](rest.join(" "));
      await settled(page);
      found.push(await page.evaluate(state));
    }
    return { found, errors };
  }),
);
