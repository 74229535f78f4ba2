// Bytes as text: hexadecimal digits, and messages with escapes.

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}

/**
 * Reads pasted hexadecimal digits. Blanks, commas, colons and `0x` may stand between bytes, and so may the offsets and the
 * text columns of `xxd` and `hexdump -C`.
 */
export function pastedHex(text: string): Uint8Array | string {
  const isDump = HEXDUMP.test(text);
  const lines = text.split("\n").map((line) => (isDump && LAST_OFFSET.test(line) ? "" : withoutColumns(line)));
  const digits = lines.join(" ").replace(/0x|\\x/gi, " ").replace(/[\s,:;-]+/g, "");
  const wrong = /[^0-9a-f]/i.exec(digits);
  if (wrong) {
    return `“${wrong[0]}” is not a hexadecimal digit`;
  }
  if (digits.length % 2 === 1) {
    return "the last byte has one digit; every byte needs two";
  }
  return fromHex(digits);
}

const XXD = /^\s*[0-9a-f]{4,16}:(.*?)(?:\s\s.*)?$/i;
const HEXDUMP = /^\s*[0-9a-f]{6,16}\s\s([^|\n]*)\|.*$/im;
/** `hexdump` ends with an offset alone. */
const LAST_OFFSET = /^\s*[0-9a-f]{6,16}\s*$/i;

/** A line of `xxd` has a colon after the offset and two blanks before the text; one of `hexdump -C` has bars around the text. */
function withoutColumns(line: string): string {
  return XXD.exec(line)?.[1] ?? HEXDUMP.exec(line)?.[1] ?? line;
}

const ESCAPES: Record<string, number> = { n: 10, r: 13, t: 9, "0": 0, "\\": 92 };

/** A message as typed: UTF-8, with `\n`, `\r`, `\t`, `\0`, `\\` and `\x1f`. Another backslash stands for itself. */
export function unescapeMessage(line: string): Uint8Array {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const part of line.match(/\\x[0-9a-f]{2}|\\[nrt0\\]|[^\\]+|\\/gi) ?? []) {
    const escape = ESCAPES[part[1] ?? ""];
    if (/^\\x..$/i.test(part)) {
      bytes.push(parseInt(part.slice(2), 16));
    } else if (part.length === 2 && part[0] === "\\" && escape !== undefined) {
      bytes.push(escape);
    } else {
      bytes.push(...encoder.encode(part));
    }
  }
  return Uint8Array.from(bytes);
}

/** What a person reads: text, with escapes for the bytes that are none. They can be typed like that. */
export function shown(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(text)) {
      return text.replace(/[\\\n\r\t]/g, (c) => shownByte(c.charCodeAt(0)));
    }
  } catch {
    // Not text.
  }
  return Array.from(bytes, shownByte).join("");
}

function shownByte(byte: number): string {
  const name = { 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\" }[byte];
  return name ?? (byte > 31 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`);
}

/** One character for a cell of the wire. */
export function character(byte: number): string {
  const name = { 0: "\\0", 9: "\\t", 10: "\\n", 13: "\\r", 32: "␣" }[byte];
  return name ?? (byte > 32 && byte < 127 ? String.fromCharCode(byte) : "·");
}

export function bytesOf(count: number): string {
  return count === 1 ? "1 byte" : `${count.toLocaleString("en")} bytes`;
}

export function plural(count: number, word: string): string {
  return `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
}
