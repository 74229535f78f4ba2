// What follows from the state: the bytes, what the decoder makes of them, and whether the cuts show.

import { bytesOf, fromHex, pastedHex, plural, unescapeMessage } from "./bytes";
import type { Chunk, Core, Encoded, Event, FrameEvent, Outcome, Parsed, SpecError } from "./core";
import { applied, MOST_BYTES, type State, tidy } from "./state";

export interface Sample {
  /** Complete frames that a program wrote, in hexadecimal digits. */
  hex: string;
}

export type Samples = Record<string, Sample>;

export type Kind = "header" | "payload" | "trailer" | "between" | "skipped" | "wrong" | "unfinished";

/** A run of bytes that are the same part of the same frame. */
export interface Part {
  from: number;
  to: number;
  kind: Kind;
  /** The frame's number, from 1. */
  frame: number | null;
  /** Whether a payload was rewritten together with its checksum, so that both are here. */
  hasChecksum: boolean;
}

/** What became of the messages. */
export interface Fates {
  /** How many were sent, and how many of them arrived as they were. */
  sent: number;
  intact: number;
  /** Messages that arrived in place of a sent one, and messages that arrived in place of none. */
  changed: Set<Event>;
  foreign: Set<Event>;
}

export interface Model {
  parsed: Parsed | SpecError;
  encoded: Encoded | null;
  hexError: string | null;
  tooLong: boolean;
  /** The bytes as they were sent, and as they arrive. */
  sent: Uint8Array;
  wire: Uint8Array;
  cuts: number[];
  outcome: Outcome;
  chunks: Chunk[];
  /** How many chunks have arrived, and the bytes in them. */
  arrived: number;
  arrivedBytes: number;
  /** Whether the same came of the stream in one piece and of single bytes. */
  same: boolean;
  parts: Part[];
  /** Offsets of bytes that an error names. */
  errors: Set<number>;
  /** Offsets of bytes that somebody changed. */
  damaged: Set<number>;
  /** How many bytes were lost before the byte at this offset. */
  lost: Map<number, number>;
  /** What would have come without the damage. */
  undamaged: Outcome;
  fates: Fates;
}

/** `last` is the model before: its bytes stay while the framing cannot be read. */
export function model(core: Core, samples: Samples, state: State, last: Model | null): Model {
  const parsed = core.parse(state.spec);
  const failed = "column" in parsed;
  let encoded: Encoded | null = null;
  let hexError: string | null = null;
  let sent: Uint8Array = new Uint8Array();
  if (state.mode === "messages") {
    const answer = failed ? null : core.encode(state.spec, typedMessages(state.messages));
    if (answer !== null && "wire" in answer) {
      encoded = answer;
      sent = fromHex(answer.wire);
    }
  } else if (state.mode === "hex") {
    const bytes = pastedHex(state.hex);
    if (typeof bytes === "string") hexError = bytes;
    else sent = bytes;
  } else {
    sent = fromHex(samples[state.sample]?.hex ?? "");
  }
  if (failed && last !== null) {
    return { ...last, parsed, encoded, hexError };
  }
  const tooLong = sent.length > MOST_BYTES;
  if (tooLong) sent = sent.slice(0, MOST_BYTES);

  const { wire, damaged, lost } = applied(sent, state.edits);
  const cuts = tidy(state.cuts, wire.length);
  const spec = failed ? "close" : state.spec;
  const { events, end, chunks } = core.decode(spec, state.recovery, wire, cuts);
  const outcome = { events, end };
  const whole = core.outcome(spec, state.recovery, wire, []);
  const singly = core.outcome(spec, state.recovery, wire, everywhere(wire.length));
  const text = JSON.stringify(outcome);
  const arrived = Math.min(state.arrived ?? Infinity, cuts.length + 1);
  const undamaged = state.edits.length === 0 ? outcome : (JSON.parse(core.outcome(spec, state.recovery, sent, [])) as Outcome);
  return {
    parsed,
    encoded,
    hexError,
    tooLong,
    sent,
    wire,
    cuts,
    outcome,
    chunks,
    arrived,
    arrivedBytes: [0, ...cuts, wire.length][arrived] ?? wire.length,
    same: whole === text && singly === text,
    parts: parts(outcome, wire.length, hasInnerSum(parsed)),
    errors: errors(outcome),
    damaged,
    lost,
    undamaged,
    fates: fates(outcome, undamaged),
  };
}

/** Cuts the same stream in `count` random ways, and returns how many of them gave another outcome. */
export function tryRandomCuts(core: Core, state: State, { wire, outcome }: Model, count: number): number {
  const expected = JSON.stringify(outcome);
  let others = 0;
  for (let run = 0; run < count; run++) {
    const often = Math.random();
    const cuts = everywhere(wire.length).filter(() => Math.random() < often);
    if (core.outcome(state.spec, state.recovery, wire, cuts) !== expected) others++;
  }
  return others;
}

/** A message a line. What follows the last line end is a message unless it is empty. */
export function typedMessages(text: string): Uint8Array[] {
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines.map(unescapeMessage);
}

export function everywhere(len: number): number[] {
  return Array.from({ length: Math.max(0, len - 1) }, (_, at) => at + 1);
}

export function frames(events: Event[]): FrameEvent[] {
  return events.filter((event) => event.event === "frame");
}

/** Whether the text form has a checksum. */
function hasSum(parsed: Parsed | SpecError): boolean {
  return !("column" in parsed) && /[,;]sum=/.test(parsed.expanded ?? parsed.spec);
}

