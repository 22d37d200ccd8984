// The keys of the whole page.
import { desk, may } from "./desk.js";
import { byId } from "./dom.js";
import { take, undo } from "./commands.js";
import { help, isOpen } from "./dialogs.js";
import { forgetDigits, prepare, typeDigit } from "./programs.js";
import { focus, pick, picked } from "./sites.js";

const toSite = {
  m: (card) => card.toggleMute(), c: (card) => card.toggleCall(), l: (card) => card.toggleLecture(),
  k: (card) => card.refresh_(), d: (card) => card.toggleOff(), "[": (card) => card.changeGain(-1),
  "]": (card) => card.changeGain(1),
};

const anywhere = {
  "?": help,
  s: focus,
  b: () => (byId("layouts").querySelector("[aria-pressed=true]") ?? byId("layouts").firstChild)?.focus(),
  o: () => byId(desk.preparing ? "staged-cells" : "live-cells").querySelector(".cell")?.focus(),
  p: () => prepare(!desk.preparing),
  t: take,
  u: undo,
  f: () => byId("large").click(),
  n: () => byId("bright").click(),
  // A card that kept the focus would look picked, and obey no key.
  Escape: () => { forgetDigits(); document.activeElement.blur(); pick(null); },
};

export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isOpen()) return;
    if (event.target.matches("input, textarea, select") && event.target.type !== "checkbox") {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    // A key held down repeats: gain may, the others must not.
    if (event.repeat && key !== "[" && key !== "]") return;
    if (/^[0-9]$/.test(key)) return typeDigit(key);
    const card = picked();
    const action = toSite[key] && card && may("operator") && desk.online ? () => toSite[key](card) : anywhere[key];
    if (!action) return undefined;
    event.preventDefault();
    return void action();
  });
}
