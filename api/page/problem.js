/** What went wrong, as the API tells it: what concerns a field beside the field, the rest in a box. */

import { ApiError } from "./api.js";
import { announce, h } from "./dom.js";

/**
 * Show why something failed, and offer to try it again.
 * @param {HTMLElement} box
 * @param {unknown} error
 * @param {{form?: HTMLFormElement, retry?: () => void, more?: HTMLElement[]}} [options]
 */
export function show(box, error, { form, retry, more = [] } = {}) {
  if (!(error instanceof ApiError)) throw error;
  const { problem, retryAfter } = error;
  if (form) markFields(form, problem.errors ?? []);
  const buttons = [retry && again(retry, retryAfter), ...more].filter(Boolean);
  box.replaceChildren(
    h("div", { class: "problem", role: "alert" },
      h("p", { class: "problem-title" }, problem.title, problem.status > 0 && h("span", { class: "aside" }, ` ${problem.status}`)),
      h("p", { dir: "auto" }, problem.detail),
      buttons.length > 0 && h("div", { class: "buttons" }, ...buttons),
      problem.request_id && h("p", { class: "aside" }, "Request ", h("code", {}, problem.request_id))),
  );
}

/** @param {HTMLElement} box @param {HTMLFormElement} [form] */
export function clear(box, form) {
  box.replaceChildren();
  if (form) markFields(form, []);
}

/**
 * Say beside each field what is wrong with it, and go to the first.
 * @param {HTMLFormElement} form
 * @param {{field: string, reason: string}[]} errors
 */
export function markFields(form, errors) {
  for (const place of form.querySelectorAll("[data-field]")) {
    const reasons = errors.filter(({ field }) => field.split(".")[0] === place.dataset.field).map(({ reason }) => reason);
    place.textContent = reasons.join(" ");
    const control = form.elements.namedItem(place.dataset.field);
    if (!(control instanceof HTMLElement)) continue; // a group of several
    if (reasons.length) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  const first = form.querySelector("[aria-invalid=true]");
  if (first instanceof HTMLElement) {
    const folded = first.closest("details");
    if (folded) folded.open = true;
    first.focus();
  }
}

function again(retry, seconds) {
  const button = h("button", { type: "button", class: "secondary", onclick: retry }, "Try again");
  if (!seconds || seconds > 600) return button;
  const due = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((due - Date.now()) / 1000);
    button.textContent = left > 0 ? `Try again, best in ${left} s` : "Try again now";
    if (left > 0 && button.isConnected) setTimeout(tick, 1000);
    else if (button.isConnected) announce("It can be tried again now.");
  };
  requestAnimationFrame(tick);
  return button;
}
