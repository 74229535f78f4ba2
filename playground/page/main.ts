// The page: what people do, and what is shown.

import { showArrival, showGets } from "./arrival";
import { bytesOf, character, plural } from "./bytes";
import { Core, type Parsed, type Protocol, type Recovery } from "./core";
import { PRESETS, SUGGESTED } from "./framings";
import { damageReport, everywhere, frames, type Kind, type Model, model, type Samples, tryRandomCuts } from "./model";
import { meant } from "./nearest";
import { type Edit, fromHash, MOST_BYTES, type State, tidy, toHash, withoutEdits } from "./state";
import { partAt, partName, Wire } from "./wire";

declare global {
  interface Window {
    /** The crate, for the browser's console. */
    anysplit?: Core;
  }
}

function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

const PLAY_MS = 900;
const URL_MS = 300;

class Page {
  private state: State;
  private now: Model;
  private selected = 0;
  private tried: string | null = null;
  /** The cuts before the damage, and what these edits made of them. */
  private intact: { edits: Edit[]; cuts: number[]; moved: number[] } | null = null;
  private timer: number | undefined;
  private urlTimer: number | undefined;
  private readonly wire: Wire;
  private readonly protocols: Protocol[];

  constructor(
    private readonly core: Core,
    private readonly samples: Samples,
  ) {
    this.protocols = core.protocols();
    this.state = fromHash(location.hash);
    this.now = model(core, samples, this.state, null);
    this.wire = new Wire(byId("wire"), {
      cut: (cuts, focus) => {
        this.change({ cuts });
        if (focus) this.wire.focus(focus);
      },
      select: (at) => this.select(at),
      damage: (at) => this.damage(at),
    });
    this.fillLists();
    this.listen();
    this.fillFields();
    this.show();
    this.wire.reveal();
  }

  /** Takes over these fields, and shows what follows. */
  private change(change: Partial<State>): void {
    const old = this.state;
    const cutsBefore = this.cutsBefore();
    this.state = { ...old, ...change };
    // New bytes: where they were cut and damaged means nothing for them. The share that has arrived stays "all".
    const isSource = (["mode", "messages", "hex", "sample", "spec"] as const).some((key) => this.state[key] !== old[key]);
    if (isSource && change.edits === undefined) {
      if (old.edits.length > 0 && change.cuts === undefined) this.state.cuts = cutsBefore;
      this.state.edits = [];
    }
    if (change.arrived === undefined) this.state.arrived = null;
    this.tried = null;
    if (change.arrived === undefined) this.stop();
    this.now = model(this.core, this.samples, this.state, this.now);
    if (!("column" in this.now.parsed)) this.state.cuts = this.now.cuts;
    this.show();
    // Browsers limit the number of changes a minute.
    window.clearTimeout(this.urlTimer);
    this.urlTimer = window.setTimeout(() => this.writeUrl(), URL_MS);
    byId<HTMLInputElement>("share").value = this.link();
    byId("copied").textContent = "";
  }

