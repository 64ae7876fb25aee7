// The lines of meta replies: a code, the flags that the client asked for in its order, and marks.

import { writeDecimal, writeDecimal64 } from '../../base/unsigned64.js';
import type { ErrorId } from '../error-lines.js';
import { MINUS, SPACE } from '../text/text-bytes.js';
import type { TextContext } from '../text/text-context.js';
import type { MetaFacts } from './meta-facts.js';
import { Lower } from './meta-request.js';

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

function writeFlags(context: TextContext, shown: Uint8Array): void {
  const { count, letters } = context.meta;
  for (let index = 0; index < count; index++)
    if (shown[letters[index]] === 1) writeFlag(context, letters[index], index);
}

function writeFlag(context: TextContext, letter: number, index: number): void {
  const { bytes, facts, meta, replies } = context;
  bytes[replies.at] = SPACE;
  bytes[replies.at + 1] = letter;
  replies.at += 2;
  if (letter === KEY) writeKey(context);
  else if (letter === OPAQUE) replies.words(meta.tokenStarts[index], meta.tokenEnds[index] - meta.tokenStarts[index]);
  else if (letter === CAS) replies.at = writeDecimal64(bytes, replies.at, facts.casHigh, facts.casLow);
  else if (letter === TTL && facts.ttlSeconds < 0) writeNever(context);
  else replies.at = writeDecimal(bytes, replies.at, numberOf(facts, letter));
}

function numberOf(facts: MetaFacts, letter: number): number {
  if (letter === SIZE) return facts.size;
  if (letter === TTL) return facts.ttlSeconds;
  if (letter === CLIENT_FLAGS) return facts.clientFlags;
  if (letter === HIT) return facts.wasFetched ? 1 : 0;
  return facts.idleSeconds;
}

/** As the client sent it, with a mark if that is base64. */
function writeKey({ bytes, meta, replies }: TextContext): void {
  replies.words(meta.sentKeyAt, meta.sentKeyLength);
  if ((meta.lower & Lower.b) === 0) return;
  bytes[replies.at] = SPACE;
  bytes[replies.at + 1] = BASE64;
  replies.at += 2;
}

function writeNever({ bytes, replies }: TextContext): void {
  bytes[replies.at] = MINUS;
  bytes[replies.at + 1] = 0x31;
  replies.at += 2;
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
