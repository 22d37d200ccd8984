// Commands: said in words, done at once or staged, taken and undone.
import { desk, changed, may, siteName } from "./desk.js";
import { get, has, request, send } from "./api.js";
import { programName, words } from "./words.js";
import { notify } from "./notices.js";

/** What changes pictures may be prepared; sound and lines can't wait. */
const stageable = new Set([
  "layout", "site-layout", "pin", "unpin", "slides", "lecturer", "call-up", "hub", "caption", "preset",
]);

/** A command as a person says it. */
export function describe(command) {
  const say = words();
  const preset = desk.session?.presets.find((each) => each.id === command.preset)?.name ?? command.preset;
  const site = command.site ? siteName(command.site) : "";
  const text = say.commands[command.command]?.(command, site, programName(command.program), preset) ?? command.command;
  const elsewhere = command.program && command.command !== "record" && command.program !== desk.session?.programs[0];
  return elsewhere ? say.inProgram(text, programName(command.program)) : text;
}

export const canStage = () => may("operator") && has("v1/staged");

/** Does a command, or stages it while the operator prepares. */
export function act(command) {
  return desk.preparing && stageable.has(command.command) ? stage(command) : actNow(command);
}

/** Does a command now, whatever is being prepared. Answers whether it was done. */
export async function actNow(command) {
  return attempt(describe(command), async () => {
    await send("POST", "v1/commands", command);
    await look();
  });
}

export async function stage(command) {
  if (!canStage()) return actNow(command);
  return setStaged([...(desk.staged ?? []).filter((each) => !replaces(command, each)), command]);
}

/** Whether `command` makes an `earlier` staged one void. */
function replaces(command, earlier) {
  const sameProgram = command.program === earlier.program;
  switch (command.command) {
    case "layout": return sameProgram && ["layout", "pin", "unpin"].includes(earlier.command);
    case "pin":
    case "unpin": return sameProgram && ["pin", "unpin"].includes(earlier.command)
      && (earlier.cell === command.cell || (command.site !== undefined && earlier.site === command.site));
    case "site-layout": return earlier.command === "site-layout" && earlier.site === command.site;
    case "caption": return earlier.command === "caption" && sameProgram;
    case "preset": return false;
    default: return earlier.command === command.command;
  }
}

export async function setStaged(commands) {
  if (commands.length === 0) return discard();
  return attempt(commands.map(describe).join(", "), async () => {
    await send("POST", "v1/staged", { commands });
    desk.staged = commands;
    changed("staged");
  });
}

export async function take() {
  if (!desk.staged || !may("operator")) return false;
  return attempt(words().take, async () => {
    await send("POST", "v1/take", {});
    desk.staged = null;
    changed("staged");
    notify(words().taken, "good");
    await look();
  });
}

export async function discard() {
  return attempt(words().discard, async () => {
    if (desk.staged) await send("DELETE", "v1/staged");
    desk.staged = null;
    changed("staged");
  });
}

export async function undo() {
  if (!may("operator")) return false;
  return attempt(words().undo, async () => {
    await send("POST", "v1/undo", {});
    notify(words().undone, "good");
    await look();
  });
}

/** Others may stage too. */
export async function readStaged() {
  const staged = (await get("v1/staged"))?.commands ?? null;
  if (JSON.stringify(staged) === JSON.stringify(desk.staged)) return;
  desk.staged = staged;
  changed("staged");
}

/** The program's layout once what is staged is taken; `now` if nothing changes it, null if a preset may. */
export function stagedLayout(program, now = null) {
  const last = desk.staged?.findLast((each) => each.command === "preset"
    || (each.command === "layout" && each.program === program));
  return last ? last.layout ?? null : now;
}

/** Shows what a command did without waiting for the next report. */
async function look() {
  desk.status = await (await request("stats")).json();
  changed("status");
}

async function attempt(what, work) {
  try {
    await work();
    return true;
  } catch (error) {
    notify(error.status === 0 ? words().unanswered(what) : words().refused(what, error.message), "error");
    return false;
  }
}
