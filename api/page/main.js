/** The page: its two views, and what they have in common. */

import { refresh } from "./champions.js";
import { startCode } from "./code.js";
import { byId } from "./dom.js";
import { watchHealth } from "./health.js";
import * as problem from "./problem.js";
import { hear, startSpeaking } from "./speak.js";
import { startVoiceForm } from "./voice-form.js";
import { showVoices } from "./voice-list.js";

const SMALL = "small-"; // how the ids of the model that ships begin
const ABOUT = {
  small:
    "What you hear is the small voice that ships with Champion Voice, a model of our own that was trained for an hour on two processors. " +
    "It shows the chain at work and speaks English; now and then a word is not clear. It is not how F5-TTS sounds: put the official weights in, and this page speaks as they do.",
  other: "Voices are cloned by F5-TTS from a few seconds of recording. What is said is made by a machine, and nobody has said it.",
};

function view(name) {
  for (const each of ["speak", "voices"]) byId(each).hidden = each !== name;
  for (const link of document.querySelectorAll("nav [data-view]")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = name === "voices" ? "Voices – Champion Voice" : "Champion Voice";
}

function go(name) {
  // As an address of this page, whatever its base is.
  history.replaceState(null, "", `${location.pathname}${location.search}#${name}`);
  view(name);
  scrollTo({ top: 0 });
}

async function loadChampions() {
  const box = byId("speak-problem");
  problem.clear(box);
  try {
    await refresh();
  } catch (error) {
    problem.show(box, error, { retry: loadChampions });
  }
}

for (const link of document.querySelectorAll("nav [data-view]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    go(link.dataset.view);
  });
}
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});

byId("about").textContent = ABOUT[document.body.dataset.modelId.startsWith(SMALL) ? "small" : "other"];
view(location.hash === "#voices" ? "voices" : "speak");
startSpeaking();
startCode();
showVoices();
startVoiceForm((championId) => {
  go("speak");
  hear(championId);
});
watchHealth();
loadChampions();
