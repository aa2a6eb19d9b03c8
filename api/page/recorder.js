/** The recording of a new voice: from the microphone or a file, to hear before it is sent. */

import { look } from "./audio.js";
import { announce, h, icon } from "./dom.js";
import { CannotRecord, record } from "./microphone.js";
import { Player } from "./player.js";
import { span } from "./words.js";

const MAX_SECONDS = 12;
const MAX_FILE_BYTES = 4_400_000; // in base64 it must fit the 6 MB of a Lambda's request
const TOO_LOUD = 0.98;
const MICROPHONE = "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4zM6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3.5";
const FILE = "M12 16V5m-4.5 4L12 4.5 16.5 9M5 20h14";
const TO_READ = [
  "When the river rises in spring, the old ferryman moves his boat to the higher bank and waits for the water to fall.",
  "She counted seven lanterns along the wall, lit the last one herself, and walked home through the quiet market.",
  "Bring a warm coat, a good map and plenty of patience: the road over the pass is longer than anyone remembers.",
];

export class Recorder {
  /**
   * @param {HTMLElement} place
   * @param {(reason: string) => void} complain says what is wrong with a recording
   * @param {(text: string) => void} reading told the text that was read aloud
   */
  constructor(place, complain, reading) {
    /** @type {Blob|null} */
    this.recording = null;
    this.place = place;
    this.complain = complain;
    this.reading = reading;
    this.turn = 0;
    place.addEventListener("dragover", (event) => event.preventDefault());
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer?.files[0]) this.take(event.dataTransfer.files[0]);
    });
    this.clear();
  }

  /** Have no recording. */
  clear() {
    this.recording = null;
    this.player?.clear();
    const text = TO_READ[this.turn % TO_READ.length];
    this.place.replaceChildren(
      h("div", { class: "buttons" },
        h("button", { type: "button", class: "secondary", onclick: () => this.record(text) }, icon(MICROPHONE), "Record"),
        h("label", { class: "button secondary" }, icon(FILE), "Choose a file",
          h("input", { type: "file", accept: "audio/*,.wav,.flac,.mp3,.ogg,.opus,.aiff", class: "unseen", onchange: (event) => event.target.files[0] && this.take(event.target.files[0]) }))),
      h("p", { class: "aside" }, "To record, read this aloud: ", h("q", {}, text)));
  }

  /** Record from the microphone. @param {string} text what will be read aloud */
  async record(text) {
    this.complain("");
    const meter = h("meter", { min: "0", max: "1", low: "0.05", high: "0.9", optimum: "0.4", value: "0", "aria-label": "Level" });
    const left = h("span", { class: "countdown" }, `${MAX_SECONDS} s left`);
    const stop = h("button", { type: "button", class: "danger" }, "Stop");
    let loudest = 0;
    try {
      const recording = await record(MAX_SECONDS, (seconds, level) => {
        loudest = Math.max(loudest, level);
        meter.value = level;
        left.textContent = `${Math.max(0, Math.ceil(MAX_SECONDS - seconds))} s left`;
      });
      stop.addEventListener("click", recording.stop);
      this.place.replaceChildren(
        h("q", { class: "to-read" }, text),
        h("div", { class: "recording" }, h("span", { class: "dot" }), meter, left),
        h("div", { class: "buttons" }, stop));
      announce("Recording.");
      stop.focus();
      const blob = await recording.done;
      this.reading(text);
      await this.#show(blob, "Your recording");
      if (loudest >= TOO_LOUD) this.complain("It was too loud in places: record it again, more softly or further away.");
    } catch (error) {
      if (!(error instanceof CannotRecord)) throw error;
      this.complain(error.message);
    }
  }

  /** Take a file. @param {File} file */
  async take(file) {
    this.complain("");
    if (file.size > MAX_FILE_BYTES) {
      this.complain(`${file.name} has ${(file.size / 1e6).toFixed(1)} MB: up to ${MAX_FILE_BYTES / 1e6} MB can be sent. 12 seconds as FLAC or MP3 are far less.`);
      return;
    }
    await this.#show(file, file.name);
  }

  async #show(blob, name) {
    this.recording = blob;
    const player = (this.player = new Player());
    const about = h("span", { class: "aside" });
    const retake = h("button", { type: "button", class: "quiet", onclick: () => {
      this.turn += 1;
      this.complain("");
      URL.revokeObjectURL(source);
      this.clear();
      this.place.querySelector("button")?.focus();
    } }, "Take another");
    this.place.replaceChildren(h("p", { class: "recording-name" }, name, " ", about), player.element, h("div", { class: "buttons" }, retake));
    retake.focus();
    const source = URL.createObjectURL(blob);
    try {
      const { duration, peaks } = await look(await blob.arrayBuffer());
      player.append({ source, start: 0, duration, peaks }, []);
      about.textContent = span(duration);
      announce(`${name}, ${span(duration)}.`);
    } catch {
      about.textContent = "not playable here"; // the API may read it all the same
      player.element.hidden = true;
    }
  }
}
