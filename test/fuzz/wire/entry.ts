// The model's data of one item, and the form of a reply in which some parts are known only to the server.

/** An item. */
export interface Entry {
  readonly value: string;
  readonly flags: number;
  /** In seconds of the model; 0 is never, negative is past. */
  readonly expiresAt: number;
  /** The token that a request has set or the server has sent; undefined if neither has happened since the last change. */
  readonly token: string | undefined;
  /** The marks of the meta protocol: X, Z, and what h shows. */
  readonly isStale: boolean;
  readonly isWinSent: boolean;
  readonly wasFetched: boolean;
  /** When it was last read or changed, in seconds of the model. */
  readonly accessedAt: number;
}

/** The outcomes of a request, depending on the content of its key. */
export interface Outcome {
  readonly reply: Reply;
  /** The content of the key afterwards; undefined if it is empty. */
  readonly entry: Entry | undefined;
}

/** Text, a token that the server chooses, a number of seconds that the server rounds, or a part that only the server knows. */
export type ReplyPart = string | { readonly token: true } | { readonly idleSeconds: number } | { readonly any: RegExp };
export type Reply = string | readonly ReplyPart[];

export interface MatchedReply {
  readonly end: number;
  readonly token: string | undefined;
}

/** The server stores the time of the last access in steps of this many seconds. */
const ACCESS_STEP_SECONDS = 1;
const DIGITS = /\d{1,20}/y;

/** The part of the whole reply that begins at `at`, if it is as expected. */
export function matchReply(text: string, at: number, reply: Reply): MatchedReply | undefined {
  let end = at;
  let token: string | undefined;
  for (const part of typeof reply === 'string' ? [reply] : reply) {
    if (typeof part === 'string') {
      if (!text.startsWith(part, end)) return undefined;
      end += part.length;
      continue;
    }
    const found = matchAt('any' in part ? part.any : DIGITS, text, end);
    if (found === undefined) return undefined;
    if ('token' in part) token = found;
    if ('idleSeconds' in part && Math.abs(Number(found) - part.idleSeconds) >= ACCESS_STEP_SECONDS) return undefined;
    end += found.length;
  }
  return { end, token };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** An item that was just stored. */
export function newEntry(value: string, flags: number, expiresAt: number, now: number): Entry {
  const marks = { isStale: false, isWinSent: false, wasFetched: false };
  return { value, flags, expiresAt, token: undefined, accessedAt: now, ...marks };
}
