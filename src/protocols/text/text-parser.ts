// The parser of the classic text protocol: reads bytes of the input window, returns "request", "need more" or
// "error", and fills one request object. It changes nothing else and allocates nothing. Bytes of values: storage.ts.

import { Command, isRetrieval, TOUCHES_ITEMS } from '../../operations/command-table.js';
import { type ErrorId, ErrorIds, NO_ERROR } from '../error-lines.js';
import type { MetaParser } from '../meta/meta-parser.js';
import { findCommand, META_COMMANDS } from './command-words.js';
import { dataBlockBytes } from './data-block.js';
import { readArguments } from './text-arguments.js';
import { BINARY_MAGIC, CARRIAGE_RETURN, endsWord, LINE_FEED, NUL, plainEnd, SPACE, ZERO } from './text-bytes.js';
import { MAX_KEY_BYTES, type Request } from './text-request.js';
import { Tokens } from './tokens.js';

export const Parsed = { needMore: 0, request: 1, error: 2 } as const;
export type Parsed = (typeof Parsed)[keyof typeof Parsed];

/** Steps through the keys of a retrieval. */
export const KeyStep = { needMore: 0, key: 1, endOfLine: 2, badKey: 3 } as const;
export type KeyStep = (typeof KeyStep)[keyof typeof KeyStep];

/** The most bytes of a complete line. */
const MAX_LINE_BYTES = 16_384;
/** As in memcached, a line without an end after this many bytes is refused, unless it is a list of keys, which has no limit. */
export const MAX_OPEN_LINE_BYTES = 2048;

const LOWER_E = 0x65;
const LOWER_G = 0x67;
const LOWER_M = 0x6d;
const LOWER_S = 0x73;
const LOWER_T = 0x74;

/** `get a\n` */
const SHORTEST_FAST_BYTES = 6;

/** For memcached a line with fewer bytes, its end included, is malformed and not an unknown command. */
const SHORTEST_LINE_BYTES = 4;

/** Numbers of more digits take the slow path, which checks their limits. */
const FAST_DIGITS = 9;
const { get: GET, ms: META_SET, set: SET } = Command;
/** Of a meta command. */
const WORD_BYTES = 2;
const LINE_END_BYTES = 2;
const HTTP = [0x48, 0x54, 0x54, 0x50, 0x2f];

