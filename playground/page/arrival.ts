// Chunk by chunk: what came, what is buffered, what is still needed, and the messages so far.

import { bytesOf, fromHex, plural, shown } from "./bytes";
import type { Event, FrameEvent } from "./core";
import { frames, type Model, waiting } from "./model";

const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

/** As many characters of a message are shown. */
const MOST_SHOWN = 160;

/** As many messages stand below the stream. */
const MOST_GETS = 8;

export function showArrival(model: Model): void {
  const { arrived, chunks, cuts, wire } = model;
  const last = chunks[Math.min(arrived, chunks.length) - 1];
  const failed = model.outcome.end.end === "error" && arrived >= chunks.length;
  const isAll = arrived === cuts.length + 1;
  // What the end of the stream gives comes after the last chunk.
  const count = arrived === 0 ? 0 : isAll && !failed ? model.outcome.events.length : (last?.events ?? 0);
  const before = arrived === 0 ? 0 : (chunks[Math.min(arrived, chunks.length) - 2]?.events ?? 0);
  const events = model.outcome.events.slice(0, count);

  const range = byId("arrived") as HTMLInputElement;
  range.max = String(cuts.length + 1);
  range.value = String(arrived);
  range.setAttribute("aria-valuetext", `${arrived} of ${plural(cuts.length + 1, "chunk")}`);
  for (const [id, disabled] of [["first", arrived === 0], ["back", arrived === 0], ["forward", isAll], ["last", isAll]] as const) {
    (byId(id) as HTMLButtonElement).disabled = disabled;
  }

  const came = frames(events).length;
  byId("now").textContent =
    arrived === 0
      ? "Nothing has arrived yet."
      : `${arrived} of ${plural(cuts.length + 1, "chunk")} arrived (${bytesOf(model.arrivedBytes)} of ${wire.length}): ${plural(came, "message")} so far.`;

  // At the end of the stream nothing stays but a frame that is cut.
  const { end } = model.outcome;
  const position = !isAll ? model.arrivedBytes - (last?.held ?? 0) : end.end === "truncated" ? end.frame_offset : wire.length;
  const held = arrived === 0 || failed ? wire.slice(0, 0) : wire.slice(position, model.arrivedBytes);
  showBytes(byId("buffer"), held);
  byId("need").textContent = stateAfter(model, arrived, failed);

  const list = byId("messages");
  list.replaceChildren(...events.map((event, at) => eventItem(model, event, at >= before)));
  if (failed) list.append(item("wrong", `Error at byte ${errorOffset(model)}: the reader stops here.`));
  if (list.childElementCount === 0) list.append(item("none", "none yet"));
  // Within the list only: the page must not move.
  list.scrollTop = list.scrollHeight;
  showLog(model);
}

function stateAfter(model: Model, arrived: number, failed: boolean): string {
  if (arrived === 0) return "";
  const end = model.outcome.end;
  if (failed) return end.end === "clean" ? "" : `Byte ${end.offset}: ${end.text}.`;
  const last = model.chunks[arrived - 1];
  const waits = last ? waiting(last) : "";
  if (arrived < model.cuts.length + 1) return waits;
  return end.end === "clean" ? "Nothing is missing: the stream may end here." : `${waits} If the stream ends here: ${end.text}.`;
}

function errorOffset(model: Model): number {
  return model.outcome.end.end === "clean" ? 0 : model.outcome.end.offset;
}

function showBytes(into: HTMLElement, bytes: Uint8Array): void {
  into.replaceChildren();
  if (bytes.length === 0) {
    const empty = document.createElement("i");
    empty.textContent = "empty";
    into.append(empty);
    return;
  }
  into.textContent = rawBytes(bytes);
}

