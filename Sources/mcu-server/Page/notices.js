// Short messages at the foot of the page. Errors stay until they are dismissed or a minute is over.
import { byId, make } from "./dom.js";
import { words } from "./words.js";

const most = 4;

/** @param grade `good`, `notice` or `error` */
export function notify(text, grade = "notice") {
  const box = byId("notices");
  const notice = make("div", { class: `notice notice-${grade}`, role: grade === "error" ? "alert" : undefined },
    make("span", { text }),
    make("button", { type: "button", class: "plain", text: "×", "aria-label": words().dismiss, onclick: () => notice.remove() }));
  box.append(notice);
  while (box.children.length > most) box.firstChild.remove();
  setTimeout(() => notice.remove(), grade === "error" ? 60_000 : 5_000);
}
