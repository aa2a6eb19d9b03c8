/** A line as code that asks the API for it. */

import { address } from "./api.js";
import { announce, byId } from "./dom.js";
import { isLong, read } from "./line-form.js";
import { key } from "./keys.js";

const MEDIA_TYPES = { wav: "audio/wav", mp3: "audio/mpeg", opus: "audio/ogg", flac: "audio/flac", pcm: "audio/pcm" };

/** For a shell, whatever is in it. @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

const WRITERS = {
  /** @param {import("./line-form.js").Line} line @param {string} url @param {string} file @param {boolean} keyed */
  curl(line, url, file, keyed) {
    const { format, ...rest } = line;
    return [
      `curl -sS -L --fail-with-body ${quoted(url)}`,
      ...(keyed ? [`-H "x-api-key: $API_KEY"`] : []),
      "-H 'Content-Type: application/json'",
      `-H 'Accept: ${MEDIA_TYPES[format]}'`,
      `-d ${quoted(JSON.stringify(rest))}`,
      `-o ${quoted(file)}`,
    ].join(" \\\n  ");
  },
  python(line, url, file, keyed) {
    const { format, ...rest } = line;
    // A string or number of JSON is one of Python.
    const fields = Object.entries(rest).map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},`);
    return [
      "import json",
      ...(keyed ? ["import os"] : []),
      "from urllib.request import Request, urlopen",
      "",
      "line = {",
      ...fields,
      "}",
      `headers = {"Content-Type": "application/json", "Accept": "${MEDIA_TYPES[format]}"}`,
      ...(keyed ? ['headers["x-api-key"] = os.environ["API_KEY"]'] : []),
      `request = Request(${JSON.stringify(url)}, json.dumps(line).encode(), headers)`,
      `with urlopen(request) as answer, open(${JSON.stringify(file)}, "wb") as file:`,
      "    file.write(answer.read())",
    ].join("\n");
  },
};

/** Have the button show the form's line as code. */
export function startCode() {
  const dialog = byId("code-dialog");
  const form = dialog.querySelector("form");
  const write = () => {
    const line = read();
    const language = form.elements.language.value;
    byId("code").textContent = isLong(line.text)
      ? `# This text is too long for one line: POST it to ${address("/jobs")}.`
      : WRITERS[language](line, address("/voice"), `${line.champion_id}.${line.format}`, Boolean(key("caller")));
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