  private link(): string {
    return new URL(toHash(this.state) || "#", location.href).href.replace(/#$/, "");
  }

  private writeUrl(): void {
    window.clearTimeout(this.urlTimer);
    try {
      history.replaceState(null, "", `${location.pathname}${location.search}${toHash(this.state)}`);
    } catch {
      // Some browsers refuse that for files.
    }
  }

  private show(): void {
    this.wire.show(this.now, this.selected);
    this.selected = Math.min(this.selected, Math.max(0, this.now.wire.length - 1));
    this.showSpec();
    this.showSource();
    showGets(this.now);
    this.showVerdict();
    this.showByte();
    showArrival(this.now);
  }

  /** Puts the state into the fields that people type in. */
  private fillFields(): void {
    const { state } = this;
    byId<HTMLInputElement>("spec").value = state.spec;
    byId<HTMLTextAreaElement>("typed").value = state.messages;
    byId<HTMLTextAreaElement>("hex").value = state.hex;
    byId<HTMLInputElement>("share").value = this.link();
    for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=mode]")) radio.checked = radio.value === state.mode;
    for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=recovery]")) radio.checked = radio.value === state.recovery;
  }

  private fillLists(): void {
    const option = (value: string, label: string): HTMLOptionElement => {
      const made = document.createElement("option");
      made.value = value;
      made.label = label;
      return made;
    };
    byId("specs").append(
      ...PRESETS.map(({ spec, name }) => option(spec, name)),
      ...SUGGESTED.map((spec) => option(spec, spec)),
      ...this.protocols.map(({ name, title }) => option(`@${name}`, title)),
    );
    for (const preset of PRESETS) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = preset.name;
      button.title = preset.rule;
      button.dataset.spec = preset.spec;
      button.addEventListener("click", () => {
        const mode = this.state.mode === "sample" ? "messages" : this.state.mode;
        this.change({ spec: preset.spec, mode });
        this.fillFields();
      });
      byId("presets").append(button);
    }
    for (const protocol of this.protocols) {
      if (!this.samples[protocol.name]) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.protocol = protocol.name;
      const [name, title] = [document.createElement("b"), document.createElement("span")];
      name.textContent = `@${protocol.name}`;
      title.textContent = protocol.title;
      button.append(name, title);
      button.addEventListener("click", () => this.load(protocol.name));
      byId("gallery").append(button);
    }
    this.search("");
  }

  private load(sample: string): void {
    this.state.cuts = [];
    this.change({ mode: "sample", sample, spec: `@${sample}`, recovery: "fail" });
    const len = this.now.wire.length;
    // The first one where it can be seen.
    const first = Math.min(len / 3, (2 * this.wire.room()) / 3);
    this.change({ cuts: [Math.round(first), Math.round((2 * len) / 3)] });
    this.fillFields();
    byId("wire").scrollTop = 0;
    // On a narrow page the stream is out of sight.
    const title = byId("wire-title");
    if (title.getBoundingClientRect().top < 0) title.scrollIntoView({ block: "start" });
  }

  private search(words: string): void {
    const wanted = words.toLowerCase().split(/\s+/).filter((word) => word !== "");
    let count = 0;
    for (const button of byId("gallery").children) {
      const text = button.textContent?.toLowerCase() ?? "";
      const matches = wanted.every((word) => text.includes(word));
      (button as HTMLElement).hidden = !matches;
      (button as HTMLElement).style.display = matches ? "" : "none";
      if (matches) count++;
    }
    byId("found").textContent = plural(count, "protocol");
  }

  private listen(): void {
    const click = (id: string, act: () => void): void => byId(id).addEventListener("click", act);
    const len = (): number => this.now.wire.length;
    click("shuffle", () => {
      this.change({ cuts: this.shuffled() });
      this.wire.reveal();
    });
    click("singly", () => this.change({ cuts: everywhere(len()) }));
    click("uncut", () => this.change({ cuts: [] }));
    click("thousand", () => {
      const others = tryRandomCuts(this.core, this.state, this.now, 1000);
      this.tried = others === 0 ? "1,000 random ways of cutting it gave the same, too." : `${others} of 1,000 random ways of cutting it gave another outcome: that is a defect of anysplit.`;
      this.showVerdict();
    });
    click("damage", () => this.damage(Math.floor(Math.random() * len())));
    click("lose", () => this.edit({ at: Math.floor(Math.random() * len()), kind: "remove" }));
    click("repair", () => this.change({ edits: [], cuts: this.cutsBefore() }));
    click("foreign-load", () => {
      const protocol = this.protocol();
      if (protocol) this.load(protocol.name);
      // The button is gone.
      byId("wire-title").focus({ preventScroll: true });
    });
    click("byte-damage", () => this.damage(this.selected));
    click("byte-remove", () => this.edit({ at: this.selected, kind: "remove" }));
    click("byte-cut", () => {
      const { cuts } = this.now;
      const at = this.selected;
      this.change({ cuts: cuts.includes(at) ? cuts.filter((cut) => cut !== at) : [...cuts, at] });
    });
    byId<HTMLInputElement>("byte-value").addEventListener("change", (event) => {
      const text = (event.target as HTMLInputElement).value;
      if (/^[0-9a-f]{1,2}$/i.test(text)) this.edit({ at: this.selected, kind: "set", value: parseInt(text, 16) });
      else this.showByte();
    });
    for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=recovery]")) {
      radio.addEventListener("change", () => this.change({ recovery: radio.value as Recovery }));
    }
    for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=mode]")) {
      radio.addEventListener("change", () => this.setMode(radio.value as State["mode"]));
    }
    byId<HTMLInputElement>("spec").addEventListener("input", (event) => this.change({ spec: (event.target as HTMLInputElement).value }));
    byId<HTMLTextAreaElement>("typed").addEventListener("input", (event) => this.change({ messages: (event.target as HTMLTextAreaElement).value }));
    byId<HTMLTextAreaElement>("hex").addEventListener("input", (event) => this.change({ hex: (event.target as HTMLTextAreaElement).value }));
    byId<HTMLInputElement>("search").addEventListener("input", (event) => this.search((event.target as HTMLInputElement).value));

    const last = (): number => this.now.cuts.length + 1;
    const arrive = (arrived: number): void => this.change({ arrived: arrived >= last() ? null : Math.max(0, arrived) });
    const byHand = (arrived: number): void => {
      this.stop();
      arrive(arrived);
    };
    click("first", () => byHand(0));
    click("back", () => byHand(this.now.arrived - 1));
    click("forward", () => byHand(this.now.arrived + 1));
    click("last", () => byHand(last()));
    byId<HTMLInputElement>("arrived").addEventListener("input", (event) => byHand(Number((event.target as HTMLInputElement).value)));
    click("play", () => {
      if (this.timer !== undefined) {
        this.stop();
        return;
      }
      arrive(this.now.arrived >= last() ? 0 : this.now.arrived);
      byId("play").textContent = "Pause";
      this.timer = window.setInterval(() => {
        const next = this.now.arrived + 1;
        if (next >= last()) this.stop();
        arrive(next);
      }, PLAY_MS);
    });

    click("copy", () => this.copy());
    window.addEventListener("hashchange", () => {
      this.state = fromHash(location.hash);
      this.change({ arrived: this.state.arrived });
      this.fillFields();
      this.wire.reveal();
    });
    document.querySelector("[data-jump]")?.addEventListener("click", (event) => {
      event.preventDefault();
      byId("wire-title").focus();
    });
  }

  private setMode(mode: State["mode"]): void {
    if (mode === "hex" && this.state.hex.trim() === "") {
      // To begin with, the bytes that are there.
      const hex = Array.from(this.now.sent, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
      this.change({ mode, hex });
    } else if (mode === "sample") {
      this.change({ mode, spec: `@${this.state.sample}` });
    } else {
      this.change({ mode });
    }
    this.fillFields();
  }

  private stop(): void {
    window.clearInterval(this.timer);
    this.timer = undefined;
    byId("play").textContent = "Play";
  }

  private shuffled(): number[] {
    const len = this.now.wire.length;
    const most = Math.min(len - 1, Math.max(2, Math.min(9, Math.round(len / 5))));
    const count = 1 + Math.floor(Math.random() * most);
    return tidy(Array.from({ length: count }, () => 1 + Math.floor(Math.random() * (len - 1))), len);
  }

  private damage(at: number): void {
    const byte = this.now.wire[at];
    // One bit. In a digit, it gives another digit.
    if (byte !== undefined) this.edit({ at, kind: "set", value: byte ^ 4 });
  }

  private edit(edit: Edit): void {
    if (edit.at >= this.now.wire.length) return;
    this.selected = edit.at;
    const before = this.cutsBefore();
    const cuts = edit.kind === "remove" ? this.now.cuts.map((cut) => (cut > edit.at ? cut - 1 : cut)) : this.now.cuts;
    const edits = [...this.state.edits, edit];
    this.change({ edits, cuts });
    this.intact = { edits, cuts: before, moved: this.now.cuts };
  }

  /** The cuts as they were before the damage. Those that were changed since then keep their bytes. */
  private cutsBefore(): number[] {
    const { intact, state, now } = this;
    if (intact?.edits === state.edits && intact.moved.join() === now.cuts.join()) return intact.cuts;
    return withoutEdits(now.cuts, state.edits);
  }

  private select(at: number): void {
    this.selected = at;
    this.wire.show(this.now, at);
    this.wire.focus({ byte: at });
    this.showByte();
  }

  private async copy(): Promise<void> {
    this.writeUrl();
    const share = byId<HTMLInputElement>("share");
    share.value = this.link();
    share.select();
    try {
      await navigator.clipboard.writeText(share.value);
      byId("copied").textContent = "Copied.";
    } catch {
      byId("copied").textContent = "Selected: copy it with Ctrl+C or ⌘C.";
    }
  }

  private showSpec(): void {
    const { parsed } = this.now;
    const field = byId<HTMLInputElement>("spec");
    const error = byId("spec-error");
    error.replaceChildren();
    if ("column" in parsed) {
      field.setAttribute("aria-invalid", "true");
      const [caret, text] = [document.createElement("pre"), document.createElement("p")];
      const before = " ".repeat(parsed.column - 1);
      const fits = field.scrollWidth <= field.clientWidth;
      caret.textContent = fits ? `${before}^` : `${this.state.spec}\n${before}^`;
      caret.setAttribute("aria-hidden", "true");
      text.textContent = `Column ${parsed.column}: ${parsed.error}`;
      error.append(caret);
      const better = meant(this.state.spec, parsed, this.protocols.map(({ name }) => name));
      if (better) error.append(this.offer(better));
      error.append(text);
      caret.scrollLeft = Math.max(0, caret.scrollWidth * ((parsed.column - 10) / Math.max(1, this.state.spec.length)));
    } else {
      field.removeAttribute("aria-invalid");
    }
    byId("spec-note").textContent = "column" in parsed ? "" : this.specNote(parsed);
    const rule = PRESETS.find(({ spec }) => spec === this.state.spec)?.rule;
    const protocol = this.protocol();
    // What is typed wrong changes nothing above the field.
    if (!("column" in parsed)) byId("rule").textContent = rule ?? (protocol ? `This is the framing of ${protocol.title}.` : "");
    for (const button of byId("presets").children) {
      button.setAttribute("aria-pressed", String((button as HTMLElement).dataset.spec === this.state.spec));
    }
  }

  private offer({ spec, word }: { spec: string; word: string }): HTMLElement {
    const offer = document.createElement("div");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word;
    button.addEventListener("click", () => {
      this.change({ spec });
      this.fillFields();
      byId("spec").focus();
    });
    offer.append("Did you mean ", button, "?");
    return offer;
  }

  /** Whether the bytes are a recording of another protocol than the one that the framing names. */
  private isForeign(): boolean {
    const protocol = "column" in this.now.parsed ? undefined : this.protocol();
    return this.state.mode === "sample" && this.samples[this.state.sample] !== undefined && protocol !== undefined && protocol.name !== this.state.sample;
  }

  private protocol(): Protocol | undefined {
    const name = /^@([\w-]+)/.exec(this.state.spec)?.[1];
    return this.protocols.find((protocol) => protocol.name === name);
  }

  private specNote({ expanded, max }: Parsed): string {
    const protocol = this.protocol();
    const limit = max === undefined ? "" : `Messages of at most ${bytesOf(max)}.`;
    if (!protocol) {
      return `${PRESETS.find(({ spec }) => spec === this.state.spec)?.rule.replace(/^Here t/, "T").replace(/^Here a/, "A").replace(/^Here f/, "F") ?? ""} ${limit}`.trim();
    }
    return `${protocol.title} (${protocol.specification}). Without its name: ${expanded ?? ""}`;
  }

  private showSource(): void {
    const { state, now } = this;
    byId("for-messages").hidden = state.mode !== "messages";
    byId("for-hex").hidden = state.mode !== "hex";
    byId("for-sample").hidden = state.mode !== "sample";
    byId("mode-sample").hidden = state.sample === "";
    byId("mode-sample").style.display = state.sample === "" ? "none" : "";
    byId("hex-error").textContent = now.hexError ?? "";
    const refused = (now.encoded?.messages ?? []).flatMap((message, at) => ("error" in message ? [`Message ${at + 1} cannot be sent: ${message.error}.`] : []));
    const protocol = this.protocol();
    if (refused.length > 0 && protocol && this.samples[protocol.name]) {
      refused.push(`A message of ${protocol.title} has a form of its own: see its recording below, in the list of real protocols.`);
    }
    byId("typed-errors").replaceChildren(
      ...refused.map((text) => {
        const line = document.createElement("li");
        line.textContent = text;
        return line;
      }),
    );
    const recorded = this.protocols.find(({ name }) => name === state.sample);
    byId("sample-about").textContent = recorded ? `${recorded.title}: ${recorded.proof}.` : "There is no recording of that name.";
    for (const button of byId("gallery").children) {
      button.setAttribute("aria-pressed", String(state.mode === "sample" && (button as HTMLElement).dataset.protocol === state.sample));
    }
    const failed = "column" in now.parsed;
    const count = frames(now.undamaged.events).length;
    const readAs = state.spec === `@${state.sample}` ? "" : `, read as ${state.spec}`;
    const name = state.mode === "sample" ? `a recording of @${state.sample}${readAs}` : `framed as ${PRESETS.find(({ spec }) => spec === state.spec)?.name ?? state.spec}`;
    byId("what").textContent = `${plural(count, "message")}, ${bytesOf(now.wire.length)}${failed ? "" : `, ${name}`}`;
    const note = byId("wire-note");
    note.textContent =
      failed
        ? "The framing cannot be read. What you see are the bytes from before."
        : now.tooLong
          ? `Only the first ${bytesOf(MOST_BYTES)} are shown.`
          : now.wire.length === 0
            ? "No bytes: type a message."
            : "";
    note.hidden = note.textContent === "";
    const has = (...kinds: Kind[]): boolean => now.parts.some(({ kind }) => kinds.includes(kind));
    byId("legend-other").hidden = !has("wrong", "skipped");
    byId("legend-error").hidden = now.errors.size === 0;
    byId("legend-damaged").hidden = now.damaged.size === 0;
    byId("legend-lost").hidden = now.lost.size === 0;
    byId("legend-unfinished").hidden = !has("unfinished");
    byId("legend-between").hidden = !has("between");
    byId("legend-later").hidden = now.arrivedBytes === now.wire.length;
    byId("legend-checksum").hidden = !now.parts.some(({ hasChecksum }) => hasChecksum);
    const named = `@${protocol?.name ?? ""}`;
    byId("foreign").hidden = !this.isForeign();
    byId("foreign-text").textContent = `These bytes are a recording of @${state.sample}, not of ${named}. What the reader gets is not what was sent.`;
    byId("foreign-load").textContent = `Load the recording of ${named}`;
    byId("foreign-load").hidden = protocol === undefined || this.samples[protocol.name] === undefined;
    for (const id of ["shuffle", "singly", "uncut", "thousand", "damage", "lose", "byte-damage", "byte-remove"]) {
      byId<HTMLButtonElement>(id).disabled = failed || now.wire.length < (id === "damage" || id.startsWith("byte") ? 1 : 2);
    }
    byId<HTMLButtonElement>("repair").disabled = failed || state.edits.length === 0;
  }

  private showVerdict(): void {
    const { now, state } = this;
    const lines: [string, string][] = [];
    const { events, end } = now.outcome;
    const count = frames(events).length;
    const skipped = events.length - count;
    if (now.wire.length > 0 && !("column" in now.parsed)) {
      const what = [
        plural(count, "message"),
        ...(skipped > 0 ? [skipped === 1 ? "1 skipped stretch" : `${skipped} skipped stretches`] : []),
        ...(end.end === "error" ? [`the error at byte ${end.offset}`] : []),
        ...(end.end === "truncated" ? ["an unfinished frame"] : []),
      ].join(" and ");
      const verdict = now.cuts.length === 0 ? "Cuts would change nothing." : "The cuts changed nothing.";
      const same = `${verdict} ${plural(now.cuts.length + 1, "chunk")}, ${what}: the same as without cuts, and the same byte by byte.${this.tried === null ? "" : ` ${this.tried}`}`;
      lines.push(
        now.same
          ? this.isForeign() ? ["", same] : ["same", `✓ ${same}`]
          : ["bad", "✗ The outcome depends on the cuts. That is a defect of anysplit: please report it with the link."],
      );
    }
    if (end.end === "error") {
      const hint = state.recovery === "fail" ? "Below, under “On an error”, you choose how it goes on." : "Below, under “On an error”, “search for the next frame” gets past it.";
      lines.push(["bad", `Error at byte ${end.offset}: ${end.text}. The frame begins at byte ${end.frame_offset}, and the reader stops. ${hint}`]);
    }
    if (end.end === "truncated" && end.text !== "") {
      const hint = state.edits.length > 0 && !state.recovery.startsWith("resync") ? " A damaged length can be the cause: below, under “On an error”, “search for the next frame” gets past it." : "";
      lines.push(["", `Byte ${end.offset}: ${end.text}. More bytes would complete it.${hint}`]);
    }
    for (const event of events.filter((event) => event.event === "skipped").slice(0, 5)) {
      if (event.event !== "skipped") continue;
      lines.push(["bad", `${bytesOf(event.len)} from byte ${event.offset} skipped; then the reader goes on. Error at byte ${event.reason.offset}: ${event.reason.text}.`]);
    }
    if (now.damaged.size > 0 || now.lost.size > 0) lines.push([now.fates.intact < now.fates.sent || now.fates.foreign.size > 0 ? "bad" : "", damageReport(now)]);
    const verdict = byId("verdict");
    const text = lines.map(([, line]) => line).join("\n");
    // A screen reader speaks what changes, so what stays must stay the same element.
    if (verdict.dataset.text === text) return;
    verdict.dataset.text = text;
    verdict.replaceChildren(
      ...lines.map(([className, line]) => {
        const made = document.createElement("p");
        made.className = className;
        made.textContent = line;
        return made;
      }),
    );
  }

  private showByte(): void {
    const byte = this.now.wire[this.selected];
    const part = partAt(this.now.parts, this.selected);
    byId("byte-name").textContent = byte === undefined ? "Byte" : `Byte ${this.selected}: ${character(byte)}, ${partName(part)}`;
    byId<HTMLInputElement>("byte-value").value = byte === undefined ? "" : byte.toString(16).padStart(2, "0");
    byId("byte-cut").textContent = this.now.cuts.includes(this.selected) ? "Remove the cut" : "Cut before it";
    byId<HTMLButtonElement>("byte-cut").disabled = "column" in this.now.parsed || this.selected === 0;
  }
}

/** The module, which the page holds compressed and in base 64. */
async function wasmBytes(): Promise<ArrayBuffer> {
  const compressed = Uint8Array.from(atob(byId("wasm").textContent ?? ""), (c) => c.charCodeAt(0));
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).arrayBuffer();
}

async function start(): Promise<void> {
  try {
    const core = await Core.load(await wasmBytes());
    const samples = JSON.parse(byId("samples").textContent ?? "{}") as Samples;
    window.anysplit = core;
    byId("page").hidden = false;
    new Page(core, samples);
    document.documentElement.dataset.ready = "yes";
  } catch (error) {
    byId("page").hidden = true;
    const failure = byId("failure");
    failure.hidden = false;
    failure.textContent = `The page could not start: ${error instanceof Error ? error.message : String(error)}. It needs a browser with WebAssembly, of 2023 or later.`;
    throw error;
  }
}

void start();
