// Asks for the token that the API wants.
import { make } from "./dom.js";
import { open } from "./dialogs.js";
import { words } from "./words.js";

/** @param wrong whether one was given that the bridge refused */
export function askToken(wrong) {
  const say = words();
  return open(say.tokenTitle, (close) => {
    const field = make("input", {
      type: "password", id: "token", class: "wide", autocomplete: "current-password", required: true,
    });
    const form = make("form", { method: "dialog" },
      make("p", { text: wrong ? say.tokenWrong : say.tokenAsk, class: wrong ? "wrong" : undefined }),
      make("label", { for: "token", text: say.token }), field,
      make("div", { class: "row row-end" }, make("button", { type: "submit", class: "strong", text: say.enter })));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      // A header carries no spaces around it, and nothing but visible ASCII.
      const given = field.value.trim();
      if (/^[\x21-\x7e]+$/.test(given)) close(given);
    });
    return form;
  }, { className: "token-dialog", dismissible: false });
}
