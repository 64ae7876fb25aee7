// The lines of meta replies: a code, the flags that the client asked for in its order, and marks.

import { writeDecimal, writeDecimal64 } from '../../base/unsigned64.js';
import { copyWordsIn } from '../../base/words.js';
import type { ErrorId } from '../error-lines.js';
import { SPACE } from '../text/text-bytes.js';
import type { TextContext } from '../text/text-context.js';
import type { MetaFacts } from './meta-facts.js';
import { Lower, type MetaRequest } from './meta-request.js';

const twoLetters = (letters: string) => letters.charCodeAt(0) | (letters.charCodeAt(1) << 8);

/** The codes, as little-endian words. */
export const Code = {
  hit: twoLetters('HD'),
  value: twoLetters('VA'),
  miss: twoLetters('EN'),
  notStored: twoLetters('NS'),
  exists: twoLetters('EX'),
  notFound: twoLetters('NF'),
  nothing: twoLetters('MN'),
} as const;
export type Code = (typeof Code)[keyof typeof Code];

const CAS = 0x63;
const CLIENT_FLAGS = 0x66;
const HIT = 0x68;
const KEY = 0x6b;
const IDLE = 0x6c;
const SIZE = 0x73;
const TTL = 0x74;
const OPAQUE = 0x4f;
const BASE64 = 0x62;
/** The remaining time of an item that does not expire. */
const NEVER = twoLetters('-1');
const [WON, STALE, WIN_SENT] = [0x57, 0x58, 0x5a];

function lettersOf(...letters: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, letter) => (letters.includes(letter) ? 1 : 0));
}

/** The flags that each kind of reply has, by letter. Other flags of a request only change what is done. */
export const Shown = {
  get: lettersOf(CAS, CLIENT_FLAGS, HIT, KEY, IDLE, SIZE, TTL, OPAQUE),
  set: lettersOf(CAS, KEY, SIZE, OPAQUE),
  arithmetic: lettersOf(CAS, KEY, TTL, OPAQUE),
  /** The flags of a reply that is not about an item. */
  none: lettersOf(KEY, OPAQUE),
} as const;

/** A code with its flags: a reply without a value. */
export function replyCode(context: TextContext, code: Code, shown: Uint8Array): void {
  writeCode(context, code);
  writeFlags(context, shown);
  context.encoder.lineEnd();
}

/** A hit without its value. */
export function replyHit(context: TextContext, shown: Uint8Array): void {
  writeCode(context, Code.hit);
  writeFlags(context, shown);
  writeMarks(context);
  context.encoder.lineEnd();
}

/** The line before a value; the value and a line end follow. */
export function replyValueHead(context: TextContext, length: number, shown: Uint8Array): void {
  const { bytes, replies } = context;
  writeCode(context, Code.value);
  bytes[replies.at] = SPACE;
  replies.at = writeDecimal(bytes, replies.at + 1, length);
  writeFlags(context, shown);
  writeMarks(context);
  context.encoder.lineEnd();
}

/** An error is sent whether or not the command is quiet. */
export function replyMetaError({ encoder, operations, request }: TextContext, error: ErrorId): void {
  operations.times.noteError(request.command);
  encoder.error(error);
}

function writeCode({ replies }: TextContext, code: Code): void {
  replies.view.setUint16(replies.at, code, true);
  replies.at += 2;
}

function writeFlags({ bytes, facts, meta, replies }: TextContext, shown: Uint8Array): void {
  const { count, letters } = meta;
  const { view } = replies;
  let at = replies.at;
  for (let index = 0; index < count; index++) {
    const letter = letters[index];
    if (shown[letter] === 0) continue;
    view.setUint16(at, SPACE | (letter << 8), true);
    at = writeToken(bytes, view, at + 2, letter, index, facts, meta);
  }
  replies.at = at;
}

/** Writes what follows a flag's letter, and returns the position after it. */
function writeToken(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  letter: number,
  index: number,
  facts: MetaFacts,
  meta: MetaRequest,
): number {
  switch (letter) {
    case KEY:
      return writeKey(bytes, view, at, meta);
    case CLIENT_FLAGS:
      return writeDecimal(bytes, at, facts.clientFlags);
    case SIZE:
      return writeDecimal(bytes, at, facts.size);
    case OPAQUE: {
      const length = meta.tokenEnds[index] - meta.tokenStarts[index];
      copyWordsIn(view, meta.tokenStarts[index], at, length);
      return at + length;
    }
    case CAS:
      return writeDecimal64(bytes, at, facts.casHigh, facts.casLow);
    case TTL:
      if (facts.ttlSeconds >= 0) return writeDecimal(bytes, at, facts.ttlSeconds);
      view.setUint16(at, NEVER, true);
      return at + 2;
    case HIT:
      return writeDecimal(bytes, at, facts.wasFetched ? 1 : 0);
    default:
      return writeDecimal(bytes, at, facts.idleSeconds);
  }
}

/** As the client sent it, with a mark if that is base64. What is written beyond its end is overwritten by what follows. */
function writeKey(bytes: Uint8Array, view: DataView, at: number, meta: MetaRequest): number {
  const { sentKeyLength } = meta;
  copyWordsIn(view, meta.sentKeyAt, at, sentKeyLength);
  const end = at + sentKeyLength;
  if ((meta.lower & Lower.b) === 0) return end;
  bytes[end] = SPACE;
  bytes[end + 1] = BASE64;
  return end + 2;
}

function writeMarks(context: TextContext): void {
  const { facts } = context;
  if (facts.isWinSent) writeMark(context, WIN_SENT);
  if (facts.isStale) writeMark(context, STALE);
  if (facts.isWon) writeMark(context, WON);
}

function writeMark({ bytes, replies }: TextContext, letter: number): void {
  bytes[replies.at] = SPACE;
  bytes[replies.at + 1] = letter;
  replies.at += 2;
}
