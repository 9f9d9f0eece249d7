// One slide at a time, its lines uncovered one by one. Keys, buttons, a click, and the address (#5) lead through the deck.
"use strict";
const slides = [...document.querySelectorAll(".slide")];
const hasSteps = "steps" in document.querySelector("main").dataset;
let here = 0, seen = 0;

// What is uncovered together: after the first formula each block with what leads to it, and each row of a chain.
function stepsOf(slide) {
  const steps = [];
  let isFirst = true, leads = [];
  for (const block of slide.querySelectorAll(".body > :not(.columns), .column > *")) {
    const isDisplay = block.matches(".display");
    if (isFirst && !isDisplay) continue;
    leads.push(block);
    if (!isDisplay && block.nextElementSibling?.matches(".display")) continue;
    if (!isFirst) steps.push(leads);
    leads = [];
    isFirst = false;
    for (const row of [...block.querySelectorAll(":scope > math > semantics > mtable > mtr")].slice(1))      // of a chain, not of a matrix
      if (row.lastElementChild.firstElementChild?.matches("mspace")) steps.at(-1)?.push(row);
      else steps.push([row]);
  }
  return hasSteps ? steps : [];
}
const steps = slides.map(stepsOf);

function show(slide, step) {
  here = Math.max(0, Math.min(slide, slides.length - 1));
  seen = Math.max(0, Math.min(step, steps[here].length));
  slides.forEach((each, at) => each.classList.toggle("here", at === here));
  fit(slides[here]);
  steps[here].forEach((parts, at) => parts.forEach((part) => part.classList.toggle("later", at >= seen)));
  document.getElementById("place").textContent = `${here + 1} / ${slides.length}`;
  document.documentElement.style.setProperty("--done", `${(100 * (here + 1)) / slides.length}%`);
  if (location.hash !== `#${here + 1}`) history.replaceState(null, "", `#${here + 1}`);
}
const on = () => (seen < steps[here].length ? show(here, seen + 1) : here + 1 < slides.length && show(here + 1, 0));
const back = () => (seen ? show(here, seen - 1) : here && show(here - 1, Infinity));
const moves = { ArrowRight: on, ArrowDown: on, PageDown: on, " ": on, Enter: on, ArrowLeft: back, ArrowUp: back, PageUp: back, Backspace: back,
                Home: () => show(0, 0), End: () => show(slides.length - 1, Infinity), f: () => document.documentElement.requestFullscreen?.() };

addEventListener("keydown", (event) => {
  const move = event.shiftKey && event.key === " " ? back : moves[event.key];
  if (!move || event.ctrlKey || event.altKey || event.metaKey || (event.target.matches("button, a, input") && [" ", "Enter"].includes(event.key))) return;
  event.preventDefault();
  move();
});
addEventListener("click", (event) => {
  if (event.target.closest("button")) (event.target.closest("#back") ? back : on)();
  else if (!event.target.closest("a, label") && getSelection().isCollapsed) (event.clientX < innerWidth / 3 ? back : on)();
});
const fromAddress = () => show((parseInt(location.hash.slice(1)) || 1) - 1, 0);
addEventListener("hashchange", fromAddress);

// What is higher or wider than a slide, or set in another font than ours, is set smaller, as little as will do; a heading too, to stand on one line.
const fitted = new Set();
function fit(slide) {
  if (fitted.has(slide)) return;
  fitted.add(slide);
  const head = slide.querySelector("h2");
  for (let size = 1.25; head && size > 0.88 && head.offsetHeight > 1.5 * parseFloat(getComputedStyle(head).fontSize); size -= 0.05)
    head.style.fontSize = `${size}em`;
  const body = slide.querySelector(".body");
  for (let size = 1, share = 0; share < 1 && size > 0.2; size *= share) {
    body.style.setProperty("--fit", size);
    const room = body.getBoundingClientRect();
    share = Math.min(...[...body.querySelectorAll(":scope > *, math, table")].map((each) => {
      const box = each.getBoundingClientRect(), place = (each.closest(".column") ?? body).getBoundingClientRect();
      return Math.min((room.height + 1) / (box.bottom - room.top), (place.width + 1) / (box.right - place.left));
    }), 1);
    if (share < 1) share = Math.min(Math.max(share, 0.97), 0.99);      // in small steps: narrower words take fewer lines
  }
}
addEventListener("beforeprint", () => slides.forEach((slide) => { slide.classList.add("here"); fit(slide); }));
addEventListener("afterprint", () => show(here, seen));

document.documentElement.classList.add("deck");
document.fonts.ready.then(fromAddress);
