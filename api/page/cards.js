/** The champions as cards, of which one is chosen. */

import { onChampions } from "./champions.js";
import { byId, h } from "./dom.js";
import { sampleButton } from "./samples.js";
import { sigil, tint } from "./sigil.js";
import { nameOf } from "./words.js";

const MANY = 12;
/** The champion that was chosen last, perhaps before there were cards. */
let lastChosen = "";

/** Show the cards, and the chosen one. */
export function showCards() {
  const box = byId("champions");
  const filter = byId("champion-filter");
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const card of box.children) card.hidden = !card.dataset.name.includes(wanted);
  });
  onChampions((champions) => {
    const before = choice();
    const ids = champions.map((champion) => champion.champion_id);
    const now = ids.includes(before) ? before : ids.find((id) => id !== "default") ?? ids[0];
    box.replaceChildren(...champions.map((champion) => card(champion, champion.champion_id === now)));
    box.setAttribute("aria-busy", "false");
    byId("champion-filter-label").hidden = champions.length <= MANY;
    if (!champions.length) box.append(h("p", { class: "aside" }, "There is no voice yet. Add one under Voices."));
  });
}

/** @returns {string} the champion_id of the chosen one, or of the one that will be when the cards are there; perhaps "" */
export const choice = () => byId("champions").querySelector("input:checked")?.value ?? lastChosen;

/** Choose a champion, if it is there or as soon as it is. @param {string} championId */
export function choose(championId) {
  lastChosen = championId;
  const input = [...byId("champions").querySelectorAll("input")].find((each) => each.value === championId);
  if (input) input.checked = true;
}

function card(champion, chosen) {
  const { champion_id: championId } = champion;
  const element = h("div", { class: "card", "data-name": `${championId} ${nameOf(championId).toLowerCase()}` },
    h("label", {},
      h("input", { type: "radio", name: "champion_id", value: championId, checked: chosen }),
      sigil(championId), h("span", { class: "name" }, nameOf(championId))),
    sampleButton(champion));
  return tint(element, championId);
}
