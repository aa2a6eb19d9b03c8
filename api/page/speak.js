/** Speaking: the form is sent, and what comes is shown. Nothing that goes wrong takes anything away. */

import { ApiError, call } from "./api.js";
import { byId, h } from "./dom.js";
import { forgetJob, openJobs, remember, startHistory } from "./history.js";
import { cancelJob, follow, hasEnded, startJob } from "./jobs.js";
import { fill, isLong, read, startForm } from "./line-form.js";
import * as problem from "./problem.js";
import { busy, idle, openJob, showJob, showLine, startResult } from "./result.js";
import { clock, nameOf } from "./words.js";

const MAX_SEED = 2 ** 32;

const form = byId("line");
const box = byId("speak-problem");
const button = byId("speak-button");
/** @type {AbortController|null} what is waited for */
let waiting = null;
/** What a job was sent under: the same line again is the same job. */
let sent = { line: "", key: "" };

/** Bring the view to life. */
export function startSpeaking() {
  startForm();
  startResult();
  startHistory((entry) => {
    fill(entry.line);
    byId("text").scrollIntoView({ block: "center" });
    if (entry.job) resume(entry.job, entry.line);
    else speak();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // The keyboard's Ctrl+Enter sends no button: it always speaks what is written.
    if (waiting && button.dataset.stops && event.submitter === button) waiting.abort();
    else speak();
  });
  const [unfinished] = openJobs();
  if (unfinished) resume(unfinished.job, unfinished.line);
}

/** Speak what is in the form. */
async function speak() {
  const line = read();
  const missing = [];
  if (!line.champion_id) missing.push({ field: "champion_id", reason: "Choose a voice, as soon as they are there." });
  if (!line.text.trim()) missing.push({ field: "text", reason: "Write what is to be said." });
  if (missing.length) {
    problem.markFields(form, missing);
    return;
  }
  problem.clear(box, form);
  await underway(async (signal) => {
    if (isLong(line.text)) await speakInParts(line, signal);
    else await speakAtOnce(line, signal);
  }, line);
}

async function speakAtOnce(line, signal) {
  const began = performance.now();
  const tick = () => busy(line.champion_id, `Speaking · ${clock((performance.now() - began) / 1000)}`);
  tick();
  const ticking = setInterval(tick, 1000);
  try {
    const answer = await call("POST", "/voice", { json: line, signal });
    clearInterval(ticking);
    remember(line, answer.duration);
    await showLine(answer, line, anotherTake);
  } catch (error) {
    const job = error instanceof ApiError && error.location?.match(/\/jobs\/([^/?]+)$/)?.[1];
    if (!job) throw error;
    // It took too long for one answer, and goes on as a job.
    clearInterval(ticking);
    await followed(job, line, signal);
  } finally {
    clearInterval(ticking);
  }
}

async function speakInParts(line, signal) {
  const same = JSON.stringify(line);
  if (sent.line !== same) sent = { line: same, key: newKey() };
  busy(line.champion_id, "Handing it over");
  const job = await startJob(line, sent.key, signal);
  await followed(job.id, line, signal);
}

/** Follow a job until it has ended, or something else is spoken. */
async function followed(id, line, signal) {
  remember(line, null, id);
  openJob(line.champion_id);
  stops(false);
  const cancel = async () => {
    try {
      await cancelJob(id);
      idle("Being cancelled");
    } catch (error) {
      problem.show(box, error);
    }
  };
  for await (const job of follow(id, signal)) {
    showJob(job, line.champion_id, cancel);
    if (!hasEnded(job)) continue;
    remember(line, job.duration ?? job.parts.at(-1)?.end ?? 0, id);
    if (job.status !== "succeeded") sent = { line: "", key: "" };
    if (job.problem) problem.show(box, new ApiError(job.problem), { retry: speak });
  }
}

function resume(id, line) {
  problem.clear(box, form);
  underway(async (signal) => {
    try {
      await followed(id, line, signal);
    } catch (error) {
      if (error instanceof ApiError && error.problem.status === 404) forgetJob(id);
      throw error;
    }
  }, line);
}

/** Do something that takes a while, in place of what is being waited for. */
async function underway(work, line) {
  waiting?.abort();
  const mine = (waiting = new AbortController());
  stops(true);
  try {
    await work(mine.signal);
  } catch (error) {
    if (waiting !== mine) return;
    if (mine.signal.aborted) idle("Stopped.");
    else {
      idle("It was not spoken.");
      problem.show(box, error, { form, retry: speak, more: untilAwake(error, line) });
    }
  } finally {
    if (waiting === mine) {
      waiting = null;
      stops(false);
    }
  }
}

/** An endpoint that sleeps is best waited for by a job. */
function untilAwake(error, line) {
  if (!(error instanceof ApiError) || error.problem.status !== 503) return [];
  const wait = () => {
    problem.clear(box, form);
    underway((signal) => speakInParts(line, signal), line);
  };
  return [h("button", { type: "button", class: "secondary", onclick: wait }, "Speak it as soon as it can be")];
}

function stops(can) {
  if (can) button.dataset.stops = "yes";
  else delete button.dataset.stops;
  button.querySelector(".label").textContent = can ? "Stop" : "Speak";
}

function anotherTake() {
  fill({ ...read(), seed: crypto.getRandomValues(new Uint32Array(1))[0] % MAX_SEED });
  speak();
}

/** Speak a first line with a voice that has just been made. @param {string} championId */
export function hear(championId) {
  fill({ ...read(), champion_id: championId, text: read().text.trim() ? read().text : `This is how ${nameOf(championId)} sounds.` });
  speak();
}

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