/** Whether the checksum is inside the form in which a payload is sent. One that follows parentheses is after it, in the trailer. */
function hasInnerSum(parsed: Parsed | SpecError): boolean {
  if ("column" in parsed) return false;
  const spec = parsed.expanded ?? parsed.spec;
  return /[,;]sum=/.test(/^\((.*)\)/.exec(spec)?.[1] ?? spec);
}

function parts({ events, end }: Outcome, len: number, hasInnerSum: boolean): Part[] {
  const found: Part[] = [];
  let at = 0;
  let frame = 0;
  const upTo = (to: number, kind: Kind, number: number | null, hasChecksum = false): void => {
    if (to > at) found.push({ from: at, to, kind, frame: number, hasChecksum });
    at = Math.max(at, to);
  };
  for (const event of events) {
    upTo(event.offset, "between", null);
    if (event.event === "skipped") {
      upTo(event.offset + event.len, "skipped", null);
      continue;
    }
    frame++;
    const trailer = event.trailer.length / 2;
    upTo(event.offset + event.header.length / 2, "header", frame);
    upTo(event.offset + event.wire_len - trailer, "payload", frame, hasInnerSum && event.rewritten);
    upTo(event.offset + event.wire_len, "trailer", frame);
  }
  if (end.end !== "clean") {
    upTo(end.frame_offset, "between", null);
    upTo(len, end.end === "error" ? "wrong" : "unfinished", null);
  }
  upTo(len, "between", null);
  return found;
}

function errors({ events, end }: Outcome): Set<number> {
  const found = events.flatMap((event) => (event.event === "skipped" ? [event.reason.offset] : []));
  if (end.end === "error") found.push(end.offset);
  return new Set(found);
}

/** What the decoder holds and waits for after a chunk, in one sentence. */
export function waiting(chunk: Chunk): string {
  if (chunk.held === undefined) return "";
  if (chunk.held === 0) return chunk.inside === undefined ? "Nothing is buffered." : `Nothing is buffered; the stream is ${chunk.inside}.`;
  if (chunk.inside === undefined) {
    return `${bytesOf(chunk.held)} buffered. More bytes, or the end of the stream, decide what they are.`;
  }
  if (/skipped/.test(chunk.inside)) {
    return `${bytesOf(chunk.held)} buffered, in which the reader searches for the next frame.`;
  }
  const need = chunk.need === undefined || chunk.need === 0 ? "" : `, at least ${chunk.need} more needed`;
  return `${bytesOf(chunk.held)} buffered${need} (${chunk.inside}).`;
}

/** Compares what came with what was sent. Between two messages that arrived as sent, the others that arrived replace, in order, the sent ones that are missing there; those left over are foreign. */
function fates(outcome: Outcome, undamaged: Outcome): Fates {
  const sent = frames(undamaged.events).map((frame) => frame.message);
  const found: Fates = { sent: sent.length, intact: 0, changed: new Set(), foreign: new Set() };
  if (outcome === undamaged) return { ...found, intact: sent.length };
  let next = 0;
  let others: FrameEvent[] = [];
  const settle = (missing: number): void => {
    others.forEach((frame, at) => (at < missing ? found.changed : found.foreign).add(frame));
    others = [];
  };
  for (const frame of frames(outcome.events)) {
    const at = sent.indexOf(frame.message, next);
    if (at < 0) {
      others.push(frame);
      continue;
    }
    settle(at - next);
    next = at + 1;
    found.intact++;
  }
  settle(sent.length - next);
  return found;
}

/** At most this many numbers are listed. */
const MOST_NUMBERS = 5;

/** "Message 2", or "Messages 2, 3 and 5". */
function numbered(which: Set<Event>, all: FrameEvent[]): string {
  const numbers = all.flatMap((frame, at) => (which.has(frame) ? [String(at + 1)] : []));
  const more = numbers.length - MOST_NUMBERS;
  const listed = more > 0 ? [...numbers.slice(0, MOST_NUMBERS), `${more} more`] : numbers;
  const last = listed.pop() ?? "";
  return listed.length === 0 ? `Message ${last}` : `Messages ${listed.join(", ")} and ${last}`;
}

/** What is damaged, and what became of the messages. */
export function damageReport({ parsed, outcome, fates, damaged, lost }: Model): string {
  const lostBytes = [...lost.values()].reduce((sum, count) => sum + count, 0);
  const bytes = [...(damaged.size > 0 ? [`${bytesOf(damaged.size)} damaged.`] : []), ...(lostBytes > 0 ? [`${bytesOf(lostBytes)} lost.`] : [])];
  const { sent, intact, changed, foreign } = fates;
  const came = frames(outcome.events);
  const strange = [
    ...(changed.size > 0 ? [`${numbered(changed, came)} arrived changed.`] : []),
    ...(foreign.size > 0 ? [`${numbered(foreign, came)} arrived, but nobody sent ${foreign.size === 1 ? "it" : "them"}.`] : []),
  ];
  const noticed = outcome.end.end !== "clean" || outcome.events.some((event) => event.event === "skipped");
  if (strange.length > 0 && !noticed) strange.push(`The reader noticed nothing${hasSum(parsed) ? "." : ": this framing has no checksum."}`);
  if (strange.length === 0 && intact === sent) strange.push("The damage touched no message.");
  return [...bytes, `${intact} of ${plural(sent, "message")} arrived as sent.`, ...strange].join(" ");
}
