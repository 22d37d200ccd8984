// The stage: each program's moving picture with its cells, what is prepared beside it, take and undo.
import { desk, changed, may, on, program, site } from "./desk.js";
import { byId, make, rove, setAttribute, setText } from "./dom.js";
import { programName, words } from "./words.js";
import { request } from "./api.js";
import {
  act, actNow, canStage, describe, discard, readStaged, setStaged, stage, stagedLayout, take, undo,
} from "./commands.js";
import { CellNumbers, CellOverlay } from "./cells.js";
import { cellsOf, layoutName } from "./layouts.js";
import { notify } from "./notices.js";
import * as previews from "./previews.js";

let live;
let prepared;
let numbers;

export function start() {
  const to = (way) => ({
    put: (site, cell) => way({ command: "pin", site, program: desk.program, cell }),
    free: (cell) => way({ command: "unpin", program: desk.program, cell }),
  });
  live = new CellOverlay(byId("live-cells"), to(actNow));
  prepared = new CellOverlay(byId("staged-cells"), to(stage));
  numbers = new CellNumbers((cell) => pinPicked(cell));
  previews.start();
  byId("mode-now").addEventListener("click", () => prepare(false));
  byId("mode-prepare").addEventListener("click", () => prepare(true));
  byId("take").addEventListener("click", take);
  byId("discard").addEventListener("click", discard);
  byId("undo").addEventListener("click", undo);
  for (const topic of ["session", "language"]) on(topic, buildTabs);
  for (const topic of ["session", "status", "program", "staged", "site", "language", "online", "missing"]) on(topic, render);
  for (const topic of ["staged", "program"]) on(topic, () => byId("staged-picture").classList.add("is-stale"));
  for (const topic of ["staged", "program", "online"]) on(topic, showStagedPicture);
  on("online", () => { if (desk.online) readStaged().catch(() => {}); });
  setInterval(() => {
    if (!desk.online || document.hidden) return;
    readStaged().catch(() => {});
    if (desk.preparing || desk.staged) showStagedPicture();
  }, 3_000);
}

// MARK: Programs

const settleTabs = rove(byId("program-tabs"), "button");

function buildTabs() {
  const ids = desk.session?.programs ?? [];
  const box = byId("program-tabs");
  box.hidden = ids.length < 2;
  for (const canvas of box.querySelectorAll("canvas")) previews.hide(canvas);
  box.replaceChildren(...ids.map((id) => {
    const canvas = make("canvas", { width: 160, height: 90, "aria-hidden": "true" });
    if (ids.length > 1) previews.show(id, canvas);
    return make("button", {
      type: "button", role: "tab", class: "program-tab", "data-program": id, tabIndex: -1, onclick: () => choose(id),
    }, canvas, make("span", { text: programName(id) }));
  }));
  settleTabs();
  if (desk.program) previews.show(desk.program, byId("live"));
  mark();
}

export function choose(id) {
  desk.program = id;
  previews.show(id, byId("live"));
  changed("program");
  mark();
}

function mark() {
  for (const tab of byId("program-tabs").children) {
    setAttribute(tab, "aria-selected", tab.dataset.program === desk.program);
  }
}

// MARK: Cells

/** A program's cells in fractions of its canvas. */
export function liveCells(id = desk.program) {
  const cells = program(id)?.cells ?? [];
  const right = Math.max(1, ...cells.map((cell) => cell.x + cell.width));
  const bottom = Math.max(1, ...cells.map((cell) => cell.y + cell.height));
  // Where the last column or row is blank, the picture's shape says how far the canvas goes.
  const shape = previews.shape(id) ?? 16 / 9;
  const width = program(id)?.width ?? Math.max(right, bottom * shape);
  const height = program(id)?.height ?? Math.max(bottom, right / shape);
  return cells.map((cell) => ({
    ...cell, x: cell.x / width, y: cell.y / height, width: cell.width / width, height: cell.height / height,
  }));
}

/** What the layout alone doesn't decide: who is where may change with these. */
const moves = new Set(["lecturer", "call-up", "slides", "hub"]);

/**
 * The cells once what is staged is taken; none where the page can't know them. Those that the bridge fills have no site here.
 */
