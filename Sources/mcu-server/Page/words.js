// The page's words in the operator's language.
import vi from "./vi.js";
import en from "./en.js";
import { changed } from "./desk.js";

const languages = { vi, en };
let language = localStorage.getItem("language") === "en" ? "en" : "vi";

export const current = () => language;
/** The words now: `words().mute`, or a function for those with something in them. */
export const words = () => languages[language];

export function number(value, digits = 0) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

/** The time of day of an RFC 3339 stamp, here. */
export function timeOfDay(stamp) {
  const moment = new Date(stamp);
  return Number.isNaN(moment.getTime()) ? "" : moment.toLocaleTimeString("vi-VN", { hour12: false });
}

/** Such as 1:02:03. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return (hours ? `${hours}:${two(Math.floor(whole / 60) % 60)}` : `${Math.floor(whole / 60)}`) + `:${two(whole % 60)}`;
}

export function size(bytes) {
  return bytes >= 1e9 ? `${number(bytes / 1e9, 1)} GB` : bytes >= 1e6 ? `${number(bytes / 1e6, 1)} MB`
    : `${number(bytes / 1e3)} kB`;
}

/** What the player plays, how it is, and how far: `chao-co.mp4 · đang phát 0:31 / 1:33`. */
export function playerText({ file, state, seconds, duration: whole, reason }) {
  const say = words();
  const isUnderWay = state === "playing" || state === "ended";
  const far = isUnderWay ? [duration(seconds), duration(whole)].filter(Boolean).join("\u00a0/\u00a0") : "";
  const how = `${say.playerStates[state] ?? state}${far ? ` ${far}` : ""}${reason ? `: ${reason}` : ""}`;
  return [file, how].filter(Boolean).join(" · ");
}

export const programName = (id) => words().programNames[id] ?? id;

/** Puts the words into what index.html marked. */
export function fill() {
  document.documentElement.lang = language;
  const say = words();
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = say[element.dataset.word];
  for (const element of document.querySelectorAll("[data-title]")) {
    element.title = say[element.dataset.title];
    if (!element.dataset.word) element.setAttribute("aria-label", element.title);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say[element.dataset.label]);
  }
  for (const element of document.querySelectorAll("[data-placeholder]")) {
    element.placeholder = say[element.dataset.placeholder];
  }
}

export function speak(next) {
  language = next;
  localStorage.setItem("language", next);
  fill();
  changed("language");
}
