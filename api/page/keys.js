/** The API's keys: asked for when the API wants one, kept for the tab alone. */

import { byId } from "./dom.js";

/** @typedef {"caller"|"admin"} Kind what may be done with a key: speak, or change voices too */

const REASONS = {
  caller: ["An API key, please", "This API answers those who have a key of it."],
  admin: ["The admin key, please", "Voices are changed with a key of their own, the stack's AdminKey."],
};
const WRONG = "The API did not take this one. ";

/** @type {Map<Kind, Promise<string|null>>} so that many requests ask once */
const asking = new Map();

/** @param {Kind} kind @returns {string|null} */
export function key(kind) {
  return sessionStorage.getItem(`key.${kind}`) ?? (kind === "admin" ? key("caller") : null);
}

/**
 * Ask for a key.
 * @param {Kind} kind
 * @param {string|null} refused the key that was not taken
 * @returns {Promise<string|null>} null if there is none
 */
export function ask(kind, refused) {
  const now = key(kind);
  if (now !== refused) return Promise.resolve(now); // someone else has asked meanwhile
  if (!asking.has(kind)) asking.set(kind, dialog(kind, refused).finally(() => asking.delete(kind)));
  return /** @type {Promise<string|null>} */ (asking.get(kind));
}

function dialog(kind, refused) {
  const box = byId("key-dialog");
  const input = byId("key");
  const [heading, reason] = REASONS[kind];
  byId("key-heading").textContent = heading;
  byId("key-reason").textContent = (refused && sessionStorage.getItem(`key.${kind}`) ? WRONG : "") + reason;
  input.value = "";
  byId("key-cancel").onclick = () => box.close("");
  box.returnValue = "";
  box.showModal();
  return new Promise((resolve) => {
    box.addEventListener(
      "close",
      () => {
        const given = box.returnValue === "ok" ? input.value.trim() : "";
        input.value = "";
        if (given) sessionStorage.setItem(`key.${kind}`, given);
        resolve(given || null);
      },
      { once: true },
    );
  });
}
