// Each site's small picture, about once a second, one request at a time: connections are few.
import { desk } from "./desk.js";
import { request } from "./api.js";

const round = 1_000;
/** By site: {image, isSeen}. */
const wanted = new Map();
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const each = wanted.get(entry.target.dataset.site);
    if (each) each.isSeen = entry.isIntersecting;
  }
});

export function want(site, image) {
  image.dataset.site = site;
  wanted.set(site, { image, isSeen: true });
  seen.observe(image);
}

export function drop(site) {
  const each = wanted.get(site);
  if (!each) return;
  seen.unobserve(each.image);
  if (each.image.src) URL.revokeObjectURL(each.image.src);
  wanted.delete(site);
}

/** Runs for as long as the page does. */
export async function start() {
  for (;;) {
    const began = Date.now();
    if (desk.online && !document.hidden && !desk.missing.has("thumbnails")) {
      let [asked, missing] = [0, 0];
      for (const [site, each] of [...wanted]) {
        if (!desk.online) break;
        if (!each.isSeen) continue;
        asked += 1;
        if (!(await refresh(site, each.image))) missing += 1;
      }
      // Of no site: this bridge makes none. It is asked again after the line was lost.
      if (asked > 1 && missing === asked) desk.missing.add("thumbnails");
    }
    await new Promise((resume) => setTimeout(resume, Math.max(100, round - (Date.now() - began))));
  }
}

/** Answers false if there is no such thing. */
async function refresh(site, image) {
  try {
    const response = await request(`v1/sites/${encodeURIComponent(site)}/thumbnail.jpg`);
    if (response.status === 204) return true;
    const url = URL.createObjectURL(await response.blob());
    const before = image.src;
    image.src = url;
    image.classList.add("has-picture");
    if (before) URL.revokeObjectURL(before);
    return true;
  } catch (error) {
    // A 404 may be of one site that has no picture yet: it is asked again in the next round.
    if (error.status !== 0) image.classList.remove("has-picture");
    return error.status !== 404;
  }
}
