/** The champions as cards, of which one is chosen. */

import { onChampions } from "./champions.js";
import { byId, h } from "./dom.js";
import { sampleButton } from "./samples.js";
import { sigil, tint } from "./sigil.js";
import { nameOf } from "./words.js";

const MANY = 12;

/** Show the cards, and the chosen one. @param {string} chosen its champion_id, if it is there */
export function showCards(chosen) {
  const box = byId("champions");
  const filter = byId("champion-filter");
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const card of box.children) card.hidden = !card.dataset.name.includes(wanted);
  });
  onChampions((champions) => {
    const before = box.querySelector("input:checked")?.value ?? chosen;
    const ids = champions.map((champion) => champion.champion_id);
    const now = ids.includes(before) ? before : ids.find((id) => id !== "default") ?? ids[0];
    box.replaceChildren(...champions.map((champion) => card(champion, champion.champion_id === now)));
    box.setAttribute("aria-busy", "false");
    byId("champion-filter-label").hidden = champions.length <= MANY;
    if (!champions.length) box.append(h("p", { class: "aside" }, "There is no voice yet. Add one under Voices."));
  });
}

/** Choose a champion, if it is there. @param {string} championId */
export function choose(championId) {
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
