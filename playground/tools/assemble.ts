// Puts the page together: one file, which holds the module, the recordings, the script and the style.
//
//   assemble WASM SCRIPT OUT

import { mkdirSync, readdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { Core } from "../page/core";
import { fromHex, toHex } from "../page/bytes";
import type { Samples } from "../page/model";

/** Compressed, for everything. */
const MOST_BYTES = 300_000;

/** Of a recording, as many complete frames are taken as fit in this. */
const SAMPLE_LEN = 170;
/** A first frame that is longer than that is taken if it fits in this. */
const LONGEST_SAMPLE = 1500;

const DATA = "tests/data";

/** The recorded streams of a protocol, the client's first. */
function recordings(name: string): Uint8Array[] {
  const folder = `${DATA}/protocols/${name}`;
  if (existsSync(folder)) {
    const files = readdirSync(folder).filter((file) => file.endsWith(".bin")).sort();
    return files.map((file) => readFileSync(`${folder}/${file}`));
  }
  const example = `${DATA}/examples/${name}.txt`;
  if (!existsSync(example)) return [];
  const lines = readFileSync(example, "utf8").split("\n").filter((line) => /^[0-9a-f]+$/i.test(line));
  return [fromHex(lines.join(""))];
}

/** The first complete frames of the stream that shows most of them. */
function sample(core: Core, name: string): string | null {
  let best: { count: number; bytes: Uint8Array } | null = null;
  for (const stream of recordings(name)) {
    const start = stream.subarray(0, 8 * LONGEST_SAMPLE);
    const ends = core.decode(`@${name}`, "fail", start, []).events.flatMap((event) => (event.event === "frame" ? [event.offset + event.wire_len] : []));
    const fitting = ends.filter((end) => end <= SAMPLE_LEN);
    const len = fitting[fitting.length - 1] ?? ends[0] ?? 0;
    if (len > 0 && len <= LONGEST_SAMPLE && fitting.length > (best?.count ?? -1)) {
      best = { count: fitting.length, bytes: start.subarray(0, len) };
    }
  }
  return best === null ? null : toHex(best.bytes);
}

const [wasmPath, scriptPath, out] = process.argv.slice(2);
if (!wasmPath || !scriptPath || !out) throw new Error("usage: assemble WASM SCRIPT OUT");

const wasm = readFileSync(wasmPath);
const core = await Core.load(wasm);
const samples: Samples = {};
const without: string[] = [];
for (const { name } of core.protocols()) {
  const hex = sample(core, name);
  if (hex === null) without.push(name);
  else samples[name] = { hex };
}
if (without.length > 0) throw new Error(`no recording of ${without.join(", ")}`);

const compressed = gzipSync(wasm, { level: 9 });
const insert: Record<string, string> = {
  STYLE: readFileSync("playground/page/style.css", "utf8"),
  WASM: compressed.toString("base64"),
  SAMPLES: JSON.stringify(samples),
  SCRIPT: readFileSync(scriptPath, "utf8"),
};
const page = readFileSync("playground/page/index.html", "utf8").replace(/\/\*([A-Z]+)\*\//g, (_, name: string) => insert[name] ?? "");
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, page);

const total = gzipSync(page, { level: 9 }).length;
console.log(`${out}: ${page.length} bytes, ${total} compressed (at most ${MOST_BYTES}); the module ${compressed.length}, recordings of ${Object.keys(samples).length} protocols`);
if (total > MOST_BYTES) throw new Error("the page is too large");
