// The roll call: everybody, over all levels, with who was there for how long.
import { desk, changed, on } from "./desk.js";
import { byId, make, table } from "./dom.js";
import { current, duration, timeOfDay, words } from "./words.js";
import { download, get, has } from "./api.js";
import { notify } from "./notices.js";
import * as panels from "./panels.js";

const often = 5_000;

export function start() {
  panels.add("rollCall", () => has("v1/roll-call"));
  const head = make("p", { class: "panel-head" });
  const button = make("button", { type: "button", onclick: keep });
  const box = make("div", { class: "scroll" });
  byId("panel-roll-call").append(make("div", { class: "row" }, head, button), box);

  function render() {
    const say = words();
    button.textContent = say.saveTable;
    button.disabled = !desk.rollCall;
    if (!desk.rollCall) return;
    const { rows, omitted } = desk.rollCall;
    const places = rows.filter((row) => row.kind === "site");
    const here = places.filter((row) => row.state === "live").length;
    head.textContent = say.present(here, places.length) + (omitted ? ` · ${say.omitted(omitted)}` : "");
    const attended = rows.some((row) => row.joined !== undefined || row.present_seconds !== undefined);
    box.replaceChildren(table(
      [say.name, say.kind, say.state, ...(attended ? [say.joined, say.lostAt, say.presentFor] : [])],
      rows.map((row) => {
        const name = make("span", { class: "roll-name", text: row.name });
        name.style.setProperty("--depth", row.depth);
        return [name, say.kinds[row.kind] ?? row.kind,
          { text: state(row), class: row.state === "live" ? "is-good" : "is-bad" },
          ...(attended ? [timeOfDay(row.joined), timeOfDay(row.lost), duration(row.present_seconds)] : [])];
      }), say.rollCall));
  }

  function state(row) {
    const say = words();
    return [say.rollStates[row.state] ?? row.state, row.speaking ? say.speaking : "",
      row.muted ? say.muted.toLocaleLowerCase() : ""].filter(Boolean).join(", ");
  }

  async function keep() {
    await download(`v1/attendance.csv?language=${current()}`, "diem-danh.csv")
      .catch((error) => notify(words().refused(words().rollCall, error.message), "error"));
  }

  // Cards take from it why there is no picture.
  async function refresh() {
    if (!desk.online || document.hidden) return;
    desk.rollCall = await get("v1/roll-call").catch(() => desk.rollCall);
    changed("rollCall");
  }

  on("rollCall", render);
  on("language", render);
  on("online", refresh);
  on("panel", () => { if (panels.isShown("rollCall")) refresh(); });
  setInterval(refresh, often);
  render();
}
