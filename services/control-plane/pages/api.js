// The only way to the server: every page is a client of the API that /docs describes.

/** An answer that is no success: `status`, `title`, `detail` and `part` of problem+json, or what hinders reaching the server. */
export class Problem extends Error {
  constructor(status, title, detail, part, retryAfter) {
    super(detail || title);
    Object.assign(this, { status, title, detail, part, retryAfter });
  }
}

let onSignedOut = () => {};
/** Calls `then` when the server no longer knows this session. */
export function whenSignedOut(then) { onSignedOut = then; }

/** Turns an object into a query string, leaving out what is empty. */
export function query(parameters) {
  const given = Object.entries(parameters ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? "?" + new URLSearchParams(given.map(([key, value]) => [key, String(value)])) : "";
}

const key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * One request. Returns what the JSON of the answer says, or null when there is none.
 * @throws {Problem} for an answer other than success, and with status 0 when the server cannot be reached.
 */
async function call(method, path, { body, parameters, headers, signal } = {}) {
  // What makes or does something is carried out once, also when its answer is lost on the way and it is sent again.
  const isOnce = method === "POST" && path !== "/session" && path !== "/setup";
  const fields = { ...headers, ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...(isOnce ? { "Idempotency-Key": key() } : {}) };
  let answer;
  const send = () => fetch("/api/v1" + path + query(parameters), {
    method, signal, credentials: "same-origin", headers: fields, body: body === undefined ? undefined : JSON.stringify(body),
  });
  try {
    answer = await send().catch((error) => {
      if (!isOnce || error.name === "AbortError") throw error;
      return new Promise((resolve) => setTimeout(resolve, 1000)).then(send);
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The box does not answer", "Nothing came back from control-plane. It may be restarting, or this device has left the network.");
  }
  const isJSON = (answer.headers.get("Content-Type") ?? "").includes("json");
  const said = isJSON ? await answer.json() : null;
  if (answer.ok) return said;
  if (answer.status === 401 && path !== "/session") onSignedOut();
  throw new Problem(answer.status, said?.title ?? answer.statusText, said?.detail, said?.part, Number(answer.headers.get("Retry-After")) || null);
}

export const get = (path, parameters, signal) => call("GET", path, { parameters, signal });
export const post = (path, body = {}, headers = {}) => call("POST", path, { body, headers });
export const put = (path, body = {}) => call("PUT", path, { body });
export const patch = (path, body = {}) => call("PATCH", path, { body });
export const remove = (path) => call("DELETE", path);
