// Moving pictures of the programs. A browser keeps six connections to a bridge and no more, for all its pages together, and
// each page holds one for its events. So the program on the stage moves, at 10 pictures a second on a connection of its own,
// in the two pages that were used last; all others are looked at now and then, and a hidden page looks at nothing.
import { desk, on } from "./desk.js";
import { request } from "./api.js";
import { parts } from "./multipart.js";

const moving = 2;
const glance = 2_000;
const retry = 1_500;
/** No picture of a stream for so long: it has no connection, or its bridge has no room. */
const patience = 3_000;
/** So many glances before a stream is tried again. */
const glances = 10;

/** One program's picture on any number of canvases. */
class Preview {
  constructor(program) {
    this.program = program;
    this.canvases = new Set();
    /** Width by height of the picture, once one came. */
    this.shape = null;
    this.ended = null;
    this.isMoving = false;
  }

  start(isMoving) {
    if (this.ended && this.isMoving === isMoving) return;
    this.stop();
    this.isMoving = isMoving;
    this.ended = new AbortController();
    this.run(this.ended.signal, isMoving);
  }

  stop() {
    this.ended?.abort();
    this.ended = null;
  }

  async run(signal, isMoving) {
    let waits = 0;
    while (!signal.aborted) {
      const moves = isMoving && waits === 0;
      try {
        if (moves) await this.watch(signal);
        else await this.look(signal, 1);
      } catch (error) {
        if (error.status === 404) return;
        if (error instanceof Starved) waits = glances + 1;
      }
      waits = Math.max(0, waits - 1);
      await sleep(moves && waits === 0 ? retry : glance, signal);
    }
  }

  /** Until the stream ends, or brings no first picture. */
  async watch(signal) {
    let isStarved = true;
    const ended = new AbortController();
    const timer = setTimeout(() => ended.abort(), patience);
    try {
      await this.look(AbortSignal.any([signal, ended.signal]), Infinity, () => {
        isStarved = false;
        clearTimeout(timer);
      });
    } finally {
      clearTimeout(timer);
      if (isStarved && ended.signal.aborted && !signal.aborted) throw new Starved();
    }
  }

  /** Draws `count` pictures of the stream, then lets its connection go. */
  async look(signal, count, came = () => {}) {
    const done = new AbortController();
    try {
      const response = await request(this.path, { endless: true, signal: AbortSignal.any([signal, done.signal]) });
      for await (const part of parts(response.body)) {
        if (signal.aborted) return;
        came();
        await this.draw(part);
        count -= 1;
        if (count <= 0) return;
      }
    } finally {
      done.abort();
    }
  }

  get path() { return `v1/programs/${encodeURIComponent(this.program)}/preview`; }

  async draw(blob) {
    const bitmap = await createImageBitmap(blob);
    this.shape = bitmap.width / bitmap.height;
    for (const canvas of this.canvases) {
      if (canvas.width !== bitmap.width) canvas.width = bitmap.width;
      if (canvas.height !== bitmap.height) canvas.height = bitmap.height;
      canvas.getContext("2d").drawImage(bitmap, 0, 0);
      canvas.dataset.pictures = Number(canvas.dataset.pictures ?? 0) + 1;
    }
    bitmap.close();
  }
}

class Starved extends Error {}

const previews = new Map();

export function hide(canvas) {
  for (const each of previews.values()) each.canvases.delete(canvas);
}

/** Shows a program's picture on `canvas`, and on no other program's. */
export function show(program, canvas) {
  hide(canvas);
  if (!previews.has(program)) previews.set(program, new Preview(program));
  previews.get(program).canvases.add(canvas);
  settle();
}

export const shape = (program) => previews.get(program)?.shape ?? null;

/** Each preview runs as it should now. */
function settle() {
  const mayRun = desk.online && !document.hidden;
  for (const each of previews.values()) {
    if (!mayRun || each.canvases.size === 0 || !desk.session?.programs.includes(each.program)) each.stop();
    else each.start(each.program === desk.program && ahead.size < moving);
  }
}

// MARK: The other pages of this browser

const channel = new BroadcastChannel("mcu-previews");
const ownName = `${Date.now()}-${Math.random()}`;
/** The pages that were used later than this one. */
const ahead = new Set();

channel.addEventListener("message", ({ data: { page, isUsed } }) => {
  if (isUsed) ahead.add(page);
  else ahead.delete(page);
  settle();
});

function tell(isUsed) {
  if (isUsed) ahead.clear();
  channel.postMessage({ page: ownName, isUsed });
  settle();
}

export function start() {
  on("online", settle);
  on("program", settle);
  document.addEventListener("visibilitychange", () => tell(!document.hidden));
  window.addEventListener("focus", () => tell(true));
  window.addEventListener("pagehide", () => tell(false));
  if (!document.hidden) tell(true);
}

function sleep(time, signal) {
  return new Promise((resume) => {
    const timer = setTimeout(resume, time);
    signal.addEventListener("abort", () => { clearTimeout(timer); resume(); }, { once: true });
  });
}
