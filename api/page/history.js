/** What was spoken in this browser: kept here and nowhere else, the newest first, and not without end. */

import { announce, byId, h, icon } from "./dom.js";
import { sigil, tint } from "./sigil.js";
import { keep, recall } from "./storage.js";
import { ago, nameOf, span } from "./words.js";

const MAX_ENTRIES = 40;
const MAX_CHARACTERS = 300_000; // of all texts; browsers keep some five million
const CROSS = "M7 7l10 10M17 7L7 17";

/**
 * @typedef {object} Entry
 * @property {import("./line-form.js").Line} line
 * @property {number} at milliseconds since 1970
 * @property {number|null} duration seconds; null while a job is at work
 * @property {string|null} job its id
 */

/** @type {Entry[]} */
let entries = recall("history", []);
/** @type {(entry: Entry) => void} */
let open = () => {};

/** Show the history. @param {(entry: Entry) => void} onOpen what a click on an entry does */
export function startHistory(onOpen) {
  open = onOpen;
  byId("history-clear").addEventListener("click", () => {
    update([]);
    announce("All forgotten.");
    byId("history-heading").scrollIntoView({ block: "nearest" });
  });
  show();
}

/**
 * Put an entry on top; another one of the same line or job goes.
 * @param {import("./line-form.js").Line} line
 * @param {number|null} duration
 * @param {string|null} [job]
 */
export function remember(line, duration, job = null) {
  const same = (entry) => (job ? entry.job === job : JSON.stringify(entry.line) === JSON.stringify(line));
  update([{ line, at: Date.now(), duration, job }, ...entries.filter((entry) => !same(entry))]);
}

/** The jobs that had not ended when they were last heard of, the newest first. */
export const openJobs = () => entries.filter((entry) => entry.job && entry.duration === null);

/** Forget the job of an entry, and that it is at work. @param {string} job */
export function forgetJob(job) {
  update(entries.filter((entry) => entry.job !== job));
}

function update(now) {
  let characters = 0;
  entries = now.slice(0, MAX_ENTRIES).filter((entry, index) => (characters += entry.line.text.length) <= MAX_CHARACTERS || index === 0);
  keep("history", entries);
  show();
}

function show() {
  byId("history").replaceChildren(...entries.map(item));
  byId("history-empty").hidden = entries.length > 0;
  byId("history-clear").hidden = entries.length === 0;
}

function item(entry) {
  const { line, at, duration, job } = entry;
  const about = [nameOf(line.champion_id), duration === null ? "at work" : span(duration), ago(at)];
  const element = h("li", { class: "entry" },
    h("button", { type: "button", class: "entry-open", onclick: () => open(entry) },
      sigil(line.champion_id),
      h("span", { class: "entry-text", dir: "auto" }, line.text.slice(0, 160)),
      h("span", { class: "aside" }, about.join(" · "), job && " · long text")),
    h("button", { type: "button", class: "entry-forget", "aria-label": `Forget: ${line.text.slice(0, 40)}`, onclick: () => {
      update(entries.filter((each) => each !== entry));
      announce("Forgotten.");
      byId("history").querySelector("button")?.focus();
    } }, icon(CROSS)));
  return tint(element, line.champion_id);
}
