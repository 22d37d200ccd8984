// One site as a card: its picture, its sound, how it is in words, and what can be done about it.
import { desk, may, program, showsSlides, site, siteName } from "./desk.js";
import { icon, make, setAttribute, setText } from "./dom.js";
import { words } from "./words.js";
import { act, actNow } from "./commands.js";
import { health } from "./health.js";
import { notify } from "./notices.js";
import { ask, confirm, open } from "./dialogs.js";
import { liveCells, pin, stagedCells } from "./programs.js";
import { siteType } from "./cells.js";
import { picture } from "./layouts.js";
import * as thumbnails from "./thumbnails.js";

/** The softest sound that the meter shows, in dBov. */
const floor = -60;
const gains = { least: -60, most: 20 };

export class Card {
  constructor(id) {
    this.id = id;
    this.image = make("img", { class: "thumbnail", alt: "", draggable: false });
    this.place = make("span", { class: "card-place" });
    this.badge = make("span", { class: "card-muted" });
    this.name = make("h3", { class: "card-name" });
    this.kind = make("span", { class: "card-kind" });
    this.state = make("span", { class: "card-state" });
    this.light = make("span", { class: "card-light" });
    this.bar = make("span", { class: "meter-bar" });
    this.meter = make("div", { class: "meter", role: "meter", "aria-valuemin": floor, "aria-valuemax": 0 }, this.bar);
    this.words = make("span", { class: "card-health" });
    this.far = make("progress", { class: "card-far", max: 1, hidden: true });
    this.inside = make("ul", { class: "card-inside", id: `inside-${id}`, hidden: true });
    this.insideCount = make("button", {
      type: "button", class: "inside-count", tabIndex: -1, "aria-expanded": "false", "aria-controls": this.inside.id,
      onclick: () => this.toggleInside(),
    });
    this.buttons = this.makeButtons();
    this.element = make("li", { class: "card", tabIndex: -1, draggable: true, "data-site": id },
      make("div", { class: "card-top" },
        make("div", { class: "card-picture" }, this.image, this.place, this.badge),
        make("div", { class: "card-about" },
          make("div", { class: "card-title" }, this.name, this.kind, this.insideCount),
          make("p", { class: "card-line" }, this.light, this.state, this.words),
          make("div", { class: "card-meters" }, this.far, this.meter))),
      this.buttons, this.inside);
    this.element.addEventListener("dragstart", (event) => {
      if (!may("operator")) return event.preventDefault();
      event.dataTransfer.setData(siteType, id);
      event.dataTransfer.setData("text/plain", siteName(id));
      event.dataTransfer.effectAllowed = "copy";
      document.body.classList.add("is-dragging");
      return undefined;
    });
    this.element.addEventListener("dragend", () => document.body.classList.remove("is-dragging"));
    thumbnails.want(id, this.image);
  }

  remove() {
    thumbnails.drop(this.id);
    this.element.remove();
  }

  makeButtons() {
    const button = (name, symbol, action) => {
      const word = make("span", { class: "word" });
      const made = make("button", { type: "button", class: `act act-${name}`, tabIndex: -1, onclick: action },
        symbol ? icon(symbol) : null, word);
      this[name] = { button: made, word };
      return made;
    };
    return make("div", { class: "card-buttons", role: "toolbar" },
      button("mute", "microphone", () => this.toggleMute()),
      button("call", "call", () => this.toggleCall()),
      button("lecture", "lectern", () => this.toggleLecture()),
      make("span", { class: "gain" },
        button("softer", null, () => this.changeGain(-1)),
        button("gain", null, () => this.setGain(0)),
        button("louder", null, () => this.changeGain(1))),
      button("refresh", "refresh", () => this.refresh_()),
      button("stop", "stop", () => actNow(this.site.id === "player" ? { command: "stop-play" } : { command: "stop-play", site: this.site.id })),
      button("off", "power", () => this.toggleOff()),
      button("more", "dots", () => this.showMore()));
  }

  get site() { return desk.status?.sites.find((each) => each.id === this.id) ?? null; }
  get isOff() { return this.site?.enabled === false; }
  get hasLecture() { return program(desk.session?.programs[0])?.lecturer === this.id; }
  get isCalledUp() { return calledUp() === this.id; }
  /** What was asked for a moment ago, since a report on its way may be older than that; else what the bridge says. */
  get gainNow() {
    if (this.asked && Date.now() - this.asked.time < 2_000) return this.asked.gain;
    return this.site?.gain_db ?? 0;
  }

  // MARK: What is shown

