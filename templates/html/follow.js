// Pointing at a number marks where it was worked out and where it is used; keys and buttons lead there. Without this script the numbers are only numbers.
"use strict";
{
  const select = (selector) => [...document.querySelectorAll(selector)], been = [];
  const all = select("mn[data-o], mn[data-g], mn[data-u], mn[data-s]"), buttons = select("#follow button"), [hint, bar] = select(".follow-hint, #follow");
  const words = bar.dataset, isAfter = (one, other) => one.compareDocumentPosition(other) & 4, formula = (number) => number.closest("math");
  const firsts = (numbers) => numbers.filter((each, at) => !at || formula(each) !== formula(numbers[at - 1]));      // of each formula
  let here, way, isKept;

  function clear() {
    all.forEach((each) => each.removeAttribute("class"));
    select(".follow-label").forEach((each) => each.remove());
    buttons.forEach((each) => (each.disabled = true));
    bar.className = here = isKept = "";
  }
  function mark(numbers, kind) {
    numbers.forEach((each) => each.classList.add(kind === "given" ? "worked" : kind));
    for (const number of firsts(numbers)) {
      const { left, right, top } = number.getBoundingClientRect(), room = number.closest(".display, .table")?.getBoundingClientRect();
      if (number === here || right > room?.right + 1 || left < room?.left - 1) continue;
      const label = document.createElement("span");
      document.body.append(label);
      Object.assign(label, { className: "follow-label", ariaHidden: "true", textContent: words[kind + "Label"] });
      const edge = document.body.clientWidth - label.offsetWidth, beside = formula(number).getBoundingClientRect().right + 8, isBeside = number.closest(".display") && beside < edge;
      label.style.left = (isBeside ? beside : Math.min(left, edge)) + scrollX + "px";
      label.style.top = top + scrollY - (isBeside ? 0 : label.offsetHeight + 3) + "px";
    }
  }
  // A number that is put in or said again has an origin; of one that is worked out here the uses are its own, else those of what was put in.
  function show(number, keep) {
    clear();
    const { o, g, u, s } = number.dataset, key = u ?? s ?? o ?? g;
    const of = (key, kinds) => all.filter(({ dataset }) => [...kinds].some((kind) => dataset[kind] === key));
    const [origin] = of(key, "og"), used = of(o ?? key, "u"), places = firsts(used).filter((each) => formula(each) !== formula(number));
    const came = origin?.dataset.g ? "given" : "worked", count = places.length;
    const where = origin && select("h1, h2, h3, h4").findLast((each) => isAfter(each, origin))?.innerText;
    way = { origin, next: places.find((each) => isAfter(number, each)) ?? places[0] };
    [here, isKept, bar.className] = [number, keep, "on"];
    const told = of(key, "ogus").find(({ dataset }) => dataset.n).dataset.n + ": " + (where ? words[came].replace("#", where) + ", " : "");
    bar.firstElementChild.textContent = told + words[count > 1 ? "used" : count ? "once" : "never"].replace("#", count);
    mark(of(o ?? key, "s"), "said");
    mark(used, "used");
    if (origin) mark([origin], came);
    number.classList.add("here");
    [origin && origin !== here, count, been.length, true].forEach((isOn, at) => (buttons[at].disabled = !isOn));
  }
  function go(number, from) {
    if (number && from) been.push(from);
    number?.focus({ preventScroll: true });
    number?.scrollIntoView({ block: "center", inline: "nearest" });
  }
  const keys = {
    Enter: () => go(way.origin && way.origin !== here ? way.origin : way.next, here),
    " ": () => go(way.next, here),
    Backspace: () => go(been.pop()),
    Escape: () => { document.activeElement.blur(); clear(); },
    ArrowRight: () => go(all[all.indexOf(here) + 1]),
    ArrowLeft: () => go(all[all.indexOf(here) - 1]),
  };
  const on = (kind, act) => addEventListener(kind, (event) => act(event, all.find((each) => each === event.target)), true);
  on("pointerover", (_, number) => !isKept && number && show(number));
  on("pointerout", () => !isKept && clear());
  on("focusin", (_, number) => {
    if (!number) return;
    // Tab reaches one number of each formula, the last one that was there; the arrows reach the others.
    all.forEach((each) => formula(each) === formula(number) && (each.tabIndex = each === number ? 0 : -1));
    show(number, true);
  });
  on("focusout", ({ relatedTarget }) => isKept && !bar.contains(relatedTarget) && clear());
  on("keydown", (event, number) => {
    const act = here && !event.ctrlKey && !event.altKey && !event.metaKey && (number || event.key === "Escape") && keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  on("scroll", ({ target }) => here && target !== document && show(here, isKept));
  on("resize", () => here && show(here, isKept));
  bar.onpointerdown = (event) => event.preventDefault();      // the number keeps the focus
  bar.onclick = ({ target }) => here && keys[target.dataset.key]?.();
  all.forEach((each, at) => (each.tabIndex = at && formula(each) === formula(all[at - 1]) ? -1 : 0));
  select("h1")[0]?.after(hint);
  hint.hidden = bar.hidden = false;
  clear();
}
