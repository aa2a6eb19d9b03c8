/** A question before what cannot be undone. */

import { byId } from "./dom.js";

/**
 * @param {string} heading
 * @param {string} text what will happen
 * @param {string} yes what the button that does it says
 * @returns {Promise<boolean>}
 */
export function sure(heading, text, yes) {
  const dialog = byId("question-dialog");
  byId("question-heading").textContent = heading;
  byId("question-text").textContent = text;
  byId("question-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  byId("question-no").focus();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
