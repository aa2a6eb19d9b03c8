/** A waveform that shows how far its sound has come, and can be moved in by mouse, touch and keyboard. */

import { PEAKS_A_SECOND } from "./audio.js";
import { h, svg } from "./dom.js";
import { clock } from "./words.js";

const HEIGHT = 88;
const BAR = 3;
const GAP = 2;
const STEP_SECONDS = 2;
const MIN_FULL = 0.05; // what is softer than this is not drawn as if it were loud
const QUIET = 1.5; // pixels that silence is high

let made = 0;

export class Waveform {
  /** @param {(seconds: number) => void} seek */
  constructor(seek) {
    const clip = `played-${(made += 1)}`;
    this.seek = seek;
    this.duration = 0;
    this.time = 0;
    this.loudest = 1;
    /** @type {{start: number, duration: number, peaks: Float32Array|null}[]} */
    this.tracks = [];
    this.bars = svg("path", { class: "bars" });
    this.played = svg("path", { class: "bars played", "clip-path": `url(#${clip})` });
    this.edge = svg("rect", { x: 0, y: 0, width: 0, height: HEIGHT });
    this.drawing = svg("svg", { height: HEIGHT, "aria-hidden": "true" }, svg("clipPath", { id: clip }, this.edge), this.bars, this.played);
    this.element = h("div", {
      class: "waveform", role: "slider", tabindex: "0", "aria-label": "Where it plays",
      "aria-valuemin": "0", "aria-valuemax": "0", "aria-valuenow": "0", "aria-disabled": "true",
      onpointerdown: (event) => this.#grab(event),
      onpointermove: (event) => event.buttons === 1 && this.element.hasPointerCapture(event.pointerId) && this.#to(event),
      onkeydown: (event) => this.#press(event),
    }, this.drawing);
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /**
   * @param {{start: number, duration: number, peaks: Float32Array|null}[]} tracks one after the other
   * @param {number} duration of all, with what is still to come
   */
  show(tracks, duration) {
    this.tracks = tracks;
    this.loudest = Math.max(...tracks.map(({ peaks }) => peaks?.reduce((most, peak) => Math.max(most, peak), 0) ?? 0), MIN_FULL);
    this.duration = duration;
    this.element.setAttribute("aria-valuemax", duration.toFixed(1));
    this.element.setAttribute("aria-disabled", String(duration === 0));
    this.draw();
    this.move(this.time);
  }

  /** @param {number} time seconds */
  move(time) {
    this.time = time;
    const share = this.duration ? Math.min(1, time / this.duration) : 0;
    this.edge.setAttribute("width", String(share * this.element.clientWidth));
    this.element.setAttribute("aria-valuenow", time.toFixed(1));
    this.element.setAttribute("aria-valuetext", `${clock(time)} of ${clock(this.duration)}`);
  }

  draw() {
    const width = this.element.clientWidth;
    const bars = Math.floor(width / (BAR + GAP));
    let path = "";
    for (let index = 0; index < bars; index += 1) {
      const height = Math.max(QUIET, this.#loudness(index / bars, (index + 1) / bars) * (HEIGHT - 4));
      const x = index * (BAR + GAP) + BAR / 2;
      path += `M${x} ${((HEIGHT - height) / 2).toFixed(1)}v${height.toFixed(1)}`;
    }
    this.drawing.setAttribute("width", String(width));
    this.bars.setAttribute("d", path);
    this.played.setAttribute("d", path);
    this.move(this.time);
  }

  /** How loud it is, 0 to 1, between two shares of the whole. */
  #loudness(from, to) {
    const [start, end] = [from * this.duration, to * this.duration];
    const track = this.tracks.findLast((each) => each.start <= start);
    if (!track || start >= track.start + track.duration) return 0; // still to come
    if (!track.peaks) return 0.16; // not readable
    const first = Math.floor((start - track.start) * PEAKS_A_SECOND);
    const last = Math.max(first + 1, Math.ceil((end - track.start) * PEAKS_A_SECOND));
    let loudest = 0;
    for (let at = first; at < last && at < track.peaks.length; at += 1) loudest = Math.max(loudest, track.peaks[at]);
    return (loudest / this.loudest) ** 0.8; // as it is heard, rather than as it is measured
  }

  #grab(event) {
    if (!this.duration || event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    this.#to(event);
  }

  #to(event) {
    const box = this.element.getBoundingClientRect();
    this.seek(Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * this.duration);
  }

  #press(event) {
    const moves = {
      ArrowLeft: this.time - STEP_SECONDS, ArrowDown: this.time - STEP_SECONDS,
      ArrowRight: this.time + STEP_SECONDS, ArrowUp: this.time + STEP_SECONDS,
      Home: 0, End: this.duration,
    };
    if (!(event.key in moves) || !this.duration) return;
    event.preventDefault();
    this.seek(Math.max(0, Math.min(this.duration, moves[event.key])));
  }
}
