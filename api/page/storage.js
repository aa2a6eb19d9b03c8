/** What this browser keeps. Where it keeps nothing, the page works all the same. */

const PREFIX = "champion-voice.";

/**
 * @template T
 * @param {string} name
 * @param {T} otherwise what to take where nothing is kept
 * @returns {T}
 */
export function recall(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? "null") ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** @param {string} name @param {unknown} value */
export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Full, or forbidden: what is on the page stays there.
  }
}
