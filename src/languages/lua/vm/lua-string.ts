// Lua's strings: byte strings stored as a JavaScript string of bytes, as an array of bytes, or both, depending on what was requested. They
// replace Fengari's own, whose table keys collide for bytes below 16.

import { createHash } from 'node:crypto';
import { meter } from './meter.js';

/** Approximate bytes of a string and its wrapper in V8. */
export const STRING_OVERHEAD_BYTES = 64;
/** V8 hashes strings of more than 16383 characters by their length alone, so that many of one length would take a quadratic time as
    keys. Longer ones are kept under their digest. */
const LONGEST_PLAIN_KEY = 16_000;
/** A digest takes 44 characters in base64; the rest is its string's header and its entry in the cache. */
const DIGEST_BYTES = 150;
/** V8 copies shorter parts anyway. */
const SHORTEST_SLICE = 13;
/** A part of a text shorter than this is not copied: it keeps too little memory alive to be worth it. */
const SHORTEST_SHARED = 256;
const SCRATCH = Buffer.alloc(8192);
/** Longer strings cost steps when they are compared or used as keys. */
export const FREE_LENGTH = 64;

type ByteBuffer = Buffer & { latin1Slice(start: number, end: number): string };
const latin1Slice = (Buffer.prototype as ByteBuffer).latin1Slice;
const latin1Write = (
  Buffer.prototype as unknown as { latin1Write(text: string, offset: number, length: number): number }
).latin1Write;

export class LuaString {
  constructor(
    private array: Uint8Array | null,
    /** The bytes as characters 0 to 255, if the string was made from them or has been flattened. */
    public known: string | null,
    /** A concatenation that V8 has not flattened; flattening is charged when the bytes are first needed. */
    private pieces: string | null = null,
  ) {}

  get text(): string {
    if (this.known === null) this.known = this.pieces === null ? textOf(this.array as Uint8Array) : this.settle();
    return this.known;
  }

  private settle(): string {
    const text = this.pieces as string;
    meter.chargeBytes(text.length);
    this.pieces = null;
    return text;
  }

  /** The text for a further concatenation, not flattened. */
  get joinable(): string {
    return this.pieces ?? this.text;
  }

  /** Its bytes in V8's heap. */
  get sizeBytes(): number {
    const copies = (this.array === null ? 0 : 1) + (this.known === null && this.pieces === null ? 0 : 1);
    return STRING_OVERHEAD_BYTES + this.tsslen() * copies;
  }

  /** Fengari's name for the bytes. */
  getstr(): Uint8Array {
    if (this.array === null) {
      const { text } = this;
      meter.chargeBytes(text.length);
      this.array = bytesOf(text);
    }
    return this.array;
  }

  /** Fengari's name for the length. */
  tsslen(): number {
    if (this.known !== null) return this.known.length;
    return this.array === null ? (this.pieces as string).length : this.array.length;
  }
}

export function textOf(bytes: Uint8Array): string {
  return latin1Slice.call(bytes, 0, bytes.length);
}

export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  if (text.length > 48) latin1Write.call(bytes, text, 0, text.length);
  else for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** A string of bytes made by a script: charged. */
export function luaString(text: string): LuaString {
  meter.chargeBytes(text.length + STRING_OVERHEAD_BYTES);
  return new LuaString(null, text);
}

// What follows goes into Fengari's `lstring` before its other modules load, under the names that they look for. One of them
// is called with `new`, so these are plain functions.

export function luaS_bless(_state: unknown, bytes: Uint8Array): LuaString {
  meter.chargeBytes(bytes.length + STRING_OVERHEAD_BYTES);
  return new LuaString(bytes, null);
}

export function luaS_new(state: unknown, bytes: Uint8Array): LuaString {
  return luaS_bless(state, bytes.slice());
}

export function luaS_newliteral(_state: unknown, text: string): LuaString {
  return luaString(text);
}

/** A table's key for a string: its bytes as characters, or a digest of a long one's. */
export function luaS_hashlongstr(string: LuaString): string {
  const text = string.known ?? string.text;
  if (text.length <= FREE_LENGTH) return text;
  if (text.length > LONGEST_PLAIN_KEY) return digestOf(string, text);
  meter.charge(text.length >>> 4);
  return text;
}

/** No byte string starts with it. */
const DIGEST_MARK = '\u0100';
const digests = new WeakMap<LuaString, string>();

function digestOf(string: LuaString, text: string): string {
  const known = digests.get(string);
  if (known !== undefined) return known;
  meter.charge(text.length >>> 4);
  meter.chargeBytes(DIGEST_BYTES);
  const made = DIGEST_MARK + createHash('sha256').update(text, 'latin1').digest('base64');
  digests.set(string, made);
  return made;
}

export function luaS_eqlngstr(a: LuaString, b: LuaString): boolean {
  if (a === b) return true;
  const length = a.tsslen();
  if (length !== b.tsslen()) return false;
  if (length > FREE_LENGTH) meter.charge(length >>> 6);
  return a.text === b.text;
}

/** Whether a string comes before another, by bytes. */
export function isBefore(a: LuaString, b: LuaString): boolean {
  const shorter = Math.min(a.tsslen(), b.tsslen());
  if (shorter > FREE_LENGTH) meter.charge(shorter >>> 4);
  return a.text < b.text;
}

/** A part of a text. V8 keeps the whole text alive for a part of it; a small part of a long text is copied instead. */
export function partOf(text: string, from: number, to: number): string {
  const part = text.slice(from, to);
  if (text.length <= SHORTEST_SHARED || part.length < SHORTEST_SLICE || part.length * 2 > text.length) return part;
  return copied(part);
}

/** The same text with bytes of its own. */
function copied(text: string): string {
  if (text.length > SCRATCH.length) return textOf(bytesOf(text));
  latin1Write.call(SCRATCH, text, 0, text.length);
  return latin1Slice.call(SCRATCH, 0, text.length);
}

/** Both strings in one. The longer is shared until the bytes are needed, so only the shorter is charged now. */
export function concatenated(a: LuaString, b: LuaString): LuaString {
  const aLength = a.tsslen();
  const bLength = b.tsslen();
  if (bLength === 0) return a;
  if (aLength === 0) return b;
  meter.chargeBytes(Math.min(aLength, bLength) + STRING_OVERHEAD_BYTES);
  const text = a.joinable + b.joinable;
  return text.length > FREE_LENGTH ? new LuaString(null, null, text) : new LuaString(null, text);
}
