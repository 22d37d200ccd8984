// Presets and the caption.
import { desk, may, on, program } from "./desk.js";
import { byId, make } from "./dom.js";
import { act } from "./commands.js";

export function start() {
  function build() {
    const presets = desk.session?.presets ?? [];
    byId("presets-tool").hidden = presets.length === 0 || !may("operator");
    byId("presets").replaceChildren(...presets.map(({ id, name }) => make("button", {
      type: "button", "data-preset": id, text: name, onclick: () => act({ command: "preset", preset: id }),
    })));
    byId("caption-tool").hidden = !may("operator");
  }
  for (const topic of ["session", "language"]) on(topic, build);

  const field = byId("caption");
  byId("caption-tool").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    act({ command: "caption", program: desk.program, text: text || null });
  });
  byId("caption-clear").addEventListener("click", () => {
    field.value = "";
    act({ command: "caption", program: desk.program, text: null });
  });
  // What stands on the picture, unless the operator is writing.
  let before;
  on("status", () => {
    const now = program()?.caption;
    if (now === undefined || now === before || document.activeElement === field) return;
    before = now;
    field.value = now ?? "";
  });
}
