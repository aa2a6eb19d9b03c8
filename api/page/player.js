/** A player of one sound, or of several that come one after the other. */

import { h, icon } from "./dom.js";
import { Waveform } from "./waveform.js";
import { clock } from "./words.js";

const PLAY = "M8 5.5v13l10.5-6.5z";
const PAUSE = "M9 6v12M15 6v12";

/**
 * @typedef {object} Track
 * @property {string} source what the audio element plays
 * @property {number} start seconds from the beginning of the whole
 * @property {number} duration seconds
 * @property {Float32Array|null} peaks null if they cannot be read
 */

/** @typedef {{text: string, start: number, end: number, breakAfter?: boolean}} Sentence */

export class Player {
  constructor() {
    this.audio = h("audio", {
      preload: "auto",
      onended: () => this.#next(),
      onplay: () => this.#playing(true),
      onpause: () => this.audio.ended || this.#playing(false),
      onerror: () => this.audio.getAttribute("src") && this.onbroken?.(),
    });
    this.waveform = new Waveform((seconds) => this.seek(seconds));
    this.button = h("button", { type: "button", class: "play", "aria-label": "Play", disabled: true, onclick: () => this.toggle() }, icon(PLAY));
    this.clock = h("p", { class: "clock" });
    this.text = h("p", { class: "sentences", dir: "auto", hidden: true });
    this.element = h("div", { class: "player" },
      h("div", { class: "transport" }, this.button, this.waveform.element, this.clock), this.text, this.audio);
    /** @type {(() => void)|undefined} called when a sound cannot be played */
    this.onbroken = undefined;
    this.clear();
  }

  /** Have nothing to play. */
  clear() {
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load(); // or it keeps the sound, and where it was in it
    /** @type {Track[]} */
    this.tracks = [];
    /** @type {Sentence[]} */
    this.sentences = [];
    this.current = 0;
    this.total = 0;
    this.complete = true;
    this.waiting = false;
    this.marked = -1;
    this.button.disabled = true;
    this.text.replaceChildren();
    this.text.hidden = true;
    this.waveform.time = 0;
    this.#show();
  }

  /**
   * Play a sound.
   * @param {Track} track
   * @param {Sentence[]} sentences
   */
  load(track, sentences) {
    this.clear();
    this.append(track, sentences);
    this.play();
  }

  /**
   * Add what has come; where it was waited for, it is played.
   * @param {Track} track
   * @param {Sentence[]} sentences
   */
  append(track, sentences) {
    this.tracks.push(track);
    this.#write(sentences);
    this.button.disabled = false;
    if (this.tracks.length === 1) this.audio.src = track.source;
    if (this.waiting) this.#go(this.tracks.length - 1, 0, true);
    this.#show();
  }

  /** Say how long the whole will be. @param {number} seconds @param {boolean} complete whether nothing more comes */
  expect(seconds, complete) {
    this.total = seconds;
    this.complete = complete;
    if (complete && this.waiting) this.#playing(false);
    this.#show();
  }

  /** Draw what was found out about a track. @param {Track} track @param {Float32Array|null} peaks */
  drawn(track, peaks) {
    track.peaks = peaks;
    this.#show();
  }

  toggle() {
    if (!this.audio.paused || this.waiting) this.pause();
    else this.play();
  }

  pause() {
    this.waiting = false;
    this.audio.pause();
    this.#playing(false);
  }

  play() {
    if (this.time >= this.#end() - 0.05 && this.complete) this.seek(0);
    // A browser may want a click of its own first: the button is there.
    this.audio.play().catch(() => this.#playing(false));
  }

  /** @param {number} seconds */
  seek(seconds) {
    const index = Math.max(0, this.tracks.findLastIndex((track) => track.start <= seconds));
    const track = this.tracks[index];
    if (!track) return;
    this.#go(index, Math.min(seconds - track.start, track.duration), !this.audio.paused || this.waiting);
  }

  /** Where it plays, in seconds from the beginning of the whole. */
  get time() {
    return (this.tracks[this.current]?.start ?? 0) + this.audio.currentTime;
  }

  #go(index, seconds, playing) {
    this.waiting = false;
    if (index !== this.current) {
      this.current = index;
      this.audio.src = this.tracks[index].source;
    }
    this.audio.currentTime = seconds;
    if (playing) this.audio.play().catch(() => this.#playing(false));
    this.#tick();
  }

  #next() {
    if (this.current + 1 < this.tracks.length) {
      this.#go(this.current + 1, 0, true);
    } else if (!this.complete) {
      this.waiting = true;
    } else {
      this.#playing(false);
    }
  }

  #playing(playing) {
    this.button.replaceChildren(icon(playing ? PAUSE : PLAY));
    this.button.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.element.classList.toggle("is-playing", playing);
    if (playing) requestAnimationFrame(() => this.#frame());
    this.#tick();
  }

  #frame() {
    if (!this.element.classList.contains("is-playing")) return;
    this.#tick();
    requestAnimationFrame(() => this.#frame());
  }

  #tick() {
    this.waveform.move(this.time);
    this.clock.textContent = `${clock(this.time)} / ${clock(this.#length())}`;
    const at = this.sentences.findLastIndex((sentence) => sentence.start <= this.time + 0.02);
    const spoken = this.audio.paused && this.time === 0 ? -1 : at;
    if (spoken === this.marked) return;
    this.text.querySelector("[aria-current]")?.removeAttribute("aria-current");
    this.marked = spoken;
    this.text.querySelectorAll(".sentence")[spoken]?.setAttribute("aria-current", "true");
  }

  #show() {
    this.waveform.show(this.tracks, this.#length());
    this.#tick();
  }

  #write(sentences) {
    for (const sentence of sentences) {
      this.sentences.push(sentence);
      this.text.append(
        h("span", {
          class: "sentence", role: "button", tabindex: "0",
          onclick: () => this.#jump(sentence),
          onkeydown: (event) => [" ", "Enter"].includes(event.key) && (event.preventDefault(), this.#jump(sentence)),
        }, sentence.text),
        sentence.breakAfter ? h("br") : " ",
      );
    }
    this.text.hidden = this.sentences.length === 0;
  }

  #jump(sentence) {
    this.seek(sentence.start);
    this.play();
  }

  #end() {
    const last = this.tracks.at(-1);
    return last ? last.start + last.duration : 0;
  }

  #length() {
    return Math.max(this.total, this.#end());
  }
}
