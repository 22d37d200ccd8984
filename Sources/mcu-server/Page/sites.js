// The sites' cards, in the operator's order, which never changes by itself.
import { changed, desk, may, on, sites } from "./desk.js";
import { byId, rove } from "./dom.js";
import { words } from "./words.js";
import { picksBy } from "./cells.js";
import { Card } from "./card.js";
import { isIll } from "./health.js";
import { addSite } from "./addsite.js";

const cards = new Map();
const list = byId("sites");
const settle = rove(list, ".card");

export function start() {
  picksBy(pick);
  list.addEventListener("focusin", (event) => {
    const card = event.target.closest(".card");
    if (card) pick(card.dataset.site);
  });
  list.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (card && !event.target.closest("button")) card.focus();
  });
  byId("only-ill").addEventListener("change", render);
  byId("add-site").addEventListener("click", addSite);
  for (const topic of ["status", "session", "language", "online", "site"]) on(topic, render);
  on("levels", () => { for (const card of cards.values()) card.updateLevel(); });
}

export function pick(id) {
  if (desk.site === id) return;
  desk.site = id;
  changed("site");
}

export const picked = () => cards.get(desk.site) ?? null;

/** The keyboard goes to the picked card, or to the first. */
export function focus() {
  (picked()?.element ?? list.querySelector(".card"))?.focus();
}

function render() {
  const all = sites();
  const ids = new Set(all.map((each) => each.id));
  for (const [id, card] of [...cards]) {
    if (ids.has(id)) continue;
    card.remove();
    cards.delete(id);
    if (desk.site === id) pick(null);
  }
  all.forEach((site, index) => {
    if (!cards.has(site.id)) cards.set(site.id, new Card(site.id));
    const card = cards.get(site.id);
    if (list.children[index] !== card.element) list.insertBefore(card.element, list.children[index] ?? null);
    card.update();
    card.element.hidden = byId("only-ill").checked && !isIll(site);
    // Buttons are reached by Tab from their own card only.
    const isPicked = desk.site === site.id;
    for (const each of card.element.querySelectorAll("button")) each.tabIndex = isPicked ? 0 : -1;
  });
  list.classList.toggle("is-stale", !desk.online);
  byId("add-site").hidden = !may("administrator");
  byId("add-site").disabled = !desk.online;
  settle();
}
