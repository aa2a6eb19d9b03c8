/** A line as code that asks the API for it. */

import { address } from "./api.js";
import { announce, byId } from "./dom.js";
import { asJob } from "./jobs.js";
import { key } from "./keys.js";
import { isLong, read } from "./line-form.js";

const MEDIA_TYPES = { wav: "audio/wav", mp3: "audio/mpeg", opus: "audio/ogg", flac: "audio/flac", pcm: "audio/pcm" };

/**
 * @typedef {object} Asked what the code asks for
 * @property {string} url
 * @property {Record<string, unknown>} body
 * @property {string} accept
 * @property {string|null} file where the answer goes; null prints it
 * @property {boolean} keyed whether a key is sent
 */

/** For a shell, whatever is in it. @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

const WRITERS = {
  /** @param {Asked} asked */
  curl({ url, body, accept, file, keyed }) {
    return [
      `curl -sS -L --fail-with-body ${quoted(url)}`,
      ...(keyed ? [`-H "x-api-key: $API_KEY"`] : []),
      "-H 'Content-Type: application/json'",
      `-H 'Accept: ${accept}'`,
      `-d ${quoted(JSON.stringify(body))}`,
      ...(file ? [`-o ${quoted(file)}`] : []),
    ].join(" \\\n  ");
  },
  /** @param {Asked} asked */
  python({ url, body, accept, file, keyed }) {
    // A string or number of JSON is one of Python.
    const fields = Object.entries(body).map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},`);
    return [
      "import json",
      ...(keyed ? ["import os"] : []),
      "from urllib.request import Request, urlopen",
      "",
      "line = {",
      ...fields,
      "}",
      `headers = {"Content-Type": "application/json", "Accept": "${accept}"}`,
      ...(keyed ? ['headers["x-api-key"] = os.environ["API_KEY"]'] : []),
      `request = Request(${JSON.stringify(url)}, json.dumps(line).encode(), headers)`,
      ...(file
        ? [`with urlopen(request) as answer, open(${JSON.stringify(file)}, "wb") as file:`, "    file.write(answer.read())"]
        : ["with urlopen(request) as answer:", "    print(answer.read().decode())"]),
    ].join("\n");
  },
};

/** @param {import("./line-form.js").Line} line @returns {Asked} */
function asked(line) {
  const keyed = Boolean(key("caller"));
  if (isLong(line.text)) {
    return { url: address("/jobs"), body: asJob(line), accept: "application/json", file: null, keyed };
  }
  const { format, ...body } = line;
  return { url: address("/voice"), body, accept: MEDIA_TYPES[format], file: `${line.champion_id}.${format}`, keyed };
}

/** Have the button show the form's line as code. */
export function startCode() {
  const dialog = byId("code-dialog");
  const form = dialog.querySelector("form");
  const write = () => {
    byId("code").textContent = WRITERS[form.elements.language.value](asked(read()));
    byId("code-copy").textContent = "Copy";
  };
  byId("code-button").addEventListener("click", () => {
    write();
    dialog.showModal();
  });
  form.addEventListener("change", write);
  byId("code-copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(byId("code").textContent);
      byId("code-copy").textContent = "Copied";
      announce("Copied.");
    } catch {
      // Browsers let pages write only over https or on this machine.
      getSelection()?.selectAllChildren(byId("code"));
      announce("Selected. Copy it with the keyboard.");
    }
  });
}
