// The panels below the stage: one is open.
import { desk, changed, on } from "./desk.js";
import { byId, make, rove, setAttribute } from "./dom.js";
import { words } from "./words.js";

const panels = [...document.querySelectorAll(".panel")];
const box = byId("panel-tabs");
const settle = rove(box, "button");
const kept = localStorage.getItem("panel");
let open = panels.some((each) => each.dataset.tab === kept) ? kept : "log";
/** By tab: whether this bridge, and this session's role, have it. */
const conditions = {};

/** @param when tells whether the panel is there at all */
export function add(tab, when) {
  conditions[tab] = when;
}

export const isShown = (tab) => open === tab && !document.hidden && desk.online;

export function show(tab) {
  open = tab;
  localStorage.setItem("panel", tab);
  render();
  changed("panel");
}

export function start() {
  for (const topic of ["session", "language", "missing"]) on(topic, render);
  render();
}

function render() {
  const there = panels.filter((each) => conditions[each.dataset.tab]?.() ?? true);
  if (!there.some((each) => each.dataset.tab === open)) open = there[0]?.dataset.tab;
  const key = JSON.stringify([there.map((each) => each.id), words().language]);
  if (box.dataset.key !== key) {
    box.dataset.key = key;
    box.replaceChildren(...there.map((panel) => make("button", {
      type: "button", role: "tab", id: `tab-${panel.id}`, "aria-controls": panel.id, tabIndex: -1,
      "data-tab": panel.dataset.tab, text: words()[panel.dataset.tab], onclick: () => show(panel.dataset.tab),
    })));
  }
  for (const panel of panels) {
    panel.hidden = panel.dataset.tab !== open;
    setAttribute(panel, "aria-labelledby", `tab-${panel.id}`);
  }
  for (const tab of box.children) setAttribute(tab, "aria-selected", tab.dataset.tab === open);
  settle();
}
