/** Long texts: jobs of the API, followed until they end. */

import { ApiError, call } from "./api.js";

/**
 * @typedef {object} Job
 * @property {string} id
 * @property {"queued"|"waiting_for_capacity"|"running"|"succeeded"|"failed"|"cancelled"} status
 * @property {number} progress 0 to 1
 * @property {{index: number, text: string, start: number, end: number, audio_url: string}[]} parts finished ones, in order
 * @property {string} format
 * @property {number|null} duration
 * @property {string|null} audio_url
 * @property {string|null} captions_url
 * @property {string|null} subtitles_url
 * @property {string|null} spoken_text
 * @property {import("./api.js").Problem|null} problem
 */

const ENDED = ["succeeded", "failed", "cancelled"];
const SECONDS = { queued: 1, running: 1, waiting_for_capacity: 5 };
const MAX_PAUSE_SECONDS = 30;

/** @param {Job} job */
export const hasEnded = (job) => ENDED.includes(job.status);

/** A line as a job takes it: a job has the pace of its speed. @param {import("./line-form.js").Line} line */
export function asJob({ duration, ...rest }) {
  return rest;
}

/**
 * Start a job; sent twice, it is one.
 * @param {import("./line-form.js").Line} line
 * @param {string} idempotencyKey
 * @param {AbortSignal} signal
 * @returns {Promise<Job>}
 */
export function startJob(line, idempotencyKey, signal) {
  return call("POST", "/jobs", { json: asJob(line), headers: { "Idempotency-Key": idempotencyKey }, signal });
}

/** @param {string} id */
export const cancelJob = (id) => call("DELETE", `/jobs/${encodeURIComponent(id)}`);

/**
 * Ask for a job until it has ended; what fails on the way is tried again.
 * @param {string} id
 * @param {AbortSignal} signal ends the asking, not the job
 * @returns {AsyncGenerator<Job>}
 * @throws {ApiError} there is no such job
 */
export async function* follow(id, signal) {
  let failures = 0;
  while (!signal.aborted) {
    let pause;
    try {
      const job = await call("GET", `/jobs/${encodeURIComponent(id)}`, { signal });
      failures = 0;
      yield job;
      if (hasEnded(job)) return;
      pause = SECONDS[job.status] ?? 1;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError) || (error.problem.status >= 400 && error.problem.status < 500 && error.problem.status !== 429)) throw error;
      failures += 1;
      pause = Math.min(MAX_PAUSE_SECONDS, 2 ** failures);
    }
    await new Promise((resolve) => setTimeout(resolve, pause * 1000));
  }
}
