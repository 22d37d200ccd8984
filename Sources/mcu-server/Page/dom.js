// Elements made by hand: text is always text, never markup.

export const byId = (id) => document.getElementById(id);

/** An element with properties (`class`, `text`, `on…`, `aria-…`, `data-…`, or any of its own) and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key === "class") element.className = value;
    else if (key === "text") element.textContent = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key.includes("-") || key === "role" || key === "for") element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Sets text only where it differs: a live region is read out again at each change. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** A table of texts; a cell may be an element, or {text, class}. */
export function table(heads, rows, caption) {
  const cell = (tag, value, scope) => {
    const plain = typeof value === "object" && value !== null && !(value instanceof Node);
    const made = make(tag, { class: plain ? value.class : undefined, scope });
    made.append(value instanceof Node ? value : String((plain ? value.text : value) ?? ""));
    return made;
  };
  return make("table", {},
    caption ? make("caption", { class: "unseen", text: caption }) : null,
    make("thead", {}, make("tr", {}, ...heads.map((head) => cell("th", head, "col")))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((value, index) =>
      index === 0 ? cell("th", value, "row") : cell("td", value))))));
}

const svg = "http://www.w3.org/2000/svg";
export function drawn(tag, attributes, ...children) {
  const element = document.createElementNS(svg, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const strokes = {
  microphone: "M8 2a2 2 0 0 0-2 2v4a2 2 0 0 0 4 0V4a2 2 0 0 0-2-2ZM4 7.5V8a4 4 0 0 0 8 0v-.5M8 12v2.5M5.5 14.5h5",
  silent: "M8 2a2 2 0 0 0-2 2v4a2 2 0 0 0 4 0V4a2 2 0 0 0-2-2ZM4 7.5V8a4 4 0 0 0 8 0v-.5M8 12v2.5M5.5 14.5h5M2 2l12 12",
  call: "M5.2 9.5V4.4a.95.95 0 0 1 1.9 0V8V2.9a.95.95 0 0 1 1.9 0V8 3.8a.95.95 0 0 1 1.9 0V8.5 6.2a.95.95 0 0 1 1.9 0v3.6c0 3-1.5 4.7-3.9 4.7-2 0-3-.9-4-2.6L2.6 9.4c-.5-1 .8-1.7 1.5-.9Z",
  lectern: "M2.5 3h11v7h-11ZM8 10v3M5 14.5 8 12l3 2.5M5 5.5h6M5 7.5h4",
  refresh: "M13 6.5A5.3 5.3 0 0 0 3.4 5M3 9.5A5.3 5.3 0 0 0 12.6 11M3.2 2.2V5H6M12.8 13.8V11H10",
  power: "M8 1.8v6M4.4 4.2a5.2 5.2 0 1 0 7.2 0",
  pin: "M5.5 2h5M6.3 2v4.6L4 9.5h8L9.7 6.6V2M8 9.5V14",
  dots: "M3 8h.01M8 8h.01M13 8h.01",
  play: "M4.5 2.5v11l9-5.5Z",
  stop: "M4 4h8v8H4Z",
};

/** A picture for a button; the button's words say what it means. */
export function icon(name) {
  return drawn("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, drawn("path", { d: strokes[name] }));
}

/** Arrow keys move the focus among the `selector` elements of `container`; Tab leaves it. */
export function rove(container, selector) {
  const all = () => [...container.querySelectorAll(selector)].filter((each) => each.offsetParent !== null);
  const hold = (element) => {
    for (const each of all()) each.tabIndex = each === element ? 0 : -1;
  };
  container.addEventListener("focusin", (event) => {
    const element = event.target.closest(selector);
    if (element) hold(element);
  });
  container.addEventListener("keydown", (event) => {
    if (!event.target.matches?.(selector) || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = neighbour(event.target, all(), event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  return () => {
    const elements = all();
    if (elements.length > 0 && !elements.some((each) => each.tabIndex === 0)) elements[0].tabIndex = 0;
  };
}

/** The element that an arrow points to, by where they are on the screen. */
function neighbour(from, elements, key) {
  const at = elements.indexOf(from);
  if (key === "Home") return elements[0];
  if (key === "End") return elements.at(-1);
  if (key === "ArrowRight") return elements[at + 1];
  if (key === "ArrowLeft") return elements[at - 1];
  if (key !== "ArrowDown" && key !== "ArrowUp") return undefined;
  const here = from.getBoundingClientRect();
  const sign = key === "ArrowDown" ? 1 : -1;
  let best;
  let least = Infinity;
  for (const each of elements) {
    const there = each.getBoundingClientRect();
    const down = sign * (there.top + there.height / 2 - here.top - here.height / 2);
    if (down < 4) continue;
    const cost = down * 3 + Math.abs(there.left + there.width / 2 - here.left - here.width / 2);
    if (cost < least) [best, least] = [each, cost];
  }
  return best;
}
