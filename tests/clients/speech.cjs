// OpenAI's own JavaScript package, told nothing but OPENAI_BASE_URL and OPENAI_API_KEY; prints what it got as JSON.
const OpenAI = require("openai");

async function refusal(promise) {
  try {
    await promise;
    return "spoken";
  } catch (error) {
    return { name: error.constructor.name, status: error.status, code: error.code, param: error.param };
  }
}

async function main() {
  const client = new OpenAI();
  const speak = (fields) => client.audio.speech.create({ model: "tts-1", voice: "nova", input: "Hello.", ...fields });

  const answer = await speak({});
  const streamed = await speak({ input: "In pieces.", response_format: "mp3" });
  let streamedBytes = 0;
  for await (const piece of streamed.body) streamedBytes += piece.length;
  const events = await (await speak({ input: "In events.", stream_format: "sse" })).text();
  const models = await client.models.list();
  const stranger = new OpenAI({ apiKey: "another-key-of-twenty-characters" });
  console.log(
    JSON.stringify({
      type: answer.headers.get("content-type"),
      bytes: (await answer.arrayBuffer()).byteLength,
      streamedBytes,
      lastEvent: events.trim().split("\n\n").at(-1),
      models: models.data.map((model) => model.id),
      wrongKey: await refusal(stranger.audio.speech.create({ model: "tts-1", voice: "nova", input: "Hello." })),
      unknownVoice: await refusal(speak({ voice: "yasou" })),
      tooLong: await refusal(speak({ input: "a".repeat(2001) })),
    }),
  );
}

main();
