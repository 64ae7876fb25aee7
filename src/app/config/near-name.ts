// The known name that a mistyped one was probably meant to be.

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
    const edits = editsBetween(wanted, plain(candidate));
    if (edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  return nearest;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** The number of letters to change, add, remove or swap with their neighbour (optimal string alignment). */
function editsBetween(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      let edits = Math.min(last[column - 1] + (isSame ? 0 : 1), last[column] + 1, current[column - 1] + 1);
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (isSwapped) edits = Math.min(edits, before[column - 2] + 1);
      current.push(edits);
    }
    [before, last] = [last, current];
  }
  return last[other.length];
}
