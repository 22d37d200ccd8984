// What the page knows of the bridge, and who wants to hear when it changes.

export const desk = {
  /** GET /v1/session; null until it came. */
  session: null,
  /** GET /stats. */
  status: null,
  /** dBov by site; a site that isn't there is silent. */
  levels: {},
  alarms: [],
  /** Oldest first. */
  log: [],
  /** The commands that are staged, or null. */
  staged: null,
  rollCall: null,
  recordings: [],
  /** The id of the site that is picked. */
  site: null,
  /** The id of the program on the stage. */
  program: null,
  /** Whether what changes pictures is staged in place of done. */
  preparing: false,
  online: false,
  /** Features that this bridge doesn't have: paths that answered 404. */
  missing: new Set(),
};

const listeners = new Map();

/** Calls `listener` after each change of `topic`, the name of a part of the desk. */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, []);
  listeners.get(topic).push(listener);
}

export function changed(topic) {
  for (const listener of listeners.get(topic) ?? []) listener();
}

/** The sites; their slides, which are lines of their own, stand on their cards. */
export const sites = () => (desk.status?.sites ?? []).filter((each) => !each.slides_of);
/** Whether pictures come by the line of a site's slides. */
export const showsSlides = (id) => (desk.status?.sites ?? []).some((each) => each.slides_of === id && each.state !== "slate");
export const site = (id) => desk.status?.sites.find((each) => each.id === id) ?? null;
export const siteName = (id) => site(id)?.name || id;
export const program = (id = desk.program) => desk.status?.programs.find((each) => each.id === id) ?? null;

const ranks = { viewer: 0, operator: 1, administrator: 2 };
/** Whether this session's role is `role` or more. */
export const may = (role) => (ranks[desk.session?.role] ?? 0) >= ranks[role];
