// The event log, newest first.
import { desk, on, siteName } from "./desk.js";
import { byId, make } from "./dom.js";
import { current, timeOfDay, words } from "./words.js";
import { inVietnamese } from "./logwords.js";

const most = 200;

/** An alarm has its site's name in its own words; "-" is the bridge itself. */
const whose = (entry) => entry.site && entry.site !== "-" && !entry.text.startsWith("alarm ");

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
        whose(entry) ? make("b", { text: `${siteName(entry.site)}: ` }) : null,
        current() === "vi" ? inVietnamese(entry.text) : entry.text),
      make("span", { class: "log-who", text: entry.who ?? "" }))));
    if (entries.length === 0) list.append(make("li", { class: "hint", text: say.emptyLog }));
  }

  only.addEventListener("change", render);
  for (const topic of ["log", "alarms", "language", "session"]) on(topic, render);
  render();
}
