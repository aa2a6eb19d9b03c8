/** The champions there are: asked for once, and again when one has changed. */

import { call } from "./api.js";

/**
 * @typedef {object} Champion
 * @property {string} champion_id
 * @property {string} updated_at
 * @property {number} [duration] seconds of the recording
 * @property {string} [sample_url] where the recording can be heard
 */

/** @type {Champion[]|null} */
let known = null;
/** @type {Set<(champions: Champion[]) => void>} */
const listeners = new Set();

/** Be told of the champions, now if they are known, and whenever they change. @param {(champions: Champion[]) => void} listener */
export function onChampions(listener) {
  listeners.add(listener);
  if (known) listener(known);
}

/** Ask for the champions, all pages of them. */
export async function refresh() {
  const found = [];
  let next = "";
  do {
    const page = await call("GET", `/voices${next && `?after=${encodeURIComponent(next)}`}`);
    found.push(...page.voices);
    next = page.next ?? "";
  } while (next);
  known = found;
  for (const listener of listeners) listener(found);
  return found;
}
