/** What was spoken: the player, what is known of the sound, and what can be done with it. */

import { fromBase64, look, peaksBehind, wav } from "./audio.js";
import { announce, byId, h, icon } from "./dom.js";
import { hasEnded } from "./jobs.js";
import { Player } from "./player.js";
import { laidOut } from "./sentences.js";
import { sigil, tint } from "./sigil.js";
import { nameOf, span } from "./words.js";

const MEDIA_TYPES = { wav: "audio/wav", mp3: "audio/mpeg", opus: "audio/ogg", flac: "audio/flac", pcm: "audio/pcm" };
const SAVE = "M12 4v11m-4.5-4L12 15.5 16.5 11M5 20h14";
const JOB_WORDS = {
  queued: "Waiting for its turn",
  waiting_for_capacity: "Waiting for the voice to wake: about 8 minutes, nothing is lost",
  running: "Speaking",
  succeeded: "Done",
  failed: "It could not be finished",
  cancelled: "Cancelled",
};

const player = new Player();
const who = h("p", { class: "who" });
const state = h("p", { class: "aside state" });
const meter = h("progress", { max: "1", value: "0", "aria-label": "Progress", hidden: true });
const actions = h("div", { class: "buttons" });
const said = h("details", { class: "said", hidden: true }, h("summary", {}, "What was said, word for word"), h("p", { dir: "auto" }));
/** @type {string[]} object URLs of what is shown */
let kept = [];
let shownParts = 0;

/** Put the empty player on the page. */
export function startResult() {
  byId("result").replaceChildren(h("div", { class: "result-head" }, who, state), meter, player.element, actions, said);
  empty();
}

/** Show that something is being spoken. @param {string} championId @param {string} words */
export function busy(championId, words) {
  byId("result").setAttribute("aria-busy", "true");
  tint(byId("result"), championId);
  who.replaceChildren(sigil(championId), nameOf(championId));
  state.textContent = words;
}

/** Leave what is shown, with nothing under way. @param {string} words */
export function idle(words) {
  byId("result").removeAttribute("aria-busy");
  state.textContent = words;
}

/**
 * Show and play a line.
 * @param {any} answer of POST /voice
 * @param {import("./line-form.js").Line} line
 * @param {() => void} anotherTake
 */
export async function showLine(answer, line, anotherTake) {
  reset(answer.champion_id);
  const sound = answer.audio === null ? null : playable(fromBase64(answer.audio), answer);
  const track = { source: sound ? link(sound) : answer.audio_url, start: 0, duration: answer.duration, peaks: null };
  player.onbroken = () => idle("This browser cannot play it. It can be downloaded.");
  player.load(track, laidOut(answer.segments, line.text));
  idle([span(answer.duration), answer.from_store ? "from the store" : null, `seed ${answer.seed}`].filter(Boolean).join(" · "));
  const name = `${answer.champion_id}.${answer.format}`;
  const file = answer.audio === null ? answer.audio_url : link(new Blob([fromBase64(answer.audio)], { type: MEDIA_TYPES[answer.format] }));
  actions.replaceChildren(
    h("button", { type: "button", class: "secondary", onclick: anotherTake }, "Another take"),
    ...downloads(answer, file, name));
  tell(answer.spoken_text, line.text);
  announce(`${nameOf(answer.champion_id)} speaks for ${span(answer.duration)}.`);
  const peaks = sound ? (await look(await sound.arrayBuffer()).catch(() => null))?.peaks ?? null : await peaksBehind(answer.audio_url);
  if (player.tracks[0] === track) player.drawn(track, peaks);
}

/** Make room for a job. @param {string} championId */
export function openJob(championId) {
  reset(championId);
  player.expect(0, false);
  player.waiting = true; // the first part is played when it comes
  meter.hidden = false;
}

/**
 * Show how far a job is, and play its parts as they come.
 * @param {import("./jobs.js").Job} job
 * @param {string} championId
 * @param {() => void} cancel
 */
export function showJob(job, championId, cancel) {
  for (const part of job.parts.slice(shownParts)) {
    const track = { source: part.audio_url, start: part.start, duration: part.end - part.start, peaks: null };
    player.append(track, [{ ...part, breakAfter: /\n\s*$/.test(part.text) }]);
    peaksBehind(part.audio_url).then((peaks) => player.tracks.includes(track) && player.drawn(track, peaks));
  }
  shownParts = job.parts.length;
  const spoken = job.parts.at(-1)?.end ?? 0;
  const ended = hasEnded(job);
  player.expect(job.duration ?? (ended || !job.progress ? spoken : spoken / job.progress), ended);
  meter.value = job.progress;
  meter.hidden = ended;
  who.replaceChildren(sigil(championId), nameOf(championId));
  const share = ended || job.status === "queued" ? "" : ` · ${Math.round(job.progress * 100)} %`;
  const words = `${JOB_WORDS[job.status]}${share}${ended && spoken ? ` · ${span(job.duration ?? spoken)}` : ""}`;
  if (ended) idle(words);
  else busy(championId, words);
  actions.replaceChildren(
    ...(ended ? [] : [h("button", { type: "button", class: "secondary", onclick: cancel }, "Cancel")]),
    ...(job.audio_url ? downloads(job, job.audio_url, `${championId}.${job.format}`) : []));
  if (ended) announce(words);
  if (job.spoken_text) tell(job.spoken_text, "");
}

function empty() {
  who.textContent = "";
  state.textContent = "What is spoken is heard here.";
}

function reset(championId) {
  kept.forEach((url) => URL.revokeObjectURL(url));
  kept = [];
  shownParts = 0;
  player.clear();
  player.onbroken = undefined;
  meter.hidden = true;
  meter.value = 0;
  actions.replaceChildren();
  said.hidden = true;
  tint(byId("result"), championId);
  who.replaceChildren(sigil(championId), nameOf(championId));
}

/** Browsers play no bare samples. */
function playable(bytes, { format, sample_rate: rate }) {
  return format === "pcm" ? wav(bytes, rate) : new Blob([bytes], { type: MEDIA_TYPES[format] });
}

function link(blob) {
  const url = URL.createObjectURL(blob);
  kept.push(url);
  return url;
}

function downloads({ captions_url: captions, subtitles_url: subtitles }, url, name) {
  const save = (href, words, file) => href && h("a", { class: "button secondary", href, download: file, target: href.startsWith("blob:") ? null : "_blank", rel: "noopener" }, icon(SAVE), words);
  const stem = name.replace(/\.[^.]*$/, "");
  return [
    save(url, name.split(".").at(-1).toUpperCase(), name),
    save(captions, "WebVTT", `${stem}.vtt`),
    save(subtitles, "SRT", `${stem}.srt`),
  ].filter(Boolean);
}

function tell(spokenText, text) {
  said.hidden = !spokenText || spokenText === text.trim();
  said.lastElementChild.textContent = spokenText;
}
