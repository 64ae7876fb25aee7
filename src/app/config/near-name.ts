// The known name that a mistyped one was probably meant to be.

import { editDistance } from '../../base/nearest.js';

/** The most letters that may be wrong, left out, added or swapped. A choice: with more, short names would match unrelated ones. */
const MOST_EDITS = 3;

/** The nearest of the names, or the one that begins with `name`; undefined if none is near. Only letters and digits are compared. */
export function nearName(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name);
  if (wanted === '') return undefined;
  const start = known.find((candidate) => plain(candidate).startsWith(wanted));
  if (start !== undefined) return start;
  const mostEdits = Math.min(MOST_EDITS, Math.floor(wanted.length / 4));
  let nearest: string | undefined;
  let fewest = mostEdits + 1;
  for (const candidate of known) {
    const edits = editDistance(wanted, plain(candidate));
    if (edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  return nearest;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}
