// The line check before a meeting: what each line is like, in words.
import { desk, may, on, siteName } from "./desk.js";
import { byId, make, table } from "./dom.js";
import { current, timeOfDay, words } from "./words.js";
import { download, get, has, send } from "./api.js";
import { notify } from "./notices.js";
import * as panels from "./panels.js";

const often = 1_000;
const worst = { bad: 0, warning: 1, good: 2 };

export function start() {
  panels.add("lineCheck", () => has("v1/line-check"));
  let check = null;
  const begin = make("button", { type: "button", class: "strong", onclick: run });
  const head = make("p", { class: "panel-head", role: "status" });
  const page = make("button", { type: "button", onclick: () => keep("html") });
  const sheet = make("button", { type: "button", onclick: () => keep("csv") });
  const box = make("div", { class: "scroll" });
  byId("panel-line-check").append(make("div", { class: "row" }, begin, head, page, sheet), box);

  function render() {
    const say = words();
    begin.textContent = say.startCheck;
    begin.hidden = !may("operator");
    begin.disabled = check?.running === true || !desk.online;
    page.textContent = say.reportPage;
    sheet.textContent = say.reportTable;
    const sites = check?.sites ?? [];
    page.hidden = sheet.hidden = sites.length === 0 || check.running;
    head.textContent = check?.running ? say.checking(Math.round(100 * (check.progress ?? 0)), check.listening && siteName(check.listening)) : check?.at ? say.checkedAt(timeOfDay(check.at)) : say.neverChecked;
    box.replaceChildren(...(sites.length === 0 ? [] : [table([say.name, say.verdict, say.words],
      [...sites].sort((a, b) => worst[a.verdict] - worst[b.verdict]).map((each) => [
        siteName(each.site), { text: say.verdicts[each.verdict] ?? each.verdict, class: `is-${each.verdict}` },
        (each[current()] ?? []).join(". ")]), say.lineCheck)]));
  }

  async function run() {
    try {
      await send("POST", "v1/line-check", {});
      await refresh();
    } catch (error) {
      notify(words().refused(words().startCheck, error.message), "error");
    }
  }

  async function keep(form) {
    await download(`v1/line-check.${form}?language=${current()}`, `line-check.${form}`)
      .catch((error) => notify(words().refused(words().lineCheck, error.message), "error"));
  }

  async function refresh() {
    if (!desk.online) return;
    check = await get("v1/line-check").catch(() => check);
    render();
  }

  on("session", render);
  on("language", render);
  on("online", refresh);
  on("panel", () => { if (panels.isShown("lineCheck")) refresh(); });
  setInterval(() => { if (check?.running || panels.isShown("lineCheck")) refresh(); }, often);
  render();
}
