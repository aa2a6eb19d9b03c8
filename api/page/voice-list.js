/** The voices there are, each to hear, look at, replace and delete. */

import { call, lookAt } from "./api.js";
import { onChampions } from "./champions.js";
import { byId, h } from "./dom.js";
import * as problem from "./problem.js";
import { sampleButton } from "./samples.js";
import { sigil, tint } from "./sigil.js";
import { remove, replace } from "./voice-form.js";
import { ago, nameOf, span } from "./words.js";

const complaints = byId("voices-problem");

/** Show the list, and keep it up to date. */
export function showVoices() {
  const list = byId("voice-list");
  onChampions((champions) => {
    list.replaceChildren(...champions.map(item));
    list.setAttribute("aria-busy", "false");
  });
}

function item(champion) {
  const { champion_id: championId, duration, updated_at: updated } = champion;
  const about = [duration && `${span(duration)} of recording`, `changed ${ago(updated)}`].filter(Boolean).join(" · ");
  const more = h("details", { class: "about-voice", ontoggle: () => more.open && look(championId, more) },
    h("summary", {}, "What it says, and who agreed"), h("div", { "aria-live": "polite" }));
  const element = h("li", { class: "voice" },
    h("div", { class: "portrait" }, sigil(championId), sampleButton(champion)),
    h("div", {}, h("h2", {}, nameOf(championId)), h("p", { class: "aside" }, about), more),
    h("div", { class: "buttons" },
      h("button", { type: "button", class: "quiet", "aria-label": `Replace ${nameOf(championId)}`, onclick: () => change(championId) }, "Replace"),
      h("button", { type: "button", class: "quiet", "aria-label": `Delete ${nameOf(championId)}`, onclick: () => remove(championId, complaints) }, "Delete")));
  return tint(element, championId);
}

async function look(championId, details) {
  const place = details.lastElementChild;
  try {
    const voice = await call("GET", `/voices/${encodeURIComponent(championId)}`);
    const agreed = voice.consent_by ? `Agreed to by ${voice.consent_by}.` : "Nobody is named who agreed.";
    place.replaceChildren(h("blockquote", { dir: "auto" }, voice.transcript), h("p", { class: "aside", dir: "auto" }, agreed));
  } catch (error) {
    problem.show(place, error);
  }
}

async function change(championId) {
  problem.clear(complaints);
  try {
    replace(await lookAt(`/voices/${encodeURIComponent(championId)}`));
  } catch (error) {
    problem.show(complaints, error);
  }
}
