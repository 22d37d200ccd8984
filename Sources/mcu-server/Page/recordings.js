// Recording and playing files.
import { desk, changed, may, on } from "./desk.js";
import { byId, make, setText, table } from "./dom.js";
import { duration, playerText, programName, size, words } from "./words.js";
import { get, has } from "./api.js";
import { actNow } from "./commands.js";
import { confirm } from "./dialogs.js";
import * as panels from "./panels.js";

const often = 2_000;

export const running = () => desk.recordings.filter((each) => each.state === "recording");

export function start() {
  panels.add("recordPlay", () => has("v1/recordings") || has("v1/files"));
  const record = make("div", { class: "row" });
  const recordings = make("div", { class: "scroll" });
  const loop = make("input", { type: "checkbox" });
  const loopWord = make("span");
  const stop = make("button", { type: "button", onclick: () => actNow({ command: "stop-play" }) });
  const [fileHead, fileList, playing] = [make("h3"), make("ul", { class: "files" }), make("p", { class: "playing" })];
  const fileTools = make("div", { class: "row" }, make("label", { class: "check" }, loop, " ", loopWord), stop);
  const files = make("div", {}, fileHead, playing, fileList, fileTools);
  byId("panel-record").append(make("div", { class: "halves" },
    make("section", {}, record, recordings), make("section", {}, files)));
  let known = [];

  function render() {
    const say = words();
    const isOn = may("operator") && desk.online;
    const badge = byId("on-record");
    badge.hidden = running().length === 0;
    if (!badge.hidden) setText(badge, say.recording(duration(Math.max(...running().map((each) => each.seconds)))));
    const names = has("v1/recordings") && may("operator") ? desk.session?.programs ?? [] : [];
    const key = JSON.stringify([names, running().map((each) => each.program), say.language, isOn]);
    if (record.dataset.key !== key) {
      record.dataset.key = key;
      record.replaceChildren(...names.map((id) => {
        const isRunning = running().some((each) => each.program === id);
        return make("button", {
          type: "button", class: isRunning ? "record is-on" : "record", disabled: !isOn, "data-program": id,
          text: isRunning ? say.stopRecord(programName(id)) : say.record(programName(id)),
          "aria-label": isRunning ? say.stopRecord(programName(id)) : say.record(programName(id)),
          onclick: () => toggle(id, isRunning),
        });
      }));
    }
    recordings.hidden = !has("v1/recordings");
    recordings.replaceChildren(desk.recordings.length === 0 ? make("p", { class: "hint", text: say.noRecordings })
      : table([say.file, say.state, say.length, say.bytes], [...desk.recordings].reverse().map((each) => [
        each.file,
        { text: (say.recordingStates[each.state] ?? each.state) + (each.reason ? `: ${each.reason}` : ""),
          class: each.state === "failed" ? "is-bad" : each.state === "recording" ? "is-recording" : undefined },
        duration(each.seconds), size(each.bytes)]), say.recordings));
  }

  function renderFiles() {
    const say = words();
    const isOn = may("operator") && desk.online;
    files.hidden = !has("v1/files");
    loopWord.textContent = say.loop;
    // What operators play is a site of this id, that comes and goes with it.
    const now = desk.status?.sites.find((each) => each.id === "player")?.player;
    const isPlaying = now?.state === "playing" || now?.state === "opening";
    const key = JSON.stringify([known, say.language, isOn, now?.state, now?.file, now?.reason]);
    setText(playing, now ? playerText(now) : "");
    playing.hidden = !now || now.state === "idle";
    playing.classList.toggle("is-bad", now?.state === "failed");
    if (fileList.dataset.key === key) return;
    fileList.dataset.key = key;
    fileHead.textContent = say.files;
    fileList.replaceChildren(...(known.length === 0 ? [make("li", { class: "hint", text: say.noFiles })]
      : known.map(({ name, seconds }) => make("li", { class: isPlaying && now.file === name ? "is-playing" : undefined },
        make("span", { text: name }), make("span", { class: "quiet", text: duration(seconds) }),
        may("operator") ? make("button", {
          type: "button", text: say.play, "aria-label": `${say.play}: ${name}`, disabled: !isOn,
          onclick: () => actNow({ command: "play", file: name, loop: loop.checked }),
        }) : null))));
    stop.textContent = say.stopPlay;
    // A last picture that stands is ended by it too.
    stop.disabled = !isOn || !now;
    fileTools.hidden = !may("operator") || known.length === 0;
  }

  async function toggle(id, isRunning) {
    if (isRunning && !(await confirm(words().confirmStopRecording(programName(id))))) return;
    await actNow({ command: "record", program: id, action: isRunning ? "stop" : "start" });
    await refresh();
  }

  async function refresh() {
    if (!desk.online || document.hidden) return;
    desk.recordings = (await get("v1/recordings").catch(() => null))?.recordings ?? [];
    changed("recordings");
  }

  async function refreshFiles() {
    if (!desk.online) return;
    known = (await get("v1/files").catch(() => null))?.files ?? [];
    renderFiles();
  }

  for (const topic of ["recordings", "session", "language", "online", "missing"]) on(topic, render);
  for (const topic of ["language", "session", "status", "online", "missing"]) on(topic, renderFiles);
  on("online", () => { refresh(); refreshFiles(); });
  on("panel", () => { if (panels.isShown("recordPlay")) refreshFiles(); });
  setInterval(refresh, often);
}
