// Questions to the operator, each in a dialog of its own.
import { byId, make } from "./dom.js";
import { words } from "./words.js";

/**
 * Shows a dialog; the promise is kept with what `close(value)` was given, or null once it was dismissed.
 * @param build gets `close` and returns the dialog's children
 */
export function open(title, build, { className = "", dismissible = true } = {}) {
  return new Promise((resolve) => {
    let answer = null;
    const dialog = make("dialog", { class: className, "aria-label": title });
    const close = (value = null) => {
      answer = value;
      dialog.close();
    };
    dialog.append(make("h2", { text: title }), ...[build(close)].flat().filter(Boolean));
    dialog.addEventListener("cancel", (event) => { if (!dismissible) event.preventDefault(); });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !dismissible) event.preventDefault();
      event.stopPropagation();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    byId("dialogs").append(dialog);
    dialog.showModal();
  });
}

export const isOpen = () => document.querySelector("dialog[open]") !== null;

/** Yes or no. */
export async function confirm(text) {
  return (await open(text, (close) => make("div", { class: "row row-end" },
    make("button", { type: "button", text: words().cancel, onclick: () => close() }),
    make("button", { type: "button", class: "strong", text: words().yes, onclick: () => close(true) })))) === true;
}

/** One line of text, or null. `sample` draws what the text means. */
export function ask({ title, text, input = "", sample }) {
  return open(title, (close) => {
    const field = make("input", { type: "text", value: input, class: "wide", "aria-label": title, spellcheck: false });
    const shown = make("div", { class: "sample" });
    const draw = () => shown.replaceChildren(...(sample ? [sample(field.value)] : []));
    field.addEventListener("input", draw);
    draw();
    const form = make("form", { method: "dialog" },
      make("p", { text }), field, shown,
      make("div", { class: "row row-end" },
        make("button", { type: "button", text: words().cancel, onclick: () => close() }),
        make("button", { type: "submit", class: "strong", text: words().yes })));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      close(field.value);
    });
    return form;
  });
}

export function help() {
  return open(words().helpHead, (close) => [
    make("dl", { class: "keys" }, ...words().helpRows.flatMap(([key, meaning]) => [
      make("dt", {}, make("kbd", { text: key })), make("dd", { text: meaning })])),
    make("p", { text: words().helpDrag }),
    make("div", { class: "row row-end" },
      make("button", { type: "button", class: "strong", text: words().close, onclick: () => close() })),
  ], { className: "wide-dialog" });
}
