/** The sentences of an answer, laid out as their text is. */

/**
 * Find where lines end in the text, so that they end there in what is shown.
 * @param {{text: string, start: number, end: number}[]} segments in order
 * @param {string} text as it was written; with markup, where sentences may not be found in it
 * @returns {import("./player.js").Sentence[]}
 */
export function laidOut(segments, text) {
  let at = 0;
  return segments.map((segment, index) => {
    const here = text.indexOf(segment.text, at);
    if (here >= 0) at = here + segment.text.length;
    const next = segments[index + 1];
    const there = next && here >= 0 ? text.indexOf(next.text, at) : -1;
    return { ...segment, breakAfter: there >= 0 && text.slice(at, there).includes("\n") };
  });
}
