// A dialogue: what a client sends and what it is answered, in the form of the README. Reading files of them and choosing their types:
// dialogue-files.ts.
//
//   > get visits:new:today         a line that is sent
//   VALUE visits:new:today 0 7     lines of the reply
//   CREATED
//   END
//   # wait 61s                     moves the clock; # date 2026-03-01T12:00:00Z sets it
//   # anything else                a comment
//
// A blank line before a line that is sent, a comment or the end is no part of a reply. `\` before a line that begins with `>`, `#` or `\`
// makes it part of a reply.

import { withoutByteOrderMark } from '../../base/byte-order-mark.js';
import type { CacheInProcess } from './cache-in-process.js';

interface Exchange {
  readonly kind: 'exchange';
  readonly sent: readonly string[];
  readonly expected: readonly string[];
  /** Of the first line that is sent, and of the first expected one. */
  readonly line: number;
  readonly expectedLine: number;
}

type Step =
  | Exchange
  | { readonly kind: 'wait'; readonly milliseconds: number }
  | { readonly kind: 'date'; readonly unixSeconds: number };

/** What differs in one exchange. */
export interface Difference {
  readonly line: number;
  readonly request: string;
  /** Undefined where a reply is shorter or longer than expected. */
  readonly expected: string | undefined;
  readonly got: string | undefined;
  /** The request still waits for bytes. */
  readonly isUnfinished: boolean;
}

/** A mistake in a dialogue's form. */
export class DialogueError extends Error {
  override readonly name = 'DialogueError';

  constructor(
    readonly line: number,
    reason: string,
  ) {
    super(reason);
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Throws DialogueError. */
export function parseDialogue(text: string): readonly Step[] {
  const steps: Step[] = [];
  const lines = withoutByteOrderMark(text).split(/\r?\n/);
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    if (line.startsWith('>')) {
      const start = at;
      while (isSent(lines[at])) at++;
      const sent = lines.slice(start, at).map((sentLine) => sentLine.replace(/^> ?/, ''));
      const expectedAt = at;
      while (at < lines.length && !/^[>#]/.test(lines[at])) at++;
      const expected = withoutLastBlanks(lines.slice(expectedAt, at)).map((reply) => reply.replace(/^\\/, ''));
      steps.push({ kind: 'exchange', sent, expected, line: start + 1, expectedLine: expectedAt + 1 });
      continue;
    }
    if (line.startsWith('#')) steps.push(...clockStep(line, at + 1));
    else if (line !== '') throw new DialogueError(at + 1, 'a reply needs a line that is sent before it: > get ...');
    at++;
  }
  return steps;
}

function isSent(line: string | undefined): boolean {
  return line?.startsWith('>') === true;
}

function withoutLastBlanks(lines: readonly string[]): readonly string[] {
  let end = lines.length;
  while (end > 0 && lines[end - 1] === '') end--;
  return lines.slice(0, end);
}

/** Nothing for a comment. */
function clockStep(line: string, number: number): Step[] {
  const [, word, value = ''] = /^#\s*(wait|date)\b\s*(.*?)\s*$/.exec(line) ?? [];
  if (word === undefined) return [];
  if (word === 'wait') {
    const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(value) ?? [];
    if (amount === undefined) throw new DialogueError(number, `${line}: write # wait 61s, with ms, s, m, h or d`);
    return [{ kind: 'wait', milliseconds: Number(amount) * UNIT_MS[unit] }];
  }
  const unixMs = Date.parse(value);
  if (Number.isNaN(unixMs)) throw new DialogueError(number, `${line}: write # date 2026-03-01T12:00:00Z`);
  return [{ kind: 'date', unixSeconds: unixMs / 1000 }];
}

export async function runDialogue(steps: readonly Step[], cache: CacheInProcess): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  for (const step of steps) {
    if (step.kind === 'wait') cache.advance(step.milliseconds);
    else if (step.kind === 'date') cache.setUnixTime(step.unixSeconds);
    else {
      const requests = step.sent.map((line) => `${line}\r\n`).join('');
      const reply = await cache.send(Buffer.from(requests, 'latin1'));
      const got = reply === '' ? [] : reply.replace(/\r?\n$/, '').split(/\r?\n/);
      const found = differenceIn(step, got, cache.isMidRequest);
      if (found !== undefined) differences.push(found);
    }
  }
  return differences;
}

function differenceIn(exchange: Exchange, got: readonly string[], isUnfinished: boolean): Difference | undefined {
  const { sent, expected, expectedLine } = exchange;
  for (let index = 0; index < Math.max(expected.length, got.length); index++) {
    if (expected[index] === got[index]) continue;
    // A value of another length says more than its length.
    if (differInLength(expected[index], got[index]) && expected[index + 1] !== got[index + 1]) continue;
    const line = expectedLine + Math.min(index, Math.max(0, expected.length - 1));
    return { line, request: sent[0], expected: expected[index], got: got[index], isUnfinished };
  }
  return undefined;
}

/** Whether both are the first lines of a value, the same except for its number of bytes. */
function differInLength(one: string | undefined, other: string | undefined): boolean {
  const [start, otherStart] = [one, other].map((line) => /^VALUE .* (?=\d+$)/.exec(line ?? '')?.[0]);
  return start !== undefined && start === otherStart;
}
