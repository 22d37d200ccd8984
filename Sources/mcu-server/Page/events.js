// The bridge's events, and the line to it: says when it is lost, and takes it up again by itself.
import { desk, changed } from "./desk.js";
import { get, request } from "./api.js";

/** Without a word for so long, the line is taken for dead: levels come five times a second. */
const silence = 4_000;
const longestLog = 500;
const waits = [300, 700, 1_500, 3_000, 5_000];

/** How the line stands: `lost` since when, `reason` that the bridge gave, `tries`, and whether it had `restarted`. */
export const line = { lost: null, reason: "", tries: 0, restarted: false };

/** Runs for as long as the page does. */
export async function follow() {
  for (;;) {
    try {
      await begin();
      await listen();
      line.reason = "";
    } catch (error) {
      // Whatever it was, the line is gone and is tried again.
      line.reason = error.status ? error.message : "";
    }
    if (desk.online || line.lost === null) line.lost = Date.now();
    desk.online = false;
    desk.levels = {};
    line.tries += 1;
    changed("online");
    changed("levels");
    await new Promise((resume) => setTimeout(resume, waits[Math.min(line.tries, waits.length) - 1]));
  }
}

async function begin() {
  const before = desk.session?.bridge;
  desk.missing.clear();
  const session = await get("v1/session");
  const status = await (await request("stats")).json();
  desk.session = session ?? {
    role: "operator", conference: "", programs: status.programs.map((each) => each.id), presets: [], layouts: [],
  };
  line.restarted = before !== undefined && desk.session.bridge !== before;
  const ids = desk.session.programs?.length ? desk.session.programs : status.programs.map((each) => each.id);
  desk.session.programs = ids;
  if (!ids.includes(desk.program)) desk.program = ids[0] ?? "room";
  changed("session");
  if (line.restarted) take("alarms", []);
  take("status", status);
}

function take(event, data) {
  switch (event) {
    case "status": desk.status = data; break;
    case "levels": desk.levels = data; break;
    case "alarms": desk.alarms = data; break;
    case "log":
      // After a lost line the bridge may tell again what it told before.
      if (desk.log.some((each) => each.time === data.time && each.text === data.text)) return;
      desk.log.push(data);
      if (desk.log.length > longestLog) desk.log.shift();
      break;
    default: return;
  }
  changed(event);
}

function isBack() {
  desk.online = true;
  line.tries = 0;
  changed("online");
  line.lost = null;
  line.restarted = false;
}

async function listen() {
  const ended = new AbortController();
  let response;
  try {
    response = await request("v1/events", { endless: true, signal: ended.signal });
  } catch (error) {
    if (error.status === 404) return poll();
    throw error;
  }
  isBack();
  let watchdog;
  const alive = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => ended.abort(), silence);
  };
  try {
    alive();
    for await (const { event, data } of messages(response.body, alive)) take(event, JSON.parse(data));
  } finally {
    clearTimeout(watchdog);
    ended.abort();
  }
}

/** A bridge without events is asked each second. */
async function poll() {
  isBack();
  for (;;) {
    const status = await (await request("stats")).json();
    desk.levels = Object.fromEntries(
      status.sites.filter((each) => each.level_dbov != null).map((each) => [each.id, each.level_dbov]));
    take("status", status);
    changed("levels");
    await new Promise((resume) => setTimeout(resume, 1_000));
  }
}

/** The messages of a text/event-stream. */
export async function* messages(stream, alive = () => {}) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let event = "message";
  let data = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    text += decoder.decode(value, { stream: true });
    const lines = text.split(/\r\n|\n/);
    text = lines.pop();
    for (const each of lines) {
      if (each === "") {
        if (data.length > 0) yield { event, data: data.join("\n") };
        event = "message";
        data = [];
      } else if (each.startsWith("event:")) event = each.slice(6).trim();
      else if (each.startsWith("data:")) data.push(each.slice(5).replace(/^ /, ""));
    }
  }
}
