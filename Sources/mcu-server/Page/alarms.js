// The alarms that stand, worst first: two in sight, the others on demand.
import { desk, on } from "./desk.js";
import { byId, make, setText } from "./dom.js";
import { current, timeOfDay, words } from "./words.js";
import { pick, focus } from "./sites.js";

const inSight = 2;
let isOpen = false;

export function start() {
  byId("alarms-more").addEventListener("click", () => {
    isOpen = !isOpen;
    render();
  });
  on("alarms", render);
  on("language", render);
}

function render() {
  const say = words();
  const rank = (alarm) => (alarm.severity === "critical" ? 0 : 1);
  const alarms = [...desk.alarms].sort((a, b) => rank(a) - rank(b) || a.since.localeCompare(b.since));
  byId("alarms").hidden = alarms.length === 0;
  const list = byId("alarm-list");
  const shown = isOpen ? alarms : alarms.slice(0, inSight);
  // Kept elements are not read out again.
  const kept = new Map([...list.children].map((each) => [each.dataset.key, each]));
  list.replaceChildren(...shown.map((alarm) => {
    const key = JSON.stringify([alarm, say.language]);
    return kept.get(key) ?? make("li", { class: "alarm", "data-severity": alarm.severity, "data-key": key },
      make("b", { text: say.severities[alarm.severity] ?? alarm.severity }),
      make("span", { class: "alarm-text", text: alarm[current()] || alarm.en || alarm.vi }),
      make("span", { class: "alarm-since", text: say.since(timeOfDay(alarm.since)) }),
      alarm.site ? make("button", {
        type: "button", class: "plain", text: "→", "aria-label": say.skipToSites, title: say.skipToSites,
        onclick: () => { pick(alarm.site); focus(); },
      }) : null);
  }));
  const more = byId("alarms-more");
  more.hidden = alarms.length <= inSight;
  setText(more, isOpen ? say.fewerAlarms : say.moreAlarms(alarms.length - inSight));
}