  update() {
    const { site } = this;
    if (!site) return;
    const say = words();
    const how = health(site);
    const state = this.isOff ? "off" : site.state;
    setText(this.name, site.name || site.id);
    this.name.title = `${site.name} (${site.id})`;
    const kind = site.kind === "site" ? (showsSlides(this.id) ? say.showsSlides : "") : say.kinds[site.kind] ?? site.kind;
    setText(this.kind, site.player ? say.player : kind);
    this.kind.hidden = this.kind.textContent === "" || (site.inside ?? []).length > 0;
    const { player } = site;
    // A player's own state stands in its words.
    setText(this.state, player && state !== "off" ? "" : say.states[state] ?? state);
    this.far.hidden = !(player?.state === "playing" && player.duration > 0);
    if (!this.far.hidden) this.far.value = Math.min(1, player.seconds / player.duration);
    setAttribute(this.far, "aria-label", say.howFar);
    setText(this.light, site.speaking ? say.speaking : "");
    setText(this.words, how.text);
    setText(this.place, site.cell === undefined || site.cell === null ? "" : say.cellShort(site.cell + 1));
    this.place.hidden = this.place.textContent === "";
    setText(this.badge, site.muted ? say.muted : "");
    this.badge.hidden = !site.muted;
    const { dataset, classList } = this.element;
    Object.assign(dataset, { state, grade: how.grade, kind: site.kind });
    classList.toggle("is-speaking", site.speaking);
    classList.toggle("is-muted", site.muted);
    classList.toggle("is-picked", desk.site === this.id);
    setAttribute(this.element, "aria-current", desk.site === this.id);
    setAttribute(this.element, "aria-label", [
      site.name, player ? "" : say.states[state], site.speaking ? say.speaking : "", site.muted ? say.muted : "", how.text,
    ].filter(Boolean).join(", "));
    setAttribute(this.meter, "aria-label", say.level(site.name));
    this.updateButtons(site, say);
    this.updateInside(site, say);
  }

  updateButtons(site, say) {
    const isOn = may("operator") && desk.online;
    this.buttons.hidden = !may("operator");
    const set = (name, word, title, { pressed, shown = true } = {}) => {
      const { button, word: label } = this[name];
      setText(label, word);
      button.title = title;
      setAttribute(button, "aria-label", `${word}: ${site.name}`);
      if (pressed !== undefined) setAttribute(button, "aria-pressed", pressed);
      button.disabled = !isOn;
      button.hidden = !shown;
    };
    const muteIcon = site.muted ? "silent" : "microphone";
    if (this.muteIcon !== muteIcon) this.mute.button.querySelector("svg").replaceWith(icon(this.muteIcon = muteIcon));
    set("mute", site.muted ? say.unmute : say.mute, say.muteTitle, { pressed: site.muted });
    set("call", this.isCalledUp ? say.endCallUp : say.callUp, say.callUpTitle, { pressed: this.isCalledUp });
    set("lecture", this.hasLecture ? say.endLecturer : say.lecturer, say.lecturerTitle, { pressed: this.hasLecture });
    set("softer", "−", `${say.softer} ([)`);
    set("gain", say.gain(this.gainNow), say.gainTitle);
    set("louder", "+", `${say.louder} (])`);
    set("refresh", say.keyframe, say.keyframeTitle, { shown: !site.player });
    set("stop", say.stopPlay, say.stopPlay, { shown: Boolean(site.player) });
    this.stop.button.disabled ||= site.player?.state === "idle";
    set("off", this.isOff ? say.enable : say.disable, say.disableTitle, { pressed: this.isOff });
    set("more", say.more, say.more);
    for (const [name, label] of [["softer", say.softer], ["louder", say.louder]]) {
      setAttribute(this[name].button, "aria-label", `${label}: ${site.name}`);
    }
  }

  updateInside(site, say) {
    const inside = site.inside ?? [];
    this.insideCount.hidden = inside.length === 0;
    if (inside.length === 0) this.inside.hidden = true;
    const key = JSON.stringify([inside, say.language]);
    if (this.insideKey === key) return;
    this.insideKey = key;
    setText(this.insideCount, `${this.kind.textContent} · ${inside.length}`);
    this.insideCount.title = say.inside(inside.length);
    setAttribute(this.insideCount, "aria-label", `${site.name}: ${say.inside(inside.length)}`);
    this.inside.replaceChildren(...inside.map((each) => {
      const row = make("li", { class: each.speaking ? "is-speaking" : undefined },
        make("span", { text: each.name }),
        make("span", {
          class: "inside-state",
          text: [each.speaking ? say.speaking : "", each.picture ? "" : say.rollStates["no picture"],
            each.muted ? say.muted.toLocaleLowerCase() : ""].filter(Boolean).join(", "),
        }));
      row.style.setProperty("--depth", each.depth);
      return row;
    }));
  }

  toggleInside() {
    this.inside.hidden = !this.inside.hidden;
    setAttribute(this.insideCount, "aria-expanded", !this.inside.hidden);
  }

  updateLevel() {
    const level = desk.levels[this.id];
    const share = level === undefined ? 0 : Math.max(0, Math.min(1, 1 - level / floor));
    this.bar.style.setProperty("--level", share.toFixed(3));
    this.meter.classList.toggle("is-loud", level > -6);
    setAttribute(this.meter, "aria-valuenow", Math.round(level ?? floor));
    setAttribute(this.meter, "aria-valuetext", level === undefined ? words().silence : words().dbov(level));
  }

