// A new site, by a form: it becomes a specification in the words of `--site`.
import { make, setText } from "./dom.js";
import { words } from "./words.js";
import { send } from "./api.js";
import { open } from "./dialogs.js";
import { notify } from "./notices.js";

/** Shows the form until the bridge has taken the site, or the operator gives up; a refusal stands in it, in the bridge's words. */
export async function addSite() {
  const say = words();
  const added = await open(say.addSite.replace("…", ""), (close) => {
    const field = (key, extra = {}) => {
      const input = make("input", { type: "text", id: `add-${key}`, autocomplete: "off", spellcheck: false, required: true, ...extra });
      return { input, label: make("label", { for: input.id, text: say.addFields[key] }) };
    };
    const port = { inputMode: "numeric", pattern: "[0-9]{1,5}" };
    const fields = {
      name: field("name", { maxLength: 100 }), id: field("id", { pattern: "[a-z0-9][a-z0-9\\-]*", title: say.addIdHelp }),
      address: field("address", { placeholder: "10.20.9.10" }), port: field("port", { ...port, value: "5004" }),
      audio: field("audio", { ...port, placeholder: "6060" }), video: field("video", { ...port, placeholder: "6062" }),
      other: field("other", { required: false, placeholder: "jitter=40-200,fps=25" }),
    };
    const { name, id, audio, video } = fields;
    // What follows from another field, until it is written by hand.
    const follow = (from, to, how) => {
      let isOwn = false;
      to.input.addEventListener("input", () => { isOwn = to.input.value !== ""; });
      from.input.addEventListener("input", () => { if (!isOwn) to.input.value = how(from.input.value); });
    };
    follow(name, id, idOf);
    follow(audio, video, (text) => (/^\d+$/.test(text) ? String(Number(text) + 2) : ""));
    const wrong = make("p", { class: "wrong", role: "alert", hidden: true });
    const submit = make("button", { type: "submit", class: "strong", text: say.add });
    const form = make("form", { method: "dialog", class: "add-form" },
      make("p", { class: "hint", text: say.addSiteHelp }),
      make("div", { class: "fields" }, ...Object.values(fields).flatMap(({ label, input }) => [label, input])), wrong,
      make("div", { class: "row row-end" },
        make("button", { type: "button", text: say.cancel, onclick: () => close() }), submit));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      submit.disabled = true;
      wrong.hidden = true;
      const values = Object.fromEntries(Object.entries(fields).map(([key, { input }]) => [key, input.value.trim()]));
      try {
        await send("POST", "v1/commands", { command: "add", spec: specification(values) });
        close(values);
      } catch (error) {
        wrong.hidden = false;
        setText(wrong, error.status === 0 ? words().unanswered(say.addSite) : error.message);
      }
      submit.disabled = false;
    });
    return form;
  }, { className: "form-dialog" });
  if (added) notify(words().added(added.name), "good");
}

/** `--site`'s words; a comma or a quote in a value is written so that it stays one. */
function specification({ id, name, address, port, audio, video, other }) {
  const value = (text) => (/[",\\]/.test(text) ? `"${text.replace(/(["\\])/g, "\\$1")}"` : text);
  const host = address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
  const pairs = [["id", id], ["name", name], ["audio", audio], ["video", video], ["to", `${host}:${port}`]];
  return pairs.map(([key, text]) => `${key}=${value(text)}`).join(",") + (other ? `,${other}` : "");
}

/** An id from a name: `Xã Mới` is `xa-moi`. */
function idOf(name) {
  return name.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
}
