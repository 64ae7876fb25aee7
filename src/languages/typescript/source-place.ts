// Shows a place in a source text within one log line: its column and the text around it. LoadError shows the line number.

/** If the line is longer, the part around the place is shown. */
const MOST_CHARACTERS = 80;
const CUT = '...';

/** `at column 5: const b = ;`; both numbers start from 1. Empty for a place that the text does not have. */
export function placeIn(source: string, line: number, column: number): string {
  const text = source.split('\n')[line - 1];
  return text === undefined || column < 1 ? '' : `at column ${column}: ${around(text.trimEnd(), column - 1)}`;
}

function around(text: string, at: number): string {
  const indent = text.length - text.trimStart().length;
  if (text.length - indent <= MOST_CHARACTERS) return text.slice(indent);
  const start = Math.max(indent, Math.min(at - MOST_CHARACTERS / 2, text.length - MOST_CHARACTERS));
  const end = start + MOST_CHARACTERS;
  return `${start > indent ? CUT : ''}${text.slice(start, end)}${end < text.length ? CUT : ''}`;
}
