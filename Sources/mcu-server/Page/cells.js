// The cells over a program's picture: where a site is dropped, or put by a key.
import { desk, may, on, siteName } from "./desk.js";
import { byId, make, rove, setAttribute, setText } from "./dom.js";
import { words } from "./words.js";

/** What is dragged: the type under which a card carries its site's id. */
export const siteType = "application/x-mcu-site";

/**
 * @param box the element that lies over the picture
 * @param put called with (site, cell index), and `free` with the cell's index, when an operator says so
 */
export class CellOverlay {
  constructor(box, { put, free }) {
    this.box = box;
    this.put = put;
    this.free = free;
    this.settle = rove(box, ".cell");
    box.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param cells in fractions of the canvas, each with `site` and `pinned` */
  show(cells) {
    while (this.box.children.length > cells.length) this.box.lastChild.remove();
    while (this.box.children.length < cells.length) this.box.append(this.make(this.box.children.length));
    setAttribute(this.box, "aria-label", words().cells);
    cells.forEach((cell, index) => {
      const element = this.box.children[index];
      for (const [key, value] of [["left", cell.x], ["top", cell.y], ["width", cell.width], ["height", cell.height]]) {
        const percent = `${(100 * value).toFixed(3)}%`;
        if (element.style[key] !== percent) element.style[key] = percent;
      }
      const name = cell.site ? siteName(cell.site) : "";
      setAttribute(element, "aria-label", words().cell(index + 1, name) + (cell.pinned ? `, ${words().pinned}` : ""));
      element.title = element.getAttribute("aria-label");
      element.dataset.site = cell.site ?? "";
      element.classList.toggle("is-pinned", cell.pinned === true);
      element.classList.toggle("is-empty", !cell.site);
      element.classList.toggle("is-picked", cell.site != null && cell.site === desk.site);
      const unpin = element.querySelector(".unpin");
      unpin.hidden = cell.pinned !== true || !may("operator");
      unpin.title = words().unpin(index + 1);
    });
    this.settle();
  }

  make(index) {
    // The cross is for the mouse: the keyboard has Delete.
    const element = make("div", { class: "cell", role: "button", tabIndex: -1, "data-cell": index },
      make("span", { class: "cell-number", text: String(index + 1), "aria-hidden": "true" }),
      make("button", {
        type: "button", class: "unpin", text: "×", tabIndex: -1, "aria-hidden": "true",
        onclick: (event) => {
          event.stopPropagation();
          this.free(index);
        },
      }));
    element.addEventListener("click", () => pick(element.dataset.site || null));
    element.addEventListener("dragover", (event) => {
      if (!may("operator") || !event.dataTransfer.types.includes(siteType)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      element.classList.add("is-over");
    });
    element.addEventListener("dragleave", () => element.classList.remove("is-over"));
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      element.classList.remove("is-over");
      const id = event.dataTransfer.getData(siteType);
      if (id && may("operator")) this.put(id, index);
    });
    return element;
  }

  key(event) {
    const element = event.target.closest(".cell");
    if (!element || event.target !== element) return;
    const index = Number(element.dataset.cell);
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (desk.site && desk.site !== element.dataset.site && may("operator")) this.put(desk.site, index);
      else pick(element.dataset.site || null);
    } else if ((event.key === "Delete" || event.key === "Backspace") && may("operator")) {
      event.preventDefault();
      this.free(index);
    }
  }
}

let pick = () => {};
/** Says what picks a site: the cards do. */
export function picksBy(function_) {
  pick = function_;
}

/** Numbers typed one after the other: 1 then 2 is cell 12 where there are so many. */
export class CellNumbers {
  constructor(done) {
    this.done = done;
    this.digits = "";
    on("site", () => this.clear());
  }

  type(digit, count) {
    clearTimeout(this.timer);
    this.digits += digit;
    const number = Number(this.digits);
    if (number < 1) return this.clear();
    setText(byId("typed"), words().typed(this.digits, siteName(desk.site)));
    if (number * 10 > count) return this.finish();
    this.timer = setTimeout(() => this.finish(), 900);
    return undefined;
  }

  finish() {
    const number = Number(this.digits);
    this.clear();
    if (number >= 1) this.done(number - 1);
  }

  clear() {
    clearTimeout(this.timer);
    this.digits = "";
    setText(byId("typed"), "");
  }
}
