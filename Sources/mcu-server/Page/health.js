// How a site is, in words an operator can say aloud: from what changed between reports.
import { current, number, playerText, words } from "./words.js";
import { desk, on, siteName } from "./desk.js";

/** Rates are of so many seconds. */
const span = 5_000;
/** By site: {time, site} of the last reports, oldest first. */
const reports = new Map();
/** By site: when its count of pictures last grew. */
const lastPicture = new Map();

on("status", () => {
  const now = Date.now();
  const ids = new Set(desk.status.sites.map((each) => each.id));
  for (const id of [...reports.keys()]) if (!ids.has(id)) forget(id);
  for (const site of desk.status.sites) {
    let kept = reports.get(site.id) ?? [];
    const before = kept.at(-1)?.site;
    // Counters that fall: another run of the bridge.
    if (before && (site.video_in?.packets ?? 0) + (site.audio_in?.packets ?? 0)
      < (before.video_in?.packets ?? 0) + (before.audio_in?.packets ?? 0)) {
      kept = [];
      lastPicture.delete(site.id);
    }
    const isNew = site.video_in?.frames_decoded !== before?.video_in?.frames_decoded;
    // Of one that nobody looks at only keyframes are decoded.
    if (isNew || site.video_in?.resting) lastPicture.set(site.id, now);
    kept.push({ time: now, site });
    while (kept.length > 2 && now - kept[1].time >= span) kept.shift();
    reports.set(site.id, kept);
  }
});

function forget(id) {
  reports.delete(id);
  lastPicture.delete(id);
}

const order = { critical: 0, warning: 1, notice: 2, good: 3 };

/**
 * What is wrong with a site, worst first.
 * @returns `grade` (`good`, `notice`, `warning` or `critical`) and `text`
 */
export function health(site) {
  const say = words().health;
  if (site.enabled === false) return { grade: "notice", text: say.off };
  // It has no line that could be ill.
  if (site.player) {
    const grade = { failed: "critical", playing: "good", opening: "good" }[site.player.state] ?? "notice";
    return { grade, text: playerText(site.player) };
  }
  const found = [];
  const find = (grade, text) => found.push({ grade, text });
  const kept = reports.get(site.id) ?? [];
  const first = kept[0]?.site;
  const seconds = kept.length > 1 ? (kept.at(-1).time - kept[0].time) / 1000 : 0;

  if (site.link?.state === "loop") find("critical", say.loop);
  if (site.state === "slate") find("critical", slateWords(site));
  if (site.state === "dimmed") find("warning", say.dimmed);
  if (first && seconds > 0) {
    const lost = Math.max(lossShare(site.video_in, first.video_in), lossShare(site.audio_in, first.audio_in));
    if (lost >= 0.01) find(lost >= 0.05 ? "critical" : "warning", say.loss(number(100 * lost, lost < 0.02 ? 1 : 0)));
  }
  if (site.state !== "slate" && site.video_in && lastPicture.has(site.id)) {
    const stands = (Date.now() - lastPicture.get(site.id)) / 1000;
    if (site.video_in.frames_decoded > 0 && stands >= 1.8) find("critical", say.stands(number(stands)));
    else if (site.state === "fault") find("critical", say.fault);
    else if (site.video_in.fps > 0 && site.video_in.fps < 12 && !site.video_in.resting) find("notice", say.slow(number(site.video_in.fps)));
  }
  if (first && seconds > 0 && site.audio_in && first.audio_in) {
    const concealed = (site.audio_in.concealed_ms - first.audio_in.concealed_ms) / 1000 / seconds;
    if (concealed >= 0.03) find(concealed >= 0.15 ? "critical" : "warning", say.concealed(number(100 * Math.min(1, concealed))));
    if (seconds >= 2 && site.audio_in.packets === first.audio_in.packets && site.state !== "slate") find("warning", say.noSound);
  }
  if (site.level_dbov > -3) find("warning", say.loud);
  const jitter = Math.max(site.video_in?.jitter_ms ?? 0, site.audio_in?.jitter_ms ?? 0);
  // The limits of alarms and line check.
  if (jitter >= 30) find(jitter > 100 ? "critical" : "warning", say.jitter(number(jitter)));
  if (site.rtt_ms >= 300) find(site.rtt_ms > 800 ? "critical" : "warning", say.rtt(number(site.rtt_ms)));
  const lip = site.lip_sync_ms;
  if (site.lip_sync !== "implausible" && (lip < -45 || lip > 125)) {
    find(lip < -90 || lip > 185 ? "critical" : "warning", say.lip(number(Math.abs(lip))));
  }
  for (const [index, each] of (site.lines?.lines ?? []).entries()) if (!each.alive) find("warning", say.line(index + 1));
  if (site.link?.state === "other-version") find("notice", say.otherVersion);
  if (site.link?.feed && site.link.feed !== site.id) find("warning", say.backup(siteName(site.link.feed)));
  const grown = (cause) => (site.dropped?.[cause] ?? 0) > (first?.dropped?.[cause] ?? 0);
  if (grown("unauthenticated")) find("critical", say.key);
  if (grown("source")) find("notice", say.stranger);
  if (grown("kernel")) find("warning", say.kernel);
  if (site.video_out?.rung > 0) find("notice", say.reduced);

  found.sort((a, b) => order[a.grade] - order[b.grade]);
  if (found.length === 0) return { grade: "good", text: say.good };
  const text = found.slice(0, 3).map((each) => each.text).join(", ");
  return { grade: found[0].grade, text: text.charAt(0).toLocaleUpperCase(current()) + text.slice(1) };
}

export const isIll = (site) => order[health(site).grade] <= order.warning;

/** The roll call knows why there is no picture. */
function slateWords(site) {
  const say = words().health;
  const reason = desk.rollCall?.rows.find((row) => row.depth === 0 && row.path === site.id)?.state;
  return say.reasons[reason] ?? say.slate;
}

function lossShare(now, before) {
  if (!now || !before) return 0;
  const lost = now.lost - before.lost;
  const expected = now.packets - before.packets + lost;
  return lost > 0 && expected >= 20 ? lost / expected : 0;
}
