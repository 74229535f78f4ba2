// The repository's vectors, by the page's own module, in all splits: those that vectors/README.md names.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { onPage, start, stop } from "./open.mjs";

const folder = process.env.VECTORS ? pathToFileURL(`${process.env.VECTORS}/`) : new URL("../../vectors/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "schema.json");

before(start);
after(stop);

test("vectors: the files are there", () => assert.ok(names.length > 0));

for (const name of names) {
  test(`vectors: ${name}`, () =>
    onPage({}, async (page) => {
      const file = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
      assert.equal(file.version, 1);
      const { wrong, splits } = await page.evaluate(run, file);
      assert.deepEqual(wrong, []);
      console.log(`# ${name}: ${file.decode.length} streams in ${splits} splits, ${file.encode.length} lists of messages`);
      assert.ok(splits >= 2 * file.decode.length);
    }));
}

/** Runs in the page. Returns the first vectors that fail, and how. */
function run(file) {
  const core = window.anysplit;
  const bytesOf = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (two) => parseInt(two, 16));
  /** `Mismatch { found: 2, expected: 3 }` has a name and numbers. */
  const named = (debug) => {
    const name = /^\w+/.exec(debug)[0];
    const inner = name === "Truncated" ? debug.slice("Truncated(".length) : debug;
    const hasNumbers = !["Custom", "Header", "Malformed"].includes(name) || inner !== debug;
    const numbers = hasNumbers ? [...inner.matchAll(/(\w+): (\d+)/g)].map(([, key, value]) => [key, Number(value)]) : [];
    return { kind: name.replace(/(?<=.)[A-Z]/g, "_$&").toLowerCase(), details: Object.fromEntries(numbers) };
  };
  const sorted = (value) =>
    JSON.stringify(value, (_, inner) => (inner && typeof inner === "object" && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner));
  const reason = ({ debug, offset, frame_offset }) => ({ ...named(debug), offset, frame_offset });

  /** An answer in the form of the vectors, without `after`. */
  const result = ({ events, end }) => ({
    events: events.map(({ rewritten, ...event }) => (event.event === "skipped" ? { ...event, reason: reason(event.reason) } : event)),
    end: end.end === "clean" ? end : end.end === "error" ? { end: "error", ...reason(end) } : { end: "truncated", ...cutPart(end) },
  });
  const cutPart = ({ debug, offset, frame_offset }) => {
    const [part] = /^\w+/.exec(debug);
    const numbers = Object.fromEntries([...debug.matchAll(/(\w+): (\d+)/g)].map(([, key, value]) => [key, Number(value)]));
    return { offset, frame_offset, part: part.toLowerCase(), ...numbers };
  };

  let seed = 1;
  const random = (below) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const splitsOf = function* (len) {
    yield [];
    yield Array.from({ length: Math.max(0, len - 1) }, (_, at) => at + 1);
    for (let at = 0; at <= len; at++) yield [at];
    if (len <= 40) for (let a = 0; a <= len; a++) for (let b = a; b <= len; b++) yield [a, b];
    for (let time = 0; time < 20; time++) {
      const count = 1 + random(8);
      yield Array.from({ length: count }, () => random(len + 1)).sort((a, b) => a - b);
    }
  };

  /** An event comes with the chunk that holds the last of its `after` bytes. */
  const comesLate = (afters, chunks) =>
    chunks.some(({ to, events }) => events !== afters.filter((after) => after !== null && after <= to).length);

  const wrong = [];
  let splits = 0;
  for (const vector of file.decode) {
    const input = bytesOf(vector.input);
    const expected = sorted({
      events: vector.events.map(({ after, ...event }) => event),
      end: (({ after, ...end }) => end)(vector.end),
    });
    const afters = vector.events.map(({ after }) => after);
    for (const cuts of splitsOf(input.length)) {
      splits++;
      const answer = core.decode(vector.framing, vector.recovery, input, cuts);
      const got = sorted(result(answer));
      if (got !== expected) wrong.push({ name: vector.name, cuts, got, expected });
      else if (comesLate(afters, answer.chunks)) wrong.push({ name: vector.name, cuts, chunks: answer.chunks, afters });
      else continue;
      break;
    }
  }
  for (const vector of file.encode) {
    const messages = [...vector.messages, ...(vector.refused ? [vector.refused.message] : [])].map(bytesOf);
    const answer = core.encode(vector.framing, messages);
    const refused = answer.messages?.flatMap((message, at) => ("error" in message ? [{ at, ...named(message.debug) }] : []));
    const expected = vector.refused ? [{ at: vector.messages.length, kind: vector.refused.kind, details: vector.refused.details }] : [];
    if (answer.wire !== vector.wire || sorted(refused) !== sorted(expected)) wrong.push({ name: vector.name, answer, expected });
  }
  return { wrong: wrong.slice(0, 3), splits };
}
