// What a URL holds, and what follows from it.

import type { Recovery } from "./core";

/** `set` byte `at` to `value`, `remove` it, or put `value` in before it. */
export type Edit = { at: number; kind: "set" | "put"; value: number } | { at: number; kind: "remove" };

export interface State {
  mode: "messages" | "hex" | "sample";
  /** One message a line. */
  messages: string;
  hex: string;
  sample: string;
  spec: string;
  /** Offsets, rising, each inside the stream. */
  cuts: number[];
  edits: Edit[];
  recovery: Recovery;
  /** How many chunks have arrived; `null` is all of them. */
  arrived: number | null;
}

export const FIRST: State = {
  mode: "messages",
  messages: "hello\nhow are you?\nbye",
  hex: "",
  sample: "",
  spec: "netstring",
  cuts: [5, 14],
  edits: [],
  recovery: "fail",
  arrived: null,
};

/** Longer streams are cut off: each byte is an element of the page. */
export const MOST_BYTES = 2048;

const RECOVERIES: Recovery[] = ["fail", "skip-oversize", "skip-frame", "resync", "resync-confirmed"];

export interface Applied {
  wire: Uint8Array;
  /** Offsets of the bytes that were changed or put in. */
  damaged: Set<number>;
  /** How many bytes were lost before the byte at this offset; at the end of the stream, its length is the offset. */
  lost: Map<number, number>;
}

/** The bytes with the damage. */
export function applied(sent: Uint8Array, edits: Edit[]): Applied {
  // The last one stands for the end of the stream.
  const bytes = Array.from([...sent, -1], (value): { value: number; sent: number | null; lost: number } => ({ value, sent: value, lost: 0 }));
  for (const edit of edits) {
    const old = bytes[edit.at];
    if (old === undefined || (edit.kind !== "put" && edit.at === bytes.length - 1)) continue;
    if (edit.kind === "set") {
      old.value = edit.value;
    } else if (edit.kind === "put") {
      bytes.splice(edit.at, 0, { value: edit.value, sent: null, lost: 0 });
    } else {
      bytes.splice(edit.at, 1);
      const next = bytes[edit.at];
      // A byte that was put in was not sent, so it is not lost.
      if (next) next.lost += old.lost + (old.sent === null ? 0 : 1);
    }
  }
  const damaged = bytes.flatMap(({ value, sent }, at) => (value === sent ? [] : [at]));
  const lost = bytes.flatMap(({ lost }, at): [number, number][] => (lost === 0 ? [] : [[at, lost]]));
  return { wire: Uint8Array.from(bytes.slice(0, -1), ({ value }) => value), damaged: new Set(damaged), lost: new Map(lost) };
}

/** Where these cuts were before the damage. */
export function withoutEdits(cuts: number[], edits: Edit[]): number[] {
  return edits.reduceRight((moved, edit) => {
    if (edit.kind === "set") return moved;
    const step = edit.kind === "remove" ? 1 : -1;
    return moved.map((cut) => (cut > edit.at ? cut + step : cut));
  }, cuts);
}

/** Sorted, without repetitions, and inside a stream of `len` bytes. */
export function tidy(cuts: number[], len: number): number[] {
  return [...new Set(cuts)].filter((cut) => cut > 0 && cut < len).sort((a, b) => a - b);
}

const hex = (value: number): string => value.toString(16).padStart(2, "0");

function writtenEdit(edit: Edit): string {
  if (edit.kind === "remove") return `-${edit.at}`;
  return `${edit.kind === "put" ? "+" : ""}${edit.at}=${hex(edit.value)}`;
}

function readEdit(text: string): Edit[] {
  const [, sign, at, value] = /^([+-]?)(\d{1,5})(?:=([0-9a-f]{2}))?$/.exec(text) ?? [];
  if (at === undefined) return [];
  if (sign === "-") return [{ at: Number(at), kind: "remove" }];
  if (value === undefined) return [];
  return [{ at: Number(at), kind: sign === "+" ? "put" : "set", value: parseInt(value, 16) }];
}

/** The part of a URL after `#`. What is as on the first screen is left out. */
export function toHash(state: State): string {
  const fields = new URLSearchParams();
  if (state.mode === "sample") fields.set("p", state.sample);
  if (state.mode === "hex") fields.set("x", state.hex.replace(/\s+/g, ""));
  if (state.mode === "messages" && state.messages !== FIRST.messages) fields.set("m", state.messages);
  const usual = state.mode === "sample" ? `@${state.sample}` : FIRST.spec;
  if (state.spec !== usual) fields.set("f", state.spec);
  fields.set("c", state.cuts.join("."));
  if (state.edits.length > 0) fields.set("e", state.edits.map(writtenEdit).join("."));
  if (state.recovery !== "fail") fields.set("r", state.recovery);
  if (state.arrived !== null) fields.set("n", String(state.arrived));
  const text = fields.toString();
  return text === `c=${FIRST.cuts.join(".")}` ? "" : `#${text}`;
}

export function fromHash(hash: string): State {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  if ([...fields.keys()].length === 0) return { ...FIRST };
  const numbers = (text: string | null): number[] => (text ?? "").split(".").filter((part) => /^\d{1,5}$/.test(part)).map(Number);
  const sample = fields.get("p");
  const pasted = fields.get("x");
  const recovery = RECOVERIES.find((name) => name === fields.get("r"));
  return {
    mode: sample !== null ? "sample" : pasted !== null ? "hex" : "messages",
    messages: fields.get("m") ?? FIRST.messages,
    hex: pasted ?? "",
    sample: sample ?? "",
    spec: fields.get("f") ?? (sample !== null ? `@${sample}` : FIRST.spec),
    cuts: numbers(fields.get("c")),
    edits: (fields.get("e") ?? "").split(".").flatMap((part) => readEdit(part.replace(" ", "+"))),
    recovery: recovery ?? "fail",
    arrived: numbers(fields.get("n"))[0] ?? null,
  };
}
