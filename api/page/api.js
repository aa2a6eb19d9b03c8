/** The API: requests with their key, answers as JSON, failures as problems. */

import { ask, key } from "./keys.js";

/**
 * @typedef {object} Problem a problem document (RFC 9457), as the API writes it
 * @property {string} title
 * @property {number} status 0 where nothing was answered
 * @property {string} detail
 * @property {{field: string, reason: string}[]} [errors]
 * @property {string} [request_id]
 */

/** A request that was not answered as asked. */
export class ApiError extends Error {
  /**
   * @param {Problem} problem
   * @param {number|null} retryAfter seconds
   * @param {string|null} location where the work goes on
   */
  constructor(problem, retryAfter = null, location = null) {
    super(problem.detail);
    this.problem = problem;
    this.retryAfter = retryAfter;
    this.location = location;
  }
}

/** Where the API is: the page lies at its root. @param {string} path @returns {string} */
export const address = (path) => new URL(path.replace(/^\//, ""), document.baseURI).href;

/**
 * @typedef {object} Options
 * @property {unknown} [json] the body
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 */

/**
 * Ask the API.
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<any>} the answer's JSON; null where it has none
 * @throws {ApiError} and AbortError
 */
export async function call(method, path, options = {}) {
  return parsed(await request(method, path, options));
}

/** Look at something, to change it: its JSON, and the ETag that says which of its versions it is. @param {string} path */
export async function lookAt(path) {
  const answer = await request("GET", path, {});
  return { ...(await parsed(answer)), etag: answer.headers.get("ETag") };
}

async function request(method, path, { json, headers = {}, signal }) {
  const kind = path.startsWith("/voices") && method !== "GET" ? "admin" : "caller";
  const body = json === undefined ? undefined : JSON.stringify(json);
  for (;;) {
    const sent = key(kind);
    const answer = await send(method, path, body, { ...headers, ...(sent && { "X-Api-Key": sent }) }, signal);
    if (answer.ok) return answer;
    const given = answer.status === 401 || answer.status === 403 ? await ask(kind, sent) : null;
    if (!given) throw await failure(answer);
  }
}

async function send(method, path, body, headers, signal) {
  const type = body === undefined ? {} : { "Content-Type": "application/json" };
  try {
    return await fetch(address(path), { method, body, signal, headers: { Accept: "application/json", ...type, ...headers } });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({ title: "No answer", status: 0, detail: "The API cannot be reached. Is it running, and is this machine online?" });
  }
}

async function parsed(answer) {
  if (answer.status === 204) return null;
  try {
    return await answer.json();
  } catch {
    throw new ApiError({ title: "Broken answer", status: answer.status, detail: "The API's answer broke off." });
  }
}

async function failure(answer) {
  const told = await answer.json().catch(() => ({}));
  const seconds = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10);
  const problem = {
    title: told.title ?? `Status ${answer.status}`,
    status: answer.status,
    detail: told.detail ?? told.message ?? "The API did not say why.",
    errors: told.errors,
    request_id: told.request_id ?? answer.headers.get("X-Request-Id") ?? answer.headers.get("x-amzn-RequestId") ?? undefined,
  };
  return new ApiError(problem, Number.isNaN(seconds) ? null : seconds, answer.headers.get("Location"));
}
