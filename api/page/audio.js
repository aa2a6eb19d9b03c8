/** Sound as bytes: base64, WAV, and how loud it is over time. */

export const PEAKS_A_SECOND = 100;

/** @param {string} base64 @returns {Uint8Array<ArrayBuffer>} */
export const fromBase64 = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/**
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
export function toBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/**
 * A WAV file of 16-bit samples.
 * @param {Uint8Array<ArrayBuffer>} samples little-endian, one channel
 * @param {number} rate samples a second
 */
export function wav(samples, rate) {
  const header = new DataView(new ArrayBuffer(44));
  const words = (at, text) => [...text].forEach((letter, index) => header.setUint8(at + index, letter.charCodeAt(0)));
  words(0, "RIFF");
  header.setUint32(4, 36 + samples.length, true);
  words(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true); // PCM
  header.setUint16(22, 1, true); // channel
  header.setUint32(24, rate, true);
  header.setUint32(28, rate * 2, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  words(36, "data");
  header.setUint32(40, samples.length, true);
  return new Blob([header, samples], { type: "audio/wav" });
}

/** Samples of -1 to 1 as 16-bit ones. @param {Float32Array} samples */
export function to16Bit(samples) {
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  samples.forEach((sample, index) => view.setInt16(index * 2, Math.max(-1, Math.min(1, sample)) * 32767, true));
  return new Uint8Array(view.buffer);
}

/**
 * Read a sound file.
 * @param {ArrayBuffer} bytes
 * @returns {Promise<{duration: number, peaks: Float32Array}>} seconds, and the loudest of every hundredth of a second
 */
export async function look(bytes) {
  const decoded = await new OfflineAudioContext(1, 1, 24000).decodeAudioData(bytes);
  const samples = decoded.getChannelData(0);
  const step = decoded.sampleRate / PEAKS_A_SECOND;
  const peaks = new Float32Array(Math.ceil(samples.length / step));
  for (let index = 0; index < peaks.length; index += 1) {
    const end = Math.min(samples.length, Math.round((index + 1) * step));
    let loudest = 0;
    for (let at = Math.round(index * step); at < end; at += 1) loudest = Math.max(loudest, Math.abs(samples[at]));
    peaks[index] = loudest;
  }
  return { duration: decoded.duration, peaks };
}

/**
 * The peaks of what lies behind a link, if the store lets this page read it.
 * @param {string} url
 * @returns {Promise<Float32Array|null>}
 */
export async function peaksBehind(url) {
  try {
    const answer = await fetch(url);
    return answer.ok ? (await look(await answer.arrayBuffer())).peaks : null;
  } catch {
    return null; // it is played all the same
  }
}
