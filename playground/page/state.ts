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

/** The bytes with the damage, and the offsets of those that were set or put in. */
export function applied(sent: Uint8Array, edits: Edit[]): { wire: Uint8Array; damaged: Set<number> } {
  const bytes = Array.from(sent, (value) => ({ value, isSent: true }));
  for (const edit of edits) {
    if (edit.kind !== "put" && edit.at >= bytes.length) continue;
    const put = edit.kind === "remove" ? [] : [{ value: edit.value, isSent: false }];
    bytes.splice(edit.at, edit.kind === "put" ? 0 : 1, ...put);
  }
  const damaged = bytes.flatMap(({ isSent }, at) => (isSent ? [] : [at]));
  return { wire: Uint8Array.from(bytes, ({ value }) => value), damaged: new Set(damaged) };
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
