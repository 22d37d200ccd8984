// The operator's desk: puts its parts together.
import { desk, on, sites as allSites } from "./desk.js";
import { byId, setAttribute, setText } from "./dom.js";
import { duration, words } from "./words.js";
import { follow, line } from "./events.js";
import { isIll } from "./health.js";
import { notify } from "./notices.js";
import * as alarms from "./alarms.js";
import * as audit from "./audit.js";
import * as keyboard from "./keyboard.js";
import * as layouts from "./layouts.js";
import * as lineCheck from "./linecheck.js";
import * as log from "./log.js";
import * as panels from "./panels.js";
import * as programs from "./programs.js";
import * as recordings from "./recordings.js";
import * as rollCall from "./rollcall.js";
import * as settings from "./settings.js";
import * as sites from "./sites.js";
import * as thumbnails from "./thumbnails.js";
import * as tools from "./tools.js";

settings.start();
for (const part of [programs, sites, layouts, tools, alarms, log, rollCall, recordings, lineCheck, audit, panels, keyboard]) {
  part.start();
}
thumbnails.start();

function head() {
  const say = words();
  const all = allSites();
  const conference = desk.session?.conference;
  document.title = say.title(conference);
  setText(byId("conference"), conference || say.title(""));
  const live = all.filter((each) => each.state === "live" && each.enabled !== false).length;
  setText(byId("counts"), all.length === 0 ? "" : say.counts(live, all.length, all.filter(isIll).length));
  setText(byId("role"), desk.session ? say.roles[desk.session.role] ?? desk.session.role : "");
}

function connection() {
  const say = words();
  const state = desk.online ? "on" : line.lost === null ? "connecting" : "off";
  const pill = byId("connection");
  setAttribute(pill, "data-state", state);
  setText(pill, { on: say.connected, connecting: say.connecting, off: say.disconnected }[state]);
  pill.title = desk.status ? say.uptime(duration(desk.status.uptime_seconds)) : "";
  document.body.classList.toggle("is-offline", state === "off");
  const banner = byId("offline");
  banner.hidden = state !== "off";
  // Said once, then counted silently.
  if (state === "off") {
    setAttribute(banner, "aria-live", "off");
    const seconds = Math.floor((Date.now() - line.lost) / 1000);
    setText(banner, line.reason ? say.refusedAll(line.reason) : say.offline(seconds));
  }
}

on("online", () => {
  if (desk.online && line.lost !== null) {
    if (line.restarted) notify(words().restarted, "notice");
    else notify(words().back(Math.ceil((Date.now() - line.lost) / 1000)), "good");
  }
  connection();
});
for (const topic of ["session", "status", "language"]) on(topic, head);
for (const topic of ["status", "language"]) on(topic, connection);

setInterval(() => {
  setText(byId("clock"), new Date().toLocaleTimeString("vi-VN", { hour12: false }));
  connection();
}, 1_000);
head();
connection();
follow();