/** Digits and text, of the first bytes. */
function rawBytes(bytes: Uint8Array, most = 48): string {
  const some = bytes.slice(0, most);
  const hex = Array.from(some, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return bytes.length > most ? `${hex} … (${bytesOf(bytes.length)})` : hex;
}

/** All that the reader gets of the stream, in short. */
export function showGets(model: Model): void {
  const { events, end } = model.outcome;
  const made = events.slice(0, MOST_GETS).map((event) => item(eventClass(model, event), event.event === "frame" ? eventText(model, event) : `${bytesOf(event.len)} skipped`));
  if (events.length > MOST_GETS) made.push(item("more", `and ${events.length - MOST_GETS} more`));
  if (end.end === "error") made.push(item("lost", `error at byte ${end.offset}`));
  if (end.end === "truncated") made.push(item("more", "waits for more bytes"));
  if (made.length === 0) made.push(item("more", "nothing"));
  byId("gets").replaceChildren(...made);
}

function item(className: string, text: string): HTMLElement {
  const made = document.createElement("li");
  made.className = className;
  made.textContent = text;
  return made;
}

function eventItem(model: Model, event: Event, isNew: boolean): HTMLElement {
  return item(`${eventClass(model, event)}${isNew ? " new" : ""}`, eventText(model, event));
}

function eventClass({ fates }: Model, event: Event): string {
  if (event.event === "skipped") return "lost";
  return fates.changed.has(event) || fates.foreign.has(event) ? "got changed" : "got";
}

function eventText({ fates }: Model, event: Event): string {
  if (event.event === "skipped") {
    return `${bytesOf(event.len)} from byte ${event.offset} skipped: byte ${event.reason.offset}: ${event.reason.text}`;
  }
  const fate = fates.changed.has(event) ? "changed: " : fates.foreign.has(event) ? "not sent: " : "";
  return `${fate}${messageText(event)}`;
}

function messageText(frame: FrameEvent): string {
  if (frame.control) return "(control frame, no message)";
  const text = shown(fromHex(frame.payload));
  if (text === "") return frame.message === "" ? "(empty message)" : "(no payload)";
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

function showLog(model: Model): void {
  const log = byId("log");
  const ends = [...model.cuts, model.wire.length];
  let from = 0;
  const rows = ends.map((to, at) => {
    const chunk = model.chunks[at];
    const row = document.createElement("li");
    row.className = at + 1 === model.arrived ? "now" : at >= model.arrived ? "later" : "";
    const did = document.createElement("div");
    did.className = "did";
    if (chunk) {
      const isLast = at === model.chunks.length - 1;
      const failed = isLast && model.outcome.end.end === "error";
      const show = (event: Event): void => did.append(line(eventClass(model, event), eventText(model, event)));
      model.outcome.events.slice(model.chunks[at - 1]?.events ?? 0, chunk.events).forEach(show);
      if (failed) did.append(line("lost", `error at byte ${errorOffset(model)}`));
      const waits = waiting(chunk);
      if (waits !== "") did.append(line("", waits));
      const atEnd = isLast ? model.outcome.events.slice(chunk.events) : [];
      if (atEnd.length > 0) did.append(line("", "The end of the stream decides what they are:"));
      atEnd.forEach(show);
    } else {
      did.append(line("", "not read: the reader has stopped"));
    }
    const raw = document.createElement("div");
    raw.className = "raw";
    raw.textContent = rawBytes(model.wire.slice(from, to), 24);
    const number = document.createElement("span");
    number.className = "number";
    number.textContent = `${at + 1}.`;
    row.append(number, raw, did);
    from = to;
    return row;
  });
  log.replaceChildren(...rows);
  const now = log.querySelector<HTMLElement>(".now");
  const box = log.parentElement;
  // Within the box only: the page must not jump.
  if (now && box) box.scrollTop = Math.max(0, now.offsetTop - box.offsetTop - box.clientHeight / 2);
}

function line(className: string, text: string): HTMLElement {
  const made = document.createElement("div");
  made.className = className;
  made.textContent = text;
  return made;
}
