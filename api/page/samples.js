/** A champion's recording to hear, one at a time. */

import { h, icon } from "./dom.js";
import { nameOf } from "./words.js";

const PLAY = "M8 5.5v13l10.5-6.5z";
const STOP = "M7 7h10v10H7z";

const audio = new Audio();
/** @type {HTMLElement|null} */
let playing = null;

audio.addEventListener("ended", () => mark(null));
audio.addEventListener("error", () => mark(null));

/**
 * A button that plays a champion's recording.
 * @param {import("./champions.js").Champion} champion
 * @returns {HTMLElement|null} null where there is no link to it
 */
export function sampleButton({ champion_id: championId, sample_url: url }) {
  if (!url) return null;
  const button = h("button", { type: "button", class: "sample", "aria-label": `Hear ${nameOf(championId)}'s recording`, "aria-pressed": "false" }, icon(PLAY));
  button.addEventListener("click", () => {
    if (playing === button) {
      audio.pause();
      mark(null);
      return;
    }
    audio.src = url;
    mark(button);
    audio.play().catch(() => mark(null));
  });
  return button;
}

function mark(button) {
  for (const [each, on] of [[playing, false], [button, true]]) {
    if (!each) continue;
    each.setAttribute("aria-pressed", String(on));
    each.replaceChildren(icon(on ? STOP : PLAY));
    each.parentElement.classList.toggle("is-playing", on);
  }
  playing = button;
}