/** @perThread */
export class TextParser {
  private readonly tokens: Tokens;
  private readonly view: DataView;
  /** Where #digits stopped. */
  #at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly request: Request,
    private readonly meta: MetaParser,
  ) {
    this.tokens = new Tokens(bytes);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Parses one command line in [from, to). Unless the result is "need more", `request.end` is the position after it. */
  parse(from: number, to: number): Parsed {
    const bytes = this.bytes;
    if (
      to - from >= SHORTEST_FAST_BYTES &&
      bytes[from + 3] === SPACE &&
      bytes[from + 1] === LOWER_E &&
      bytes[from + 2] === LOWER_T
    ) {
      const first = bytes[from];
      if (first === LOWER_G && this.#parseSingleGet(from + 4, to)) return Parsed.request;
      if (first === LOWER_S && this.#parsePlainSet(from + 4, to)) return Parsed.request;
    } else if (bytes[from] === LOWER_M && this.#parseMeta(from, to)) {
      return Parsed.request;
    }
    return this.#parseLine(from, to);
  }

  /** The next key of a list, from a position inside the line; sets the request's key and `end`. */
  nextKey(from: number, to: number): KeyStep {
    const { bytes, request } = this;
    let at = from;
    while (at < to && bytes[at] === SPACE) at++;
    request.end = at;
    if (at === to) return KeyStep.needMore;
    const keyEnd = this.#keyEnd(at, to);
    if (keyEnd - at > MAX_KEY_BYTES) return KeyStep.badKey;
    if (keyEnd === to) return KeyStep.needMore;
    const delimiter = bytes[keyEnd];
    if (delimiter === CARRIAGE_RETURN && keyEnd + 1 === to) return KeyStep.needMore;
    const endsLine = delimiter === LINE_FEED || (delimiter === CARRIAGE_RETURN && bytes[keyEnd + 1] === LINE_FEED);
    if (keyEnd === at && endsLine) {
      request.end = delimiter === LINE_FEED ? keyEnd + 1 : keyEnd + 2;
      return KeyStep.endOfLine;
    }
    if (delimiter !== SPACE && !endsLine) return KeyStep.badKey;
    request.keyAt = at;
    request.keyLength = keyEnd - at;
    request.end = keyEnd;
    return KeyStep.key;
  }

  /** Position after the next line feed in [from, to), or -1. */
  lineEnd(from: number, to: number): number {
    for (let at = from; at < to; at++) if (this.bytes[at] === LINE_FEED) return at + 1;
    return -1;
  }

  /** First position from `at` on that is not part of a key; reads one byte beyond the longest key. A carriage return is part of
      one unless a line feed follows, or may follow. */
  #keyEnd(at: number, to: number): number {
    const limit = Math.min(to, at + MAX_KEY_BYTES + 1);
    for (let end = plainEnd(this.view, at, limit); end < limit; end++) if (this.#endsKey(end, to)) return end;
    return limit;
  }

  #endsKey(at: number, to: number): boolean {
    const byte = this.bytes[at];
    if (byte === SPACE || byte === LINE_FEED || byte === NUL) return true;
    return byte === CARRIAGE_RETURN && (at + 1 >= to || this.bytes[at + 1] === LINE_FEED);
  }

  /** `get <key>` alone on a complete line; false leaves it to the slow path. */
  #parseSingleGet(at: number, to: number): boolean {
    const { bytes, request } = this;
    const end = plainEnd(this.view, at, Math.min(to, at + MAX_KEY_BYTES + 1));
    const keyLength = end - at;
    if (keyLength === 0 || keyLength > MAX_KEY_BYTES || end + 1 >= to) return false;
    if (bytes[end] !== CARRIAGE_RETURN || bytes[end + 1] !== LINE_FEED) return false;
    request.command = GET;
    request.isList = false;
    request.noreply = false;
    request.keyAt = at;
    request.keyLength = keyLength;
    request.end = end + 2;
    return true;
  }

  /** `set <key> <flags> <exptime> <bytes>` in its usual form; false leaves it to the slow path. */
  #parsePlainSet(at: number, to: number): boolean {
    const { bytes, request } = this;
    const keyEnd = plainEnd(this.view, at, Math.min(to, at + MAX_KEY_BYTES + 1));
    const keyLength = keyEnd - at;
    if (keyLength === 0 || keyLength > MAX_KEY_BYTES || keyEnd === to || bytes[keyEnd] !== SPACE) return false;
    const clientFlags = this.#digits(keyEnd + 1, to, SPACE);
    if (clientFlags < 0) return false;
    const exptime = this.#digits(this.#at + 1, to, SPACE);
    if (exptime < 0) return false;
    const valueLength = this.#digits(this.#at + 1, to, CARRIAGE_RETURN);
    if (valueLength < 0 || this.#at + 1 >= to || bytes[this.#at + 1] !== LINE_FEED) return false;
    request.command = SET;
    request.noreply = false;
    request.keyAt = at;
    request.keyLength = keyLength;
    request.clientFlags = clientFlags;
    request.exptime = exptime;
    request.valueLength = valueLength;
    request.end = this.#at + 2;
    return true;
  }

  /** A complete line of a meta command; false leaves it to the slow path. What is wrong with its flags is found by its handler. */
  #parseMeta(from: number, to: number): boolean {
    const { bytes, meta, request } = this;
    const command = META_COMMANDS[bytes[from + 1]];
    if (command < 0 || !endsWord(bytes[from + 2])) return false;
    const flagsAt = from + WORD_BYTES;
    const end = bytes[flagsAt] === SPACE ? meta.readUsual(flagsAt, to, command === META_SET) : -1;
    request.command = command;
    request.noreply = false;
    request.argumentsAt = flagsAt;
    request.argumentsEnd = end - LINE_END_BYTES;
    request.end = end;
    return end >= 0 || this.#parseUnusualMeta(flagsAt, to);
  }

  #parseUnusualMeta(from: number, to: number): boolean {
    const { bytes, meta, request } = this;
    const end = this.lineEnd(from, Math.min(to, from - WORD_BYTES + MAX_LINE_BYTES));
    if (end < 0) return false;
    request.argumentsEnd = bytes[end - LINE_END_BYTES] === CARRIAGE_RETURN ? end - LINE_END_BYTES : end - 1;
    request.end = end;
    meta.read(from, request.argumentsEnd, request.command === META_SET);
    return true;
  }

  /** A short number that ends with the delimiter, or -1; leaves the delimiter's position in #at. */
  #digits(from: number, to: number, delimiter: number): number {
    const bytes = this.bytes;
    const limit = Math.min(to, from + FAST_DIGITS + 1);
    let value = 0;
    let at = from;
    for (; at < limit; at++) {
      const digit = bytes[at] - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.#at = at;
    return at > from && at < limit && bytes[at] === delimiter ? value : -1;
  }

  #parseLine(from: number, to: number): Parsed {
    const { bytes, request } = this;
    if (bytes[from] === BINARY_MAGIC) return this.#refuseBinary(to);
    const limit = Math.min(to, from + MAX_LINE_BYTES);
    let feed = from;
    while (feed < limit && bytes[feed] !== LINE_FEED) feed++;
    if (feed === limit) {
      if (to - from <= MAX_OPEN_LINE_BYTES) return Parsed.needMore;
      return this.#parseOpenLine(from, limit);
    }
    const end = feed > from && bytes[feed - 1] === CARRIAGE_RETURN ? feed - 1 : feed;
    request.clear();
    request.end = feed + 1;
    return this.#parseTokens(from, end);
  }

  /** The start of a line that exceeds the limit: only a list of keys is accepted. */
  #parseOpenLine(from: number, limit: number): Parsed {
    const { request } = this;
    request.clear();
    request.end = limit;
    this.tokens.split(from, limit);
    const command = this.#command(from);
    const needed = TOUCHES_ITEMS[command] === true ? 2 : 1;
    if (!isRetrieval(command) || this.tokens.count < needed || this.tokens.end(needed - 1) === limit) {
      request.closes = true;
      return this.#fail(ErrorIds.lineTooLong);
    }
    request.lineIsOpen = true;
    return this.#parseTokens(from, limit);
  }

  #parseTokens(from: number, end: number): Parsed {
    const { request, tokens } = this;
    tokens.split(from, end);
    const command = this.#command(from);
    if (command < 0) return this.#refuseUnknown(from, end);
    request.command = command;
    request.argumentsAt = tokens.end(0);
    request.argumentsEnd = end;
    if (isRetrieval(command)) return this.#startList();
    const error = readArguments(tokens, request);
    if (error === NO_ERROR) return Parsed.request;
    request.dataBytes = dataBlockBytes(this.bytes, from, end);
    return this.#fail(error);
  }

  /** The command at the start of the line: memcached does not skip blanks before it. */
  #command(from: number): Command | -1 {
    const tokens = this.tokens;
    if (tokens.count === 0 || tokens.start(0) !== from) return -1;
    return findCommand(this.bytes, tokens.start(0), tokens.end(0) - tokens.start(0));
  }

  /** A retrieval's keys are left to nextKey, so that their number has no limit. */
  #startList(): Parsed {
    const { request } = this;
    const tokens = this.tokens;
    const touches = TOUCHES_ITEMS[request.command];
    if (tokens.count === 1 && !request.lineIsOpen) return this.#fail(ErrorIds.badFormat);
    if (touches && !tokens.exptime(1, request)) return this.#fail(ErrorIds.invalidExptime);
    request.isList = true;
    request.lineIsOpen = false;
    request.end = tokens.end(touches ? 1 : 0);
    return Parsed.request;
  }

  /** A browser that was made to send requests to a cache sends a line that ends in HTTP/1.1: closes the connection, as memcached does. */
  #refuseUnknown(from: number, end: number): Parsed {
    let start = end;
    while (start > from && this.bytes[start - 1] > SPACE) start--;
    if (start > from && HTTP.every((byte, index) => this.bytes[start + index] === byte)) {
      this.request.closes = true;
      return this.#fail(NO_ERROR);
    }
    this.request.dataBytes = dataBlockBytes(this.bytes, from, end);
    return this.#fail(this.request.end - from < SHORTEST_LINE_BYTES ? ErrorIds.badFormat : ErrorIds.unknownCommand);
  }

  /** Values of the binary protocol may look like commands, so none of its bytes may be read as text. */
  #refuseBinary(to: number): Parsed {
    this.request.clear();
    this.request.end = to;
    this.request.closes = true;
    this.request.isBinary = true;
    return this.#fail(NO_ERROR);
  }

  #fail(error: ErrorId): Parsed {
    this.request.errorId = error;
    return Parsed.error;
  }
}
