// The bytes on the wire: cells in rows, their parts below, a ruler, and cuts that can be dragged.

import { bytesOf, character } from "./bytes";
import type { Model, Part } from "./model";

/** What the wire asks of the page. */
export interface Asks {
  cut(cuts: number[], focus: Focus | null): void;
  select(at: number): void;
  damage(at: number): void;
}

/** What has the keyboard. */
export type Focus = { cut: number } | { byte: number };

const LABELS: Record<Part["kind"], string> = {
  header: "header",
  payload: "payload",
  trailer: "trailer",
  between: "between frames",
  skipped: "skipped",
  wrong: "not readable",
  unfinished: "unfinished",
};

/** Between two rows, in pixels. */
const ROW_GAP = 9;

/** How near to a boundary, in parts of a cell, a press means a cut. */
const NEAR = 0.28;

export class Wire {
  private model: Model | null = null;
  private columns = 16;
  private selected = 0;
  /** Where a press would cut, while the pointer is near. */
  private readonly hint = element("span", "hint");
  /** The cut that is being dragged, where it was taken, and whether it has moved. */
  private drag: { from: number; at: number; moved: boolean; isNew: boolean } | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly asks: Asks,
  ) {
    root.addEventListener("pointerdown", (event) => this.down(event));
    root.addEventListener("pointermove", (event) => this.move(event));
    root.addEventListener("pointerup", (event) => this.up(event));
    root.addEventListener("pointercancel", () => this.cancel());
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("pointerleave", () => this.hint.remove());
    root.addEventListener("focusin", (event) => this.focused(event.target));
    root.addEventListener("focusout", () => this.showsKeys());
    this.hint.setAttribute("aria-hidden", "true");
    new ResizeObserver(() => this.fit()).observe(root);
  }

  show(model: Model, selected: number): void {
    this.model = model;
    this.selected = Math.min(selected, Math.max(0, model.wire.length - 1));
    const focus = this.currentFocus();
    this.columns = this.fittingColumns();
    this.draw();
    if (focus) this.focus(focus);
    this.showsKeys();
  }

  /** The keys are explained while one of the bytes and cuts has the keyboard. */
  private showsKeys(): void {
    this.root.parentElement?.classList.toggle("keyed", this.root.querySelector(":focus-visible") !== null);
  }

  /** As many bytes as can be seen without scrolling. */
  room(): number {
    const row = this.root.querySelector(".row")?.getBoundingClientRect().height ?? 0;
    return row === 0 ? Infinity : this.columns * Math.max(1, Math.floor(this.root.clientHeight / (row + ROW_GAP)));
  }

  /** Scrolls to the first cut if none can be seen. Within the box only: the page must not move. */
  reveal(): void {
    const { root } = this;
    const box = root.getBoundingClientRect();
    const cuts = [...root.querySelectorAll(".cut")].map((cut) => cut.getBoundingClientRect());
    const first = cuts[0];
    if (first === undefined || cuts.some(({ top, bottom }) => top >= box.top && bottom <= box.bottom)) return;
    root.scrollTop += first.top - box.top - (box.height - first.height) / 2;
  }

  focus(focus: Focus): void {
    const name = "cut" in focus ? `[data-cut="${focus.cut}"]` : `[data-byte="${focus.byte}"]`;
    this.root.querySelector<HTMLElement>(name)?.focus();
  }

  private currentFocus(): Focus | null {
    const active = document.activeElement;
    if (!(active instanceof HTMLElement) || !this.root.contains(active)) return null;
    if (active.dataset.cut !== undefined) return { cut: Number(active.dataset.cut) };
    return active.dataset.byte === undefined ? null : { byte: Number(active.dataset.byte) };
  }

  private fit(): void {
    if (this.model && this.fittingColumns() !== this.columns) this.show(this.model, this.selected);
  }

  private cellWidth(): number {
    return parseFloat(getComputedStyle(this.root).getPropertyValue("--cell")) || 32;
  }

  private fittingColumns(): number {
    const fitting = Math.floor((this.root.clientWidth - 12) / this.cellWidth());
    return Math.max(4, fitting >= 16 ? fitting - (fitting % 8) : fitting - (fitting % 4));
  }

  private draw(): void {
    const { root, model } = this;
    if (!model) return;
    const { scrollTop } = root;
    root.replaceChildren();
    const cuts = this.cutsNow();
    for (let from = 0; from < model.wire.length; from += this.columns) {
      root.append(this.row(model, from, Math.min(from + this.columns, model.wire.length), cuts));
    }
    root.scrollTop = scrollTop;
  }

  /** The cuts, with the dragged one where it is now. */
  private cutsNow(): number[] {
    const cuts = this.model?.cuts ?? [];
    const { drag } = this;
    if (!drag) return cuts;
    return [...new Set([...cuts.filter((cut) => cut !== drag.from), drag.at])].sort((a, b) => a - b);
  }

  private row(model: Model, from: number, to: number, cuts: number[]): HTMLElement {
    const row = element("div", "row");
    row.dataset.from = String(from);
    row.style.setProperty("--count", String(to - from));
    for (let at = from; at < to; at++) {
      if (cuts.includes(at)) row.append(this.handle(model, at, at - from, cuts));
      row.append(this.cell(model, at, at - from));
    }
    for (const part of model.parts) {
      if (part.to > from && part.from < to) row.append(this.strip(part, from, to));
    }
    const ends = [...cuts, model.wire.length];
    for (let chunk = 0, start = 0; chunk < ends.length; chunk++) {
      const end = ends[chunk] ?? 0;
      if (end > from && start < to) {
        const line = element("span", `chunk ${chunk % 2 === 0 ? "even" : "odd"}`);
        line.style.gridColumn = `${Math.max(start, from) - from + 1} / ${Math.min(end, to) - from + 1}`;
        line.setAttribute("aria-hidden", "true");
        row.append(line);
      }
      start = end;
    }
    for (let at = from; at < to; at++) {
      if ((at - from) % 4 !== 0) continue;
      const tick = element("span", "tick");
      tick.textContent = String(at);
      tick.style.gridColumn = `${at - from + 1} / span ${Math.min(4, to - at)}`;
      tick.setAttribute("aria-hidden", "true");
      row.append(tick);
    }
    return row;
  }

  private cell(model: Model, at: number, column: number): HTMLElement {
    const byte = model.wire[at] ?? 0;
    const part = partAt(model.parts, at);
    const cell = element("button", `byte ${part?.kind ?? "between"}`);
    cell.type = "button";
    cell.dataset.byte = String(at);
    cell.tabIndex = at === this.selected ? 0 : -1;
    cell.style.gridColumn = String(column + 1);
    cell.classList.toggle("later", at >= model.arrivedBytes);
    cell.classList.toggle("error", model.errors.has(at));
    cell.classList.toggle("damaged", model.damaged.has(at));
    const [lostBefore, lostAfter] = [model.lost.get(at) ?? 0, at === model.wire.length - 1 ? (model.lost.get(at + 1) ?? 0) : 0];
    cell.classList.toggle("lost", lostBefore > 0);
    cell.classList.toggle("lost-after", lostAfter > 0);
    cell.classList.toggle("selected", at === this.selected);
    const hex = byte.toString(16).padStart(2, "0");
    const [digits, letter] = [element("span", "hex"), element("span", "char")];
    digits.textContent = hex;
    letter.textContent = character(byte);
    cell.append(digits, letter);
    const error = model.errors.has(at) ? ", an error is here" : "";
    const damaged = model.damaged.has(at) ? ", damaged" : "";
    const lost = `${lostBefore > 0 ? `, ${bytesOf(lostBefore)} lost before it` : ""}${lostAfter > 0 ? `, ${bytesOf(lostAfter)} lost after it` : ""}`;
    const later = at >= model.arrivedBytes ? ", has not arrived" : "";
    cell.setAttribute("aria-label", `byte ${at}: ${hex} ${spoken(byte)}, ${partName(part)}${damaged}${lost}${error}${later}`);
    return cell;
  }

  private handle(model: Model, at: number, column: number, cuts: number[]): HTMLElement {
    const handle = element("span", "cut");
    handle.dataset.cut = String(at);
    handle.tabIndex = 0;
    handle.style.gridColumn = String(column + 1);
    handle.classList.toggle("dragged", this.drag?.at === at);
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", `Cut ${cuts.indexOf(at) + 1} of ${cuts.length}`);
    handle.setAttribute("aria-valuemin", "1");
    handle.setAttribute("aria-valuemax", String(model.wire.length - 1));
    handle.setAttribute("aria-valuenow", String(at));
    handle.setAttribute("aria-valuetext", `after ${bytesOf(at)}`);
    handle.title = "Drag, or use the arrow keys. Click or press Delete to remove the cut.";
    return handle;
  }

  private strip(part: Part, from: number, to: number): HTMLElement {
    const [start, end] = [Math.max(part.from, from), Math.min(part.to, to)];
    const strip = element("span", `part ${part.kind}`);
    strip.classList.toggle("begins", start === part.from);
    strip.classList.toggle("ends", end === part.to);
    strip.style.gridColumn = `${start - from + 1} / ${end - from + 1}`;
    strip.setAttribute("aria-hidden", "true");
    const label = LABELS[part.kind];
    const room = ((end - start) * this.cellWidth()) / 7;
    const named = part.kind === "payload" ? `${label} ${part.frame}` : label;
    const names = [...(part.hasChecksum ? [`${label} ${part.frame} and checksum`] : []), named, label];
    strip.textContent = names.find((name) => name.length <= room) ?? (label[0] ?? "").toUpperCase();
    strip.title = names[0] ?? label;
    return strip;
  }

  /** The boundary under the pointer, how far from it, in cells, and where it is in this row. */
  private boundary(event: PointerEvent): { at: number; distance: number; row: HTMLElement; column: number } | null {
    const len = this.model?.wire.length ?? 0;
    const rows = [...this.root.querySelectorAll<HTMLElement>(".row")];
    const middle = (row: HTMLElement): number => {
      const { top, bottom } = row.getBoundingClientRect();
      return Math.max(top - event.clientY, event.clientY - bottom, 0);
    };
    const row = rows.sort((a, b) => middle(a) - middle(b))[0];
    if (!row || len < 2) return null;
    const column = (event.clientX - row.getBoundingClientRect().left) / this.cellWidth();
    const from = Number(row.dataset.from);
    const at = Math.min(Math.max(from + Math.min(Math.round(column), this.columns), 1), len - 1);
    return { at, distance: Math.abs(column - (at - from)), row, column: at - from };
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0 || !(event.target instanceof Element)) return;
    const handle = event.target.closest<HTMLElement>(".cut");
    const place = this.boundary(event);
    const onCell = event.target.closest(".byte") !== null;
    let from: number;
    if (handle) {
      from = Number(handle.dataset.cut);
    } else if (onCell && place && place.distance < NEAR) {
      from = place.at;
    } else {
      return;
    }
    event.preventDefault();
    this.drag = { from, at: from, moved: false, isNew: !this.model?.cuts.includes(from) };
    this.root.setPointerCapture(event.pointerId);
    this.draw();
  }

  private move(event: PointerEvent): void {
    const place = this.boundary(event);
    if (!this.drag) {
      const near = place !== null && place.distance < NEAR && event.target instanceof Element && event.target.closest(".byte") !== null;
      this.root.classList.toggle("cuttable", near);
      if (near && event.pointerType !== "touch") {
        this.hint.style.setProperty("--column", String(place.column));
        place.row.append(this.hint);
      } else {
        this.hint.remove();
      }
      return;
    }
    if (place && place.at !== this.drag.at) {
      this.drag = { ...this.drag, at: place.at, moved: true };
      this.draw();
    }
  }

  private up(event: PointerEvent): void {
    const { drag } = this;
    if (!drag) {
      const cell = event.target instanceof Element ? event.target.closest<HTMLElement>(".byte") : null;
      if (cell && event.button === 0) this.asks.select(Number(cell.dataset.byte));
      return;
    }
    const cuts = this.cutsNow();
    this.drag = null;
    if (drag.moved || drag.isNew) {
      this.asks.cut(cuts, { cut: drag.at });
    } else {
      this.asks.cut(cuts.filter((cut) => cut !== drag.at), null);
    }
  }

  private cancel(): void {
    this.drag = null;
    this.draw();
  }

  private focused(target: EventTarget | null): void {
    this.showsKeys();
    if (!(target instanceof HTMLElement) || target.dataset.byte === undefined) return;
    const at = Number(target.dataset.byte);
    if (at !== this.selected && !this.drag) this.asks.select(at);
  }

  private key(event: KeyboardEvent): void {
    const { target, model } = { target: event.target, model: this.model };
    if (!(target instanceof HTMLElement) || !model || event.ctrlKey || event.metaKey || event.altKey) return;
    const len = model.wire.length;
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -this.columns,
      ArrowDown: this.columns,
      Home: -len,
      End: len,
    };
    const step = steps[event.key];
    if (target.dataset.cut !== undefined) {
      const from = Number(target.dataset.cut);
      const others = model.cuts.filter((cut) => cut !== from);
      if (event.key === "Delete" || event.key === "Backspace") {
        this.asks.cut(others, others.length > 0 ? { cut: others.reduce((a, b) => (Math.abs(b - from) < Math.abs(a - from) ? b : a)) } : { byte: from });
      } else if (step !== undefined) {
        let at = Math.min(Math.max(from + step, 1), len - 1);
        // It goes past another cut, where there is room.
        while (others.includes(at) && at > 1 && at < len - 1) at += Math.sign(step);
        if (others.includes(at)) at = from;
        this.asks.cut([...others, at], { cut: at });
      } else {
        return;
      }
    } else if (target.dataset.byte !== undefined) {
      const at = Number(target.dataset.byte);
      if (step !== undefined) {
        this.focus({ byte: Math.min(Math.max(at + step, 0), len - 1) });
      } else if ((event.key === " " || event.key === "c") && at > 0) {
        const has = model.cuts.includes(at);
        this.asks.cut(has ? model.cuts.filter((cut) => cut !== at) : [...model.cuts, at], { byte: at });
      } else if (event.key === "d") {
        this.asks.damage(at);
      } else {
        return;
      }
    } else {
      return;
    }
    event.preventDefault();
  }
}

export function partAt(parts: Part[], at: number): Part | undefined {
  return parts.find((part) => part.from <= at && at < part.to);
}

export function partName(part: Part | undefined): string {
  if (!part) return LABELS.between;
  const label = part.hasChecksum ? "payload and checksum" : LABELS[part.kind];
  return part.frame === null ? label : `${label} of message ${part.frame}`;
}

function spoken(byte: number): string {
  const name = { 0: "zero", 9: "tab", 10: "line feed", 13: "carriage return", 32: "space", 44: "comma", 58: "colon" }[byte];
  return name ?? (byte > 32 && byte < 127 ? String.fromCharCode(byte) : "");
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, className: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = className;
  return made;
}
