// Who did what: for the administrator.
import { desk, may, on } from "./desk.js";
import { byId, make, table } from "./dom.js";
import { timeOfDay, words } from "./words.js";
import { get, has } from "./api.js";
import * as panels from "./panels.js";

const often = 5_000;

export function start() {
  panels.add("audit", () => may("administrator") && has("v1/audit"));
  const box = make("div", { class: "scroll" });
  byId("panel-audit").append(box);
  let entries = [];

  function render() {
    const say = words();
    box.replaceChildren(table([say.time, say.who, say.from, say.action, say.what, say.result],
      [...entries].sort((a, b) => b.time.localeCompare(a.time)).map((each) => [timeOfDay(each.time),
        `${each.who ?? ""} (${say.roles[each.role] ?? each.role ?? ""})`, each.from, each.action, each.detail,
        { text: say.results[each.result] ?? each.result, class: each.result === "refused" ? "is-bad" : undefined }]),
      say.audit));
  }

  async function refresh(unseen = false) {
    if (!desk.online || !may("administrator") || !(unseen || panels.isShown("audit"))) return;
    entries = (await get("v1/audit?count=200").catch(() => null))?.entries ?? entries;
    render();
  }

  on("language", render);
  on("panel", () => refresh());
  // Tells whether this bridge has an audit log at all.
  on("online", () => refresh(true));
  setInterval(() => refresh(), often);
}
