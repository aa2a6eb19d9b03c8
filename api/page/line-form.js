/** The form of a line: what is in it, how long it is, and that nothing of it is lost. */

import { choice, choose, showCards } from "./cards.js";
import { byId } from "./dom.js";
import { keep, recall } from "./storage.js";
import { count, span } from "./words.js";

/**
 * @typedef {object} Line what POST /voice takes; what is as by default is left out, but for the format
 * @property {string} champion_id
 * @property {string} text
 * @property {string} format
 * @property {string} [text_type]
 * @property {string} [quality]
 * @property {number} [speed]
 * @property {number} [duration]
 * @property {number} [seed]
 */

export const MAX_LINE_CHARACTERS = Number(document.body.dataset.maxTextCharacters);
const CHARACTERS_A_SECOND = 15;
const DEFAULTS = { text_type: "plain", quality: "standard", speed: 1, duration: "", seed: 0, format: "mp3" };

/** @type {HTMLFormElement} */
const form = byId("line");

/** Show what was in the form when it was last left, and keep what is. */
export function startForm() {
  const draft = recall("draft", { text: "" });
  showCards();
  fill(draft);
  if (/Mac|iPhone|iPad/.test(navigator.platform)) form.querySelector("kbd").textContent = "⌘ ↵";
  form.addEventListener("input", told);
  form.addEventListener("change", told);
  form.elements.text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}

/** @returns {Line} */
export function read() {
  const { elements } = form;
  const number = (name) => (elements[name].value === "" ? "" : Number(elements[name].value));
  const all = {
    champion_id: choice(),
    text: elements.text.value,
    text_type: elements.text_type.value,
    quality: elements.quality.value,
    speed: number("speed"),
    duration: number("duration"),
    seed: number("seed") || 0,
    format: elements.format.value,
  };
  const chosen = Object.entries(all).filter(([name, value]) => name === "format" || value !== DEFAULTS[name]);
  return /** @type {Line} */ (Object.fromEntries(chosen));
}

/** Put a line into the form. @param {Partial<Line>} line */
export function fill(line) {
  for (const [name, value] of Object.entries({ ...DEFAULTS, text: "", ...line })) {
    if (name === "champion_id") choose(value);
    else if (form.elements[name]) form.elements[name].value = String(value);
  }
  told();
}

/** Whether a text is too long to be one line, and becomes a job. @param {string} text */
export const isLong = (text) => [...text].length > MAX_LINE_CHARACTERS;

function told() {
  const line = read();
  keep("draft", line);
  byId("speed-value").textContent = `${line.speed ?? 1}×`;
  const length = [...line.text].length;
  const seconds = span(length / CHARACTERS_A_SECOND / (line.speed ?? 1));
  byId("count").textContent = isLong(line.text)
    ? `${count(length)} characters, about ${seconds}: spoken in parts`
    : `${count(length)} of ${count(MAX_LINE_CHARACTERS)} characters${length ? `, about ${seconds}` : ""}`;
  const chosen = Object.entries(line).filter(([name]) => !["champion_id", "text"].includes(name));
  byId("settings-summary").textContent = chosen.map(([name, value]) => SUMMARY[name](value)).join(" · ");
}

const SUMMARY = {
  format: (value) => value.toUpperCase(),
  quality: (value) => `${value} quality`,
  speed: (value) => `${value}×`,
  duration: (value) => `${value} s`,
  seed: (value) => `seed ${value}`,
  text_type: (value) => value,
};
