// The crate, as WebAssembly: its functions and their answers.

export interface Reason {
  text: string;
  debug: string;
  offset: number;
  frame_offset: number;
}

export interface FrameEvent {
  event: "frame";
  offset: number;
  wire_len: number;
  header: string;
  payload: string;
  trailer: string;
  message: string;
  control: boolean;
  rewritten: boolean;
}

export interface SkippedEvent {
  event: "skipped";
  offset: number;
  len: number;
  reason: Reason;
}

export type Event = FrameEvent | SkippedEvent;

export type End = { end: "clean" } | ({ end: "error" | "truncated" } & Reason);

export interface Chunk {
  /** Where the chunk ends. */
  to: number;
  /** Events so far. */
  events: number;
  /** Bytes in the decoder after it. Missing after an error. */
  held?: number;
  /** Bytes still missing, at least. */
  need?: number;
  /** Where in a frame it ends. */
  inside?: string;
}

export interface Outcome {
  events: Event[];
  end: End;
}

export interface SpecError {
  /** In characters, from 1. */
  column: number;
  error: string;
}

export interface Parsed {
  spec: string;
  /** The text form of a protocol's framing, without its name. */
  expanded?: string;
  max?: number;
}

export interface Encoded {
  messages: ({ len: number } | { error: string; debug: string })[];
  wire: string;
}

export interface Protocol {
  name: string;
  title: string;
  specification: string;
  proof: string;
}

export type Recovery = "fail" | "skip-oversize" | "skip-frame" | "resync" | "resync-confirmed";

interface Exports {
  memory: WebAssembly.Memory;
  input_room(len: number): number;
  output(): number;
  parse(): number;
  encode(): number;
  decode(): number;
  protocols(): number;
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

export class Core {
  private constructor(private readonly wasm: Exports) {}

  static async load(module: BufferSource): Promise<Core> {
    const { instance } = await WebAssembly.instantiate(module, {});
    return new Core(instance.exports as unknown as Exports);
  }

  parse(spec: string): Parsed | SpecError {
    return this.call("parse", [utf8.encode(spec)]);
  }

  encode(spec: string, messages: Uint8Array[]): Encoded | SpecError {
    return this.call("encode", [utf8.encode(spec), ...messages]);
  }

  /** Decodes a stream that is cut at these offsets. Throws if the text form is wrong. */
  decode(spec: string, recovery: Recovery, stream: Uint8Array, cuts: number[]): Outcome & { chunks: Chunk[] } {
    return this.run(spec, recovery, stream, cuts, true);
  }

  /** As `decode`, without the chunks, and as text: equal outcomes are equal texts. */
  outcome(spec: string, recovery: Recovery, stream: Uint8Array, cuts: number[]): string {
    return JSON.stringify(this.run(spec, recovery, stream, cuts, false));
  }

  protocols(): Protocol[] {
    return this.call("protocols", []);
  }

  private run<T>(spec: string, recovery: Recovery, stream: Uint8Array, cuts: number[], chunks: boolean): T {
    const offsets = new DataView(new ArrayBuffer(4 * cuts.length));
    cuts.forEach((cut, at) => offsets.setUint32(4 * at, cut, true));
    const answer = this.call<T | SpecError>("decode", [
      utf8.encode(spec),
      utf8.encode(recovery),
      stream,
      new Uint8Array(offsets.buffer),
      utf8.encode(chunks ? "chunks" : ""),
    ]);
    if (typeof answer === "object" && answer !== null && "column" in answer) {
      throw new Error(`${spec}: column ${answer.column}: ${answer.error}`);
    }
    return answer as T;
  }

  /** Each argument is sent with its length of four bytes before it. */
  private call<T>(name: "parse" | "encode" | "decode" | "protocols", args: Uint8Array[]): T {
    const len = args.reduce((sum, arg) => sum + 4 + arg.length, 0);
    let at = this.wasm.input_room(len);
    for (const arg of args) {
      new DataView(this.wasm.memory.buffer).setUint32(at, arg.length, true);
      new Uint8Array(this.wasm.memory.buffer, at + 4, arg.length).set(arg);
      at += 4 + arg.length;
    }
    const answerLen = this.wasm[name]();
    const answer = new Uint8Array(this.wasm.memory.buffer, this.wasm.output(), answerLen);
    return JSON.parse(text.decode(answer)) as T;
  }
}