  // MARK: What is done

  toggleMute() { return actNow({ command: this.site?.muted ? "unmute" : "mute", site: this.id }); }
  toggleLecture() { return act({ command: "lecturer", site: this.hasLecture ? null : this.id }); }

  /** Nothing is seen of it at once, so it is said. */
  async refresh_() {
    if (await actNow({ command: "keyframe", site: this.id })) notify(words().keyframeAsked(siteName(this.id)), "good");
  }

  async toggleCall() {
    const site = this.isCalledUp ? null : this.id;
    if (await act({ command: "call-up", site }) && !desk.preparing) rememberCall(site);
  }

  changeGain(step) { return this.setGain(this.gainNow + step); }

  async setGain(value) {
    const gain = Math.max(gains.least, Math.min(gains.most, value));
    this.asked = { gain, time: Date.now() };
    this.update();
    if (!(await actNow({ command: "gain", site: this.id, gain_db: gain }))) this.asked = null;
    this.update();
  }

  async toggleOff() {
    if (this.isOff) return actNow({ command: "enable", site: this.id });
    return (await confirm(words().confirmDisable(siteName(this.id)))) && actNow({ command: "disable", site: this.id });
  }

  showMore() {
    const say = words();
    const chosen = program(desk.session?.programs[0])?.slides;
    const isSlides = Boolean(chosen) && (chosen === this.id || site(chosen)?.slides_of === this.id);
    const item = (word, action) => (close) => make("button", {
      type: "button", class: "item", text: word, onclick: () => { close(); action(); },
    });
    const items = [
      item(say.pinTo, () => this.choosePlace()),
      item(isSlides ? say.endSlides : say.slides, () => act({ command: "slides", site: isSlides ? null : this.id })),
      item(say.hub, () => act({ command: "hub", site: this.id })),
      item(say.siteLayout, () => this.chooseLayout()),
      ...(this.site?.player ? [] : [item(say.keyframe, () => this.refresh_())]),
      item(this.isOff ? say.enable : say.disable, () => this.toggleOff()),
      ...(may("administrator") ? [item(say.remove, async () => (await confirm(say.confirmRemove(siteName(this.id))))
        && actNow({ command: "remove", site: this.id }))] : []),
    ];
    return open(siteName(this.id), (close) => [
      make("div", { class: "items" }, ...items.map((each) => each(close))),
      make("div", { class: "row row-end" }, make("button", { type: "button", text: say.close, onclick: () => close() })),
    ], { className: "menu-dialog" });
  }

  /** The mouse's and the finger's way without dragging. */
  async choosePlace() {
    const say = words();
    const cells = desk.preparing ? stagedCells() : liveCells();
    if (cells.length === 0) return notify(say.cellsUnknown, "error");
    const chosen = await open(say.pinTitle(siteName(this.id)), (close) => [
      make("div", { class: "places" }, ...cells.map((cell, index) => {
        const place = make("button", {
          type: "button", class: "place", title: say.cell(index + 1, cell.site ? siteName(cell.site) : ""),
          onclick: () => close(index),
        }, make("b", { text: String(index + 1) }), make("span", { text: cell.site ? siteName(cell.site) : "" }));
        for (const [key, value] of [["left", cell.x], ["top", cell.y], ["width", cell.width], ["height", cell.height]]) {
          place.style[key] = `${100 * value}%`;
        }
        return place;
      })),
      make("div", { class: "row row-end" }, make("button", { type: "button", text: say.cancel, onclick: () => close() })),
    ], { className: "wide-dialog" });
    return chosen === null ? false : pin(this.id, chosen);
  }

  async chooseLayout() {
    const say = words();
    const layouts = desk.session?.layouts ?? [];
    if (layouts.length === 0) {
      const text = await ask({ title: say.siteLayoutTitle(siteName(this.id)), text: say.freeLayoutHelp });
      return text === null ? false : act({ command: "site-layout", site: this.id, layout: text.trim() || null });
    }
    const chosen = await open(say.siteLayoutTitle(siteName(this.id)), (close) => [
      make("div", { class: "layouts" }, ...layouts.map(({ name, cells }) => make("button", {
        type: "button", class: "layout", onclick: () => close(name),
      }, picture(cells.length > 0 ? cells : null), make("span", { text: say.layoutNames[name] ?? name })))),
      make("div", { class: "row row-end" },
        make("button", { type: "button", text: say.siteLayoutNone, onclick: () => close("") }),
        make("button", { type: "button", text: say.cancel, onclick: () => close() })),
    ], { className: "wide-dialog" });
    return chosen === null ? false : act({ command: "site-layout", site: this.id, layout: chosen || null });
  }
}

/** Who is called up: as the bridge says, or else as it was told from here. */
let remembered = null;
function calledUp() {
  const said = program(desk.session?.programs[0])?.called_up;
  return said === undefined ? remembered : said;
}
function rememberCall(site) {
  remembered = site;
}
