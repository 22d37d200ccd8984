// Requests to the bridge, with the token.
import { desk, changed } from "./desk.js";
import { askToken } from "./token.js";

const patience = 10_000;
let token = sessionStorage.getItem("token") ?? "";
let asking = null;

/** What the bridge answered in place of what was asked for; `status` 0: nothing at all. */
export class Refusal extends Error {
  constructor(status, reason) {
    super(reason);
    this.status = status;
  }
}

/** One question for the token at a time, whoever needs it. */
function newToken() {
  asking ??= askToken(token !== "").then((given) => {
    token = given;
    sessionStorage.setItem("token", token);
    asking = null;
  });
  return asking;
}

/**
 * Sends a request and returns its response, once it is a good one. A 401 asks the operator for the token.
 * @param options `method`, `body` (a value, sent as JSON), `signal`, `endless`: no limit to the time it takes
 */
export async function request(path, { method = "GET", body, signal, endless = false } = {}) {
  for (;;) {
    const used = token;
    const headers = {};
    if (used) headers.Authorization = `Bearer ${used}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const limit = new AbortController();
    const abort = () => limit.abort();
    signal?.addEventListener("abort", abort, { once: true });
    const timer = endless ? null : setTimeout(abort, patience);
    let response;
    try {
      response = await fetch(new URL(path, document.baseURI), {
        method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: limit.signal,
        cache: "no-store", credentials: "same-origin", redirect: "error",
      });
    } catch (error) {
      throw new Refusal(0, error.message);
    } finally {
      clearTimeout(timer);
      if (!endless) signal?.removeEventListener("abort", abort);
    }
    if (response.ok) return response;
    if (response.status === 401) {
      // Another request may have asked meanwhile.
      if (used === token) await newToken();
      continue;
    }
    let reason = `HTTP ${response.status}`;
    try {
      reason = reasonIn(await response.json()) ?? reason;
    } catch { /* no JSON: the number says it */ }
    throw new Refusal(response.status, reason);
  }
}

const reasonIn = (body) => body.error?.message ?? body.error;

/** GET as JSON; null if the bridge has no such thing, which `desk.missing` then remembers. */
export async function get(path) {
  const feature = path.replace(/\?.*/, "");
  if (desk.missing.has(feature)) return null;
  try {
    return await (await request(path)).json();
  } catch (error) {
    if (error.status === 404 || error.status === 403) {
      desk.missing.add(feature);
      changed("missing");
      return null;
    }
    throw error;
  }
}

export const has = (feature) => !desk.missing.has(feature);

export async function send(method, path, body) {
  const response = await request(path, { method, body });
  return response.json().catch(() => ({ ok: true }));
}

/** Lets the browser keep a file that needs the token. */
export async function download(path, name) {
  save(await (await request(path)).blob(), name);
}

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
