// What this browser remembers: language, large type, brightness.
import { byId, make, setAttribute } from "./dom.js";
import { current, fill, speak, words } from "./words.js";
import { help } from "./dialogs.js";

export function start() {
  fill();
  toggle("large", "is-large");
  toggle("bright", "is-bright");
  const language = byId("language");
  const name = () => { language.textContent = words().otherLanguage; };
  language.addEventListener("click", () => {
    speak(current() === "vi" ? "en" : "vi");
    name();
  });
  name();
  byId("help").addEventListener("click", () => help());
  byId("bright").append(make("span", { "aria-hidden": "true", text: "◐" }));
}

function toggle(id, name) {
  const button = byId(id);
  const set = (isOn) => {
    document.documentElement.classList.toggle(name, isOn);
    setAttribute(button, "aria-pressed", isOn);
    localStorage.setItem(id, isOn ? "1" : "0");
  };
  button.addEventListener("click", () => set(button.getAttribute("aria-pressed") !== "true"));
  set(localStorage.getItem(id) === "1");
}
