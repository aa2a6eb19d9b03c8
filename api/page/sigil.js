/** A champion's sign: rays and a hue that only its name decides on. */

import { svg } from "./dom.js";

const RAYS = 36;

/** FNV-1a. @param {string} text */
function hash(text) {
  let value = 2166136261;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0), 16777619);
  return value >>> 0;
}

/** @param {string} championId @returns {number} degrees */
export const hueOf = (championId) => Math.round((hash(`${championId}..`) % 997) * 360 / 997);

/** @param {string} championId */
export function sigil(championId) {
  let state = hash(championId);
  const random = () => {
    state = Math.imul(state ^ (state >>> 15), 2246822519) + 2654435769;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
  // A few waves around the circle, as in a voice a few tones.
  const waves = [2, 3, 5, 7].map((turns) => ({ turns, height: random() / Math.sqrt(turns), phase: random() * 2 * Math.PI }));
  const heights = Array.from({ length: RAYS }, (_, index) =>
    waves.reduce((sum, { turns, height, phase }) => sum + height * Math.cos((turns * 2 * Math.PI * index) / RAYS + phase), 0));
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const path = heights
    .map((height, index) => {
      const angle = (2 * Math.PI * index) / RAYS;
      const [inner, outer] = [13, 17 + (13 * (height - low)) / (high - low || 1)];
      const point = (radius) => `${(32 + radius * Math.sin(angle)).toFixed(1)} ${(32 - radius * Math.cos(angle)).toFixed(1)}`;
      return `M${point(inner)}L${point(outer)}`;
    })
    .join("");
  return svg("svg", { class: "sigil", viewBox: "0 0 64 64", "aria-hidden": "true" }, svg("path", { d: path }));
}

/** Give an element a champion's hue. @param {HTMLElement} element @param {string} championId */
export function tint(element, championId) {
  element.style.setProperty("--hue", String(hueOf(championId)));
  return element;
}
