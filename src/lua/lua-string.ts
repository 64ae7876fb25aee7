// Lua's strings: byte strings kept as a JavaScript string of bytes, as an array of bytes, or both, whichever was asked for.
// They take the place of Fengari's own, whose table keys collide for bytes below 16. Not for conversions of other values.

import { meter } from './meter.js';

/** What V8 spends on a string and its wrapper, roughly. */
const STRING_OVERHEAD_BYTES = 64;
/** Longer strings cost steps when they are compared or used as keys. */
const FREE_LENGTH = 64;

type ByteBuffer = Buffer & { latin1Slice(start: number, end: number): string };
const latin1Slice = (Buffer.prototype as ByteBuffer).latin1Slice;
const latin1Write = (
  Buffer.prototype as unknown as { latin1Write(text: string, offset: number, length: number): number }
).latin1Write;

export class LuaString {
  constructor(
    private array: Uint8Array | null,
    /** The bytes as characters 0 to 255, when they were asked for or given, and lie in one piece. */
    public known: string | null,
    /** Joined of pieces that V8 has not yet copied together; doing so is charged when the bytes are first needed. */
    private pieces: string | null = null,
  ) {}

  get text(): string {
    if (this.known === null) this.known = this.pieces === null ? textOf(this.array as Uint8Array) : this.settle();
    return this.known;
  }

  private settle(): string {
    const text = this.pieces as string;
    meter.chargeBytes(text.length);
    meter.charge(text.length >>> 6);
    this.pieces = null;
    return text;
  }

  /** The text for joining it to another, in pieces as it is. */
  get joinable(): string {
    return this.pieces ?? this.text;
  }

  /** Fengari's name for the bytes. */
  getstr(): Uint8Array {
    if (this.array === null) this.array = bytesOf(this.text);
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

/** A table's key for a string, and what strings are ordered by: its bytes as characters. */
export function luaS_hashlongstr(string: LuaString): string {
  const text = string.known ?? string.text;
  if (text.length > FREE_LENGTH) meter.charge(text.length >>> 6);
  return text;
}

export function luaS_eqlngstr(a: LuaString, b: LuaString): boolean {
  if (a === b) return true;
  const length = a.tsslen();
  if (length !== b.tsslen()) return false;
  return luaS_hashlongstr(a) === luaS_hashlongstr(b);
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
