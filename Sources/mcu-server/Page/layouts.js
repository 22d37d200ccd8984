// Layouts: their cells, their small pictures, and the buttons that choose them.
import { desk, may, on, program } from "./desk.js";
import { byId, drawn, make, rove, setAttribute } from "./dom.js";
import { words } from "./words.js";
import { act, stagedLayout } from "./commands.js";
import { ask } from "./dialogs.js";

const rolesOfOwn = new Set(["*", "."]);

/** The cells of a layout by name or drawing, in fractions of the canvas; null if it isn't known here. */
export function cellsOf(layout) {
  const named = desk.session?.layouts.find((each) => each.name === layout);
  if (named) return named.cells.length > 0 ? named.cells : null;
  return cellsOfDrawing(layout);
}

/** Reads `A A speaker / A A gia-binh / * * *`; null if it is no drawing. */
export function cellsOfDrawing(text) {
  const rows = text.trim().split(/[/\n]/).map((row) => row.trim().split(/\s+/));
  const columns = rows[0].length;
  if (rows.some((row) => row.length !== columns || row[0] === "")) return null;
  const cells = [];
  const seen = new Set();
  rows.forEach((row, y) => row.forEach((role, x) => {
    if (seen.has(role)) return;
    let [left, right, bottom] = [x, x, y];
    if (!rolesOfOwn.has(role)) {
      seen.add(role);
      rows.forEach((other, j) => other.forEach((token, i) => {
        if (token !== role) return;
        left = Math.min(left, i);
        right = Math.max(right, i);
        bottom = Math.max(bottom, j);
      }));
    }
    cells.push({
      x: left / columns, y: y / rows.length, width: (right - left + 1) / columns,
      height: (bottom - y + 1) / rows.length, role,
    });
  }));
  return cells;
}

export const layoutName = (name) => words().layoutNames[name] ?? name;

/** A layout as a small picture. */
export function picture(cells) {
  const image = drawn("svg", { class: "layout-picture", viewBox: "0 0 64 36", "aria-hidden": "true" });
  if (!cells) {
    image.append(drawn("rect", { x: 1, y: 1, width: 62, height: 34, rx: 2, class: "layout-cell" }),
      drawn("path", { d: "M22 24l10-14 10 14M26 19h12", class: "layout-mark" }));
    return image;
  }
  for (const cell of cells) {
    if (cell.role === ".") continue;
    image.append(drawn("rect", {
      x: 64 * cell.x + 1, y: 36 * cell.y + 1, width: Math.max(1, 64 * cell.width - 2),
      height: Math.max(1, 36 * cell.height - 2), rx: 1.5,
      class: cell.role === "*" ? "layout-cell" : "layout-cell layout-cell-large",
    }));
  }
  return image;
}

export function start() {
  const box = byId("layouts");
  const settle = rove(box, "button");
  const choose = (layout) => act({ command: "layout", layout, program: desk.program });

  function build() {
    const known = desk.session?.layouts ?? [];
    byId("layouts-tool").hidden = known.length === 0;
    box.replaceChildren(...known.map(({ name, cells }) => make("button", {
      type: "button", class: "layout", "data-layout": name, title: layoutName(name), tabIndex: -1,
      disabled: !may("operator"), onclick: () => choose(name),
    }, picture(cells.length > 0 ? cells : null), make("span", { text: layoutName(name) }))));
    if (known.length > 0 && may("operator")) box.append(make("button", {
      type: "button", class: "layout layout-free", tabIndex: -1, onclick: draw,
    }, picture(null), make("span", { text: words().freeLayout })));
    mark();
    settle();
  }

  async function draw() {
    const drawing = await ask({
      title: words().freeLayoutTitle, text: words().freeLayoutHelp, input: program()?.layout ?? "",
      sample: (text) => picture(cellsOfDrawing(text)),
    });
    if (drawing?.trim()) choose(drawing.trim().replace(/\s*\n\s*/g, " / "));
  }

  function mark() {
    const chosen = program()?.layout;
    const staged = stagedLayout(desk.program);
    for (const button of box.children) {
      setAttribute(button, "aria-pressed", button.dataset.layout === chosen);
      button.classList.toggle("is-staged", button.dataset.layout !== undefined && button.dataset.layout === staged);
    }
  }

  on("session", build);
  on("language", build);
  for (const topic of ["status", "program", "staged"]) on(topic, mark);
}
