// What was meant by a word that the text form does not have.

import type { SpecError } from "./core";

const SIZES = ["u16", "u24", "u32", "u40", "u48", "u56", "u64"].flatMap((size) => [`${size}be`, `${size}le`]);
/** Of the sentence in which an error lists the words. */
const NO_WORDS = new Set(["a", "an", "expected", "its", "number", "of", "option", "or", "the", "to", "with"]);

/** The text form with the wrong word replaced by the nearest one that may stand there, and that word. */
export function meant(spec: string, { column, error }: SpecError, protocols: string[]): { spec: string; word: string } | null {
  const characters = [...spec];
  const [before, rest] = [characters.slice(0, column - 1).join(""), characters.slice(column - 1).join("")];
  const wrong = /^[\w-]+/.exec(rest)?.[0] ?? "";
  const isProtocol = before.endsWith("@");
  const listed = (/:(.*)/.exec(error)?.[1] ?? error).match(/[\w-]+/g)?.filter((word) => !NO_WORDS.has(word)) ?? [];
  const word = nearest(wrong, isProtocol ? protocols : /\bu64le\b/.test(error) ? [...listed, ...SIZES] : listed);
  return word === null ? null : { spec: `${before}${word}${rest.slice(wrong.length)}`, word: isProtocol ? `@${word}` : word };
}

function nearest(word: string, words: string[]): string | null {
  // A letter in three may be wrong.
  let least = Math.min(3, Math.ceil(word.length / 3)) + 1;
  let found: string | null = null;
  for (const other of words) {
    const far = distance(word.toLowerCase(), other);
    if (far < least) [least, found] = [far, other];
  }
  return found;
}

/** How many letters must be put in, left out, changed or swapped with the next one. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 0; at < one.length; at++) {
    const next = [at + 1];
    for (let column = 0; column < other.length; column++) {
      const changed = (row[column] ?? 0) + (one[at] === other[column] ? 0 : 1);
      const isSwapped = at > 0 && column > 0 && one[at - 1] === other[column] && other[column - 1] === one[at];
      const swapped = isSwapped ? (before[column - 1] ?? 0) + 1 : Infinity;
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1, swapped));
    }
    [before, row] = [row, next];
  }
  return row[other.length] ?? 0;
}
