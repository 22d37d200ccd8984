// Moving pictures of the programs. A browser keeps six connections to a bridge and no more, for all its pages together:
// two pictures move at 10 a second each on a connection of its own, the others are looked at now and then.
import { desk, on } from "./desk.js";
import { request } from "./api.js";
import { parts } from "./multipart.js";

const moving = 2;
const glance = 2_000;
const retry = 1_500;

/** One program's picture on any number of canvases. */
class Preview {
  constructor(program) {
    this.program = program;
    this.canvases = new Set();
    /** Width by height of the picture, once one came. */
    this.shape = null;
    this.ended = null;
  }

  start(isMoving) {
    this.stop();
    this.ended = new AbortController();
    this.run(this.ended.signal, isMoving);
  }

  stop() {
    this.ended?.abort();
    this.ended = null;
  }

  async run(signal, isMoving) {
    while (!signal.aborted) {
      try {
        await (isMoving ? this.watch(signal) : this.glance(signal));
      } catch (error) {
        if (error.status === 404) return;
      }
      await sleep(isMoving ? retry : glance, signal);
    }
  }

  /** Until the stream ends. */
  async watch(signal) {
    await this.hold("moving", signal, async () => {
      const response = await request(this.path, { endless: true, signal });
      for await (const part of parts(response.body)) {
        if (signal.aborted) return;
        await this.draw(part);
      }
    });
  }

  /** One picture of the stream. */
  async glance(signal) {
    const once = new AbortController();
    signal.addEventListener("abort", () => once.abort(), { once: true });
    try {
      const response = await request(this.path, { endless: true, signal: once.signal });
      for await (const part of parts(response.body)) {
        await this.draw(part);
        return;
      }
    } finally {
      once.abort();
    }
  }

  /** Other pages of this browser share the connections: where locks are known, two pictures move in all of them. */
  async hold(name, signal, work) {
    if (!navigator.locks) return work();
    for (let slot = 0; slot < moving; slot += 1) {
      const got = await navigator.locks.request(`mcu-${name}-${slot}`, { ifAvailable: true }, async (lock) => {
        if (lock) await work();
        return lock !== null;
      });
      if (got || signal.aborted) return undefined;
    }
    return this.glance(signal);
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

const previews = new Map();

export function hide(canvas) {
  for (const each of previews.values()) each.canvases.delete(canvas);
}

/** Shows a program's picture on `canvas`, and on no other program's. */
export function show(program, canvas) {
  hide(canvas);
  if (!previews.has(program)) {
    previews.set(program, new Preview(program));
    if (isRunning) restart();
  }
  previews.get(program).canvases.add(canvas);
}

export const shape = (program) => previews.get(program)?.shape ?? null;

let isRunning = false;

/** The program on the stage first. */
function restart() {
  const wanted = [...previews.values()].filter((each) => desk.session?.programs.includes(each.program));
  wanted.sort((a, b) => (b.program === desk.program) - (a.program === desk.program));
  for (const each of previews.values()) each.stop();
  isRunning = desk.online && !document.hidden;
  if (isRunning) wanted.forEach((each, index) => each.start(index < moving));
}

export function start() {
  on("online", restart);
  on("program", () => { if (previews.size > moving) restart(); });
  document.addEventListener("visibilitychange", restart);
}

function sleep(time, signal) {
  return new Promise((resume) => {
    const timer = setTimeout(resume, time);
    signal?.addEventListener("abort", () => { clearTimeout(timer); resume(); }, { once: true });
  });
}
