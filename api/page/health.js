/** How the endpoint is, in words. */

import { call } from "./api.js";
import { byId } from "./dom.js";

const WORDS = {
  in_service: ["Awake", ""],
  starting: ["Waking", "The voice is being woken. It speaks in a few minutes; what you write stays here."],
  at_zero: ["Asleep", "The voice is asleep to save money: the first line wakes it, which takes about 8 minutes. A long text waits for it by itself."],
  unavailable: ["Away", "The voice does not answer at all just now. Lines that it has spoken before can be heard."],
  unreachable: ["No answer", "The API does not answer. What you write stays in this browser."],
};
const AWAKE_SECONDS = 120;
const OTHERWISE_SECONDS = 20;

let timer = 0;

/** Ask now, and again while the page is looked at. */
export async function watchHealth() {
  clearTimeout(timer);
  let status = "unreachable";
  try {
    status = (await call("GET", "/health")).status;
  } catch {
    // told in words below
  }
  const [word, notice] = WORDS[status] ?? [status, ""];
  byId("health").dataset.status = status;
  set(byId("health-word"), word);
  set(byId("health-notice"), notice);
  byId("health-notice").hidden = !notice;
  timer = setTimeout(() => document.hidden || watchHealth(), (status === "in_service" ? AWAKE_SECONDS : OTHERWISE_SECONDS) * 1000);
}

document.addEventListener("visibilitychange", () => document.hidden || watchHealth());

// Said aloud by screen readers when it changes, and only then.
function set(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
