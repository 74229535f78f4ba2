// Node packages, for vectors/peers/run.py: a request a line on standard input, an answer a line.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

const require = createRequire(import.meta.url);

// A stream that chunks are piped into, and that emits messages.
const stream = (make) => (chunks) =>
  new Promise((done) => {
    const messages = [];
    const end = (how) => done({ messages, end: how });
    try {
      const peer = make();
      peer.on("data", (message) => messages.push(Buffer.from(message).toString("hex")));
      peer.on("error", () => end("error"));
      peer.on("end", () => end("clean"));
      Readable.from(chunks).pipe(peer);
    } catch {
      end("error");
    }
  });

// The decoder of `slip` calls back, and knows no end of the stream.
const slip = (chunks) => {
  const messages = [];
  let end = "clean";
  const decoder = new (require("slip").Decoder)({
    onMessage: (message) => messages.push(Buffer.from(message).toString("hex")),
    onError: () => (end = "error"),
  });
  for (const chunk of chunks) decoder.decode(chunk);
  return { messages, end };
};

const limit = (spec) => Number(/,max=(\d+)/.exec(spec)?.[1] ?? 0);

const peers = {
  "length-prefixed-stream": (spec) =>
    /^varint(,max=\d+)?$/.test(spec) &&
    stream(() => require("length-prefixed-stream").decode({ allowEmpty: true, limit: limit(spec) })),
  split2: (spec) =>
    (/^line(,max=\d+)?$/.test(spec) || spec === "line,crlf") &&
    stream(() => require("split2")(/\r?\n/, ...(limit(spec) ? [{ maxLength: limit(spec) }] : []))),
  byline: (spec) =>
    (spec === "line" || spec === "anyline") && stream(() => require("byline").createStream(null, { keepEmptyLines: true })),
  slip: (spec) => spec === "slip" && slip,
  cobs: (spec) => (spec === "cobs" || spec === "cobs,lead") && stream(() => require("cobs").decodeStream()),
  "netstring-stream": (spec) => spec === "netstring" && stream(() => require("netstring-stream").readStream()),
};

console.log(JSON.stringify(Object.keys(peers).map((name) => [name, `${name} ${require(`${name}/package.json`).version}`])));

// Errors that a package throws later belong to the request at hand.
let thrown = () => {};
process.on("uncaughtException", () => thrown());

for await (const line of createInterface({ input: process.stdin })) {
  const { library, framing, input, splits } = JSON.parse(line);
  const run = peers[library](framing);
  const bytes = Buffer.from(input, "hex");
  const outcomes = [];
  for (const cuts of run ? splits : []) {
    const places = [0, ...cuts, bytes.length];
    const chunks = places.slice(1).map((end, at) => bytes.subarray(places[at], end));
    const failed = new Promise((done) => (thrown = () => done({ messages: [], end: "thrown outside the stream" })));
    const late = new Promise((done) => setTimeout(done, 500, { messages: [], end: "no end" }).unref());
    outcomes.push(await Promise.race([run(chunks), failed, late]));
  }
  console.log(JSON.stringify({ outcomes: run ? outcomes : null }));
}