export function stagedCells() {
  let cells = liveCells().map((cell) => ({ ...cell, site: cell.site ?? null, pinned: cell.pinned === true }));
  for (const command of desk.staged ?? []) {
    // The bridge alone knows what a preset has.
    if (command.command === "preset") cells = [];
    else if (moves.has(command.command)) {
      for (const cell of cells) if (!cell.pinned) cell.site = null;
    } else if (command.program === desk.program) {
      if (command.command === "layout") cells = emptyCells(command.layout);
      else pinStaged(command, cells);
    }
  }
  return cells;
}

function emptyCells(layout) {
  return (cellsOf(layout) ?? []).map((cell) => ({ ...cell, site: site(cell.role) ? cell.role : null, pinned: false }));
}

function pinStaged({ command, site, cell }, cells) {
  if (!cells[cell]) return;
  if (command === "pin") {
    for (const each of cells) if (each.site === site) Object.assign(each, { site: null, pinned: false });
    Object.assign(cells[cell], { site, pinned: true });
  } else if (command === "unpin") Object.assign(cells[cell], { site: null, pinned: false });
}

/** Puts the picked site into a cell: of what is prepared, while the operator prepares. */
function pinPicked(cell) {
  const cells = desk.preparing ? stagedCells() : liveCells();
  if (cells.length === 0) return notify(words().cellsUnknown, "error");
  if (cell >= cells.length) return notify(words().noCell(cell + 1), "error");
  return pin(desk.site, cell);
}

export const pin = (site, cell) => act({ command: "pin", site, program: desk.program, cell });

export function typeDigit(digit) {
  if (!desk.site || !may("operator")) return;
  numbers.type(digit, (desk.preparing ? stagedCells() : liveCells()).length);
}

export const forgetDigits = () => numbers.clear();

// MARK: What is prepared

export function prepare(isOn) {
  desk.preparing = isOn && canStage();
  render();
  if (desk.preparing) showStagedPicture();
}

function render() {
  const say = words();
  const now = program();
  setAttribute(byId("live"), "aria-label", say.previewOf(programName(desk.program)));
  live.show(liveCells());
  setText(byId("live-layout"), now ? layoutName(now.layout) : "");
  setText(byId("live-note"), !now ? say.noPicture : "");
  const shows = canStage() && (desk.preparing || desk.staged !== null);
  byId("mode").hidden = !may("operator");
  byId("mode").querySelector(".switch").hidden = !canStage();
  byId("staged-screen").hidden = !shows;
  byId("screens").classList.toggle("are-two", shows);
  setAttribute(byId("mode-now"), "aria-pressed", !desk.preparing);
  setAttribute(byId("mode-prepare"), "aria-pressed", desk.preparing);
  for (const id of ["take", "discard"]) {
    byId(id).hidden = !shows;
    byId(id).disabled = !desk.staged || !desk.online;
  }
  byId("undo").hidden = !canStage();
  byId("undo").disabled = !desk.online;
  if (shows) {
    prepared.show(stagedCells());
    const layout = stagedLayout(desk.program, now?.layout);
    setText(byId("staged-layout"), layout ? layoutName(layout) : "");
    setAttribute(byId("staged-picture"), "alt", say.stagedPicture);
  }
  renderList(shows);
}

function renderList(shows) {
  const list = byId("staged-list");
  list.hidden = !shows;
  const key = JSON.stringify([desk.staged, words().language]);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  const staged = desk.staged ?? [];
  list.replaceChildren(...staged.map((command) => make("li", {},
    make("span", { text: describe(command) }),
    make("button", {
      type: "button", class: "plain", text: "×", "aria-label": `${words().removeStaged}: ${describe(command)}`,
      onclick: () => setStaged(staged.filter((each) => each !== command)),
    }))));
  if (staged.length === 0) list.append(make("li", { class: "hint", text: words().nothingStaged }));
}

let shown = 0;

/** The still picture of what taking would show. */
async function showStagedPicture() {
  if (!canStage() || !desk.online || !(desk.preparing || desk.staged)) return;
  const turn = shown += 1;
  const image = byId("staged-picture");
  try {
    const id = encodeURIComponent(desk.program);
    const path = `v1/programs/${id}/picture.png${desk.staged ? "?staged=1" : ""}`;
    const blob = await (await request(path)).blob();
    if (turn !== shown) return;
    const before = image.src;
    image.src = URL.createObjectURL(blob);
    if (before) URL.revokeObjectURL(before);
    image.classList.remove("is-stale");
    setText(byId("staged-note"), "");
  } catch {
    if (turn === shown) setText(byId("staged-note"), words().noPicture);
  }
}
