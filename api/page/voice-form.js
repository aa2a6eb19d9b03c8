/** The form that adds a voice, or replaces one. */

import { ApiError, call, lookAt } from "./api.js";
import { toBase64 } from "./audio.js";
import { refresh } from "./champions.js";
import { announce, byId, h } from "./dom.js";
import * as problem from "./problem.js";
import { sure } from "./question.js";
import { Recorder } from "./recorder.js";
import { nameOf } from "./words.js";

const MUST = {
  champion_id: "Give the voice a name.",
  transcript: "Write down what is said in the recording.",
  consent_by: "Say whose voice it is, and who agreed.",
  consent: "A voice is cloned only with consent.",
};

/** @type {HTMLFormElement} */
const form = byId("voice");
const box = byId("voice-problem");
/** What was read aloud for the last recording. */
let readAloud = "";
const recorder = new Recorder(
  byId("recorder"),
  (reason) => problem.markFields(form, reason ? [{ field: "audio", reason }] : []),
  (text) => {
    // What is said is what was read aloud, unless someone wrote down something else.
    const { transcript } = form.elements;
    if (["", readAloud].includes(transcript.value)) transcript.value = text;
    readAloud = text;
  },
);
/** @type {string|null} the ETag of the voice that is being replaced */
let replaced = null;

/** Bring the form to life. @param {(championId: string) => void} hear what lets a voice be heard */
export function startVoiceForm(hear) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(hear);
  });
  byId("voice-cancel").addEventListener("click", reset);
  form.elements.champion_id.addEventListener("input", ({ target }) => {
    target.value = target.value.toLowerCase().replace(/\s+/g, "-");
  });
}

/**
 * Have a voice replaced: the form asks for everything but its name.
 * @param {import("./champions.js").Champion & {etag: string, transcript: string}} champion
 */
export function replace(champion) {
  reset();
  replaced = champion.etag;
  form.elements.champion_id.value = champion.champion_id;
  form.elements.champion_id.readOnly = true;
  form.elements.transcript.value = champion.transcript;
  title(`Replace ${nameOf(champion.champion_id)}`, "Replace the voice");
  byId("voice-cancel").hidden = false;
  form.scrollIntoView({ block: "start" });
  byId("recorder").querySelector("button")?.focus();
}

async function save(hear) {
  const { elements } = form;
  const given = {
    champion_id: elements.champion_id.value.trim(),
    transcript: elements.transcript.value.trim(),
    consent_by: elements.consent_by.value.trim(),
    consent: elements.consent.checked,
  };
  problem.clear(box, form);
  const missing = Object.entries(MUST).filter(([name]) => !given[name]).map(([field, reason]) => ({ field, reason }));
  if (!recorder.recording) missing.push({ field: "audio", reason: "Record something, or choose a file." });
  problem.markFields(form, missing);
  if (missing.length) return;
  const { champion_id: championId, ...rest } = given;
  working(true);
  try {
    const audio = await toBase64(/** @type {Blob} */ (recorder.recording));
    // A name that is taken is not overwritten by accident, nor a voice that someone else has changed meanwhile.
    const condition = replaced === null ? { "If-None-Match": "*" } : { "If-Match": replaced };
    await call("PUT", `/voices/${encodeURIComponent(championId)}`, { json: { ...rest, audio }, headers: condition });
    reset();
    await refresh();
    box.replaceChildren(h("div", { class: "good" },
      h("p", {}, `${nameOf(championId)} can speak.`),
      h("div", { class: "buttons" }, h("button", { type: "button", class: "secondary", onclick: () => hear(championId) }, `Hear ${nameOf(championId)}`))));
    announce(`${nameOf(championId)} can speak.`);
    box.querySelector("button")?.focus();
  } catch (error) {
    problem.show(box, error, { form, more: asReplacement(error, championId, hear) });
  } finally {
    working(false);
  }
}

/** Where the name is taken, what is in the form may be meant for that voice. */
function asReplacement(error, championId, hear) {
  if (!(error instanceof ApiError) || error.problem.status !== 412) return [];
  const go = async () => {
    try {
      replaced = (await lookAt(`/voices/${encodeURIComponent(championId)}`)).etag;
      await save(hear);
    } catch (other) {
      problem.show(box, other);
    }
  };
  return [h("button", { type: "button", class: "secondary", onclick: go }, `Replace ${nameOf(championId)}`)];
}

/**
 * Delete a voice, once it was asked whether it may be.
 * @param {string} championId
 * @param {HTMLElement} complaints
 */
export async function remove(championId, complaints) {
  const name = nameOf(championId);
  if (!(await sure(`Delete ${name}?`, `${name}'s recording and transcript are deleted, and nothing brings them back. Lines that were spoken stay until they expire.`, `Delete ${name}`))) return;
  problem.clear(complaints);
  try {
    await call("DELETE", `/voices/${encodeURIComponent(championId)}`);
    await refresh();
    announce(`${name} is deleted.`);
    byId("voices-heading").scrollIntoView({ block: "nearest" });
  } catch (error) {
    problem.show(complaints, error);
  }
}

function reset() {
  form.reset();
  replaced = null;
  form.elements.champion_id.readOnly = false;
  recorder.clear();
  problem.clear(box, form);
  title("Add a voice", "Add the voice");
  byId("voice-cancel").hidden = true;
}

function title(heading, button) {
  byId("voice-heading").textContent = heading;
  form.querySelector("[type=submit] .label").textContent = button;
}

function working(on) {
  const button = form.querySelector("[type=submit]");
  button.disabled = on;
  form.setAttribute("aria-busy", String(on));
}
