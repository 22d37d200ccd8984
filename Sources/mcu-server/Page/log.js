// The event log, newest first.
import { desk, on, siteName } from "./desk.js";
import { byId, make } from "./dom.js";
import { timeOfDay, words } from "./words.js";

const most = 200;

export function start() {
  const panel = byId("panel-log");
  const only = make("input", { type: "checkbox" });
  const onlyWord = make("span");
  const list = make("ol", { class: "log" });
  panel.append(make("label", { class: "check" }, only, " ", onlyWord), list);

  function render() {
    const say = words();
    onlyWord.textContent = say.onlyWarnings;
    const entries = desk.log.filter((each) => !only.checked || each.level !== "notice").slice(-most).reverse();
    list.replaceChildren(...entries.map((entry) => make("li", { "data-level": entry.level },
      make("time", { dateTime: entry.time, text: timeOfDay(entry.time) }),
      make("span", { class: "log-level", text: say.logLevels[entry.level] ?? entry.level }),
      make("span", { class: "log-text" },
        entry.site ? make("b", { text: `${siteName(entry.site)}: ` }) : null, entry.text),
      make("span", { class: "log-who", text: entry.who ?? "" }))));
    if (entries.length === 0) list.append(make("li", { class: "hint", text: say.emptyLog }));
  }

  only.addEventListener("change", render);
  for (const topic of ["log", "language", "session"]) on(topic, render);
  render();
}
