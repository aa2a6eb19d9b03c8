/** The microphone: samples as they are, without what makes telephone calls better. */

import { to16Bit, wav } from "./audio.js";

const PROCESSED = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** Why it cannot be recorded, in words. */
export class CannotRecord extends Error {}

/**
 * Record until it is stopped or the time is up.
 * @param {number} maxSeconds
 * @param {(seconds: number, level: number) => void} onSound how much there is, and how loud it is now: the peak, 0 to 1
 * @returns {Promise<{stop: () => void, done: Promise<Blob>}>} a WAV file of one channel
 * @throws {CannotRecord}
 */
export async function record(maxSeconds, onSound) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new CannotRecord("A browser lends its microphone only to pages over https or on this machine. A file works here too.");
  }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: PROCESSED }).catch((error) => {
    throw new CannotRecord(
      error.name === "NotAllowedError"
        ? "The browser was told to keep the microphone to itself. Allow it beside the address, or choose a file."
        : "No microphone was found. Choose a file instead.",
    );
  });
  const context = new AudioContext();
  await context.audioWorklet.addModule(new URL("./capture.worklet.js", import.meta.url));
  const source = context.createMediaStreamSource(stream);
  const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
  const blocks = [];
  const most = Math.round(maxSeconds * context.sampleRate);
  let samples = 0;
  let stop = () => {};
  const done = new Promise((resolve) => {
    stop = () => {
      capture.port.onmessage = null;
      stream.getTracks().forEach((track) => track.stop());
      const rate = context.sampleRate;
      context.close();
      resolve(wav(to16Bit(joined(blocks, Math.min(samples, most))), rate));
    };
    capture.port.onmessage = ({ data }) => {
      blocks.push(data);
      samples += data.length;
      onSound(samples / context.sampleRate, data.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0));
      if (samples >= most) stop();
    };
  });
  source.connect(capture);
  return { stop: () => stop(), done };
}

function joined(blocks, length) {
  const all = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all.subarray(0, length);
}
