// Parses virtual keys, `type:method:key[:arg...]`, in place in the arena. Empty parts are kept; a trailing colon adds none. Converting
// arguments: arguments/convert-arguments.ts. Calling: calls/invocation.ts.

import { bytesOf, latin1 } from '../../base/latin1.js';
import { firstByteOf, hasByte, indexOfByte, wordOf } from '../../base/words.js';
import type { ArgumentSlices } from '../../tables/argument-slices.js';
import { hexDigit } from '../arguments/parse-bytes.js';
import type { MethodPlan } from '../types/parameter-plan.js';
import type { RegisteredMethod, RegisteredType } from '../types/registered-type.js';
import type { Registry } from '../types/registry.js';
import { MethodCache } from './method-cache.js';
import type { UnknownCalls } from './unknown-calls.js';

const COLON = 0x3a;
const COLONS = wordOf(COLON);
const PERCENT = 0x25;
const PERCENTS = wordOf(PERCENT);

export interface VirtualKeyOptions {
  /** False: every key is an ordinary key. */
  readonly enabled: boolean;
  /** Prefixes to skip: `ns:set:put:k:a` is read as `set:put:k:a`. */
  readonly prefixes: readonly string[];
  /** Only a key that starts with one of the prefixes can be virtual. */
  readonly prefixRequired: boolean;
}

/** @perThread */
export class VirtualKey {
  /** The method of the last key for which `resolve` returned true. */
  method!: RegisteredMethod;
  /** The whole key as the client sent it, prefix included. */
  wholeAt = 0;
  wholeLength = 0;
  /** The object's key; of length 0 when there is none. */
  keyAt = 0;
  keyLength = 0;
  /** Start of the parts after the method's colon; beyond `#end` when there are none. */
  #partsAt = 0;
  /** Start of the arguments after the colon of the object's key; beyond `#end` when there are none. */
  #argumentsAt = 0;
  #percents = 0;
  #end = 0;
  private readonly prefixes: readonly Uint8Array[];
  /** The key, or the parts that were split last, may contain a %. */
  isEncoded = false;
  readonly #seen = new MethodCache();
  /** The name table for which the cache is valid. */
  #seenOf: Registry['types'] | undefined;
  /** No prefixes are configured. */
  private readonly plain: boolean;
  private readonly enabled: boolean;
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly registry: Registry,
    private readonly options: VirtualKeyOptions,
    private readonly unknown?: UnknownCalls,
  ) {
    this.prefixes = options.prefixes.filter((prefix) => prefix !== '').map(bytesOf);
    this.plain = this.prefixes.length === 0 && !options.prefixRequired;
    this.enabled = options.enabled;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether the key names a method of a registered type. */
  resolve(at: number, length: number): boolean {
    if (!this.enabled) return false;
    const end = at + length;
    const start = this.plain ? at : this.#behindPrefix(at, end);
    if (start < 0) return false;
    const method = this.#methodAt(start, end);
    if (method === undefined) return false;
    this.method = method;
    this.wholeAt = at;
    this.wholeLength = length;
    this.#end = end > this.#partsAt - 1 && this.bytes[end - 1] === COLON ? end - 1 : end;
    this.#findKey();
    return true;
  }

  /** The method whose name the key starts with; sets `#partsAt`. */
  #methodAt(start: number, end: number): RegisteredMethod | undefined {
    const { view, registry } = this;
    const { types } = registry;
    if (!types.hasStart(view.getUint8(start))) return undefined;
    if (types !== this.#seenOf) {
      this.#seenOf = types;
      this.#seen.clear();
    }
    const seen = this.#seen.find(view, start, end);
    if (seen !== undefined) {
      this.#partsAt = start + seen.startLength;
      return seen;
    }
    const type = types.scan(view, start, end);
    if (type === undefined) return registry.failed === undefined ? undefined : this.#failedType(start, end);
    const methodAt = start + types.scanned + 1;
    const method = type.methods.scan(view, methodAt, end);
    if (method === undefined) return this.#unknownMethod(type, methodAt, end);
    this.#partsAt = methodAt + type.methods.scanned + 1;
    if (this.#partsAt <= end) this.#seen.note(view, start, method);
    return method;
  }

  /** For a key that names a type but none of its methods. */
  #unknownMethod(type: RegisteredType, methodAt: number, end: number): RegisteredMethod | undefined {
    if (methodAt > end || this.unknown === undefined) return undefined;
    this.#partsAt = methodAt;
    const length = indexOfByte(this.view, methodAt, end, COLONS) - methodAt;
    return this.unknown.noteMethod(type, latin1(this.bytes, methodAt, length));
  }

  #failedType(start: number, end: number): RegisteredMethod | undefined {
    const { failed } = this.registry;
    const type = failed?.scan(this.view, start, end);
    if (failed === undefined || type === undefined || start + failed.scanned >= end) return undefined;
    this.#partsAt = start + failed.scanned + 1;
    return this.unknown?.noteFailedType(type);
  }

  #findKey(): void {
    this.keyAt = this.#partsAt;
    this.#percents = 0;
    const position = this.#endOfPart(this.#partsAt, this.#end);
    this.keyLength = Math.max(0, position - this.#partsAt);
    this.#argumentsAt = position + 1;
  }

  /** A hash of the object's key; never 0. An attacker can make keys collide, so use it for statistics only. */
  keyHash(): number {
    let hash = 1;
    for (let at = this.keyAt; at < this.keyAt + this.keyLength; at++) {
      hash = (Math.imul(hash, 31) + this.bytes[at]) | 0;
    }
    return hash === 0 ? 1 : hash;
  }

  /** -1 when a prefix is required and missing. */
  #behindPrefix(at: number, end: number): number {
    for (let index = 0; index < this.prefixes.length; index++) {
      const prefix = this.prefixes[index];
      if (startsWith(prefix, this.bytes, at, end)) return at + prefix.length;
    }
    return this.options.prefixRequired ? -1 : at;
  }

  /** Adds the arguments that follow the object's key. `reserved` is 1 when a data block will be the last parameter's value; that parameter
      then does not take the rest of the key. Returns false when there are too many arguments. */
  split(spans: ArgumentSlices, plan: MethodPlan, reserved: 0 | 1): boolean {
    const last = plan.lastTakesRest && reserved === 0 ? plan.parameters.length - 1 : -1;
    return this.#split(spans, this.#argumentsAt, last);
  }

  /** Adds all parts that follow the method, for methods without an object. */
  splitAll(spans: ArgumentSlices): boolean {
    return this.#split(spans, this.#partsAt, -1);
  }

  #split(spans: ArgumentSlices, at: number, last: number): boolean {
    const end = this.#end;
    let partAt = at;
    while (partAt <= end) {
      const colonAt = this.#endOfPart(partAt, end);
      const partEnd = spans.count === last ? end : colonAt;
      if (!spans.add(partAt, partEnd - partAt)) return false;
      // The rest of this part has not been searched for a %.
      if (partEnd !== colonAt) this.#percents = -1;
      partAt = partEnd + 1;
    }
    this.isEncoded = this.#percents !== 0;
    return true;
  }

  /** Position of the next colon, or `end`. Records a % before it, or up to three bytes after it, since it reads whole words. */
  #endOfPart(from: number, end: number): number {
    const { view } = this;
    let percents = 0;
    let found = 0;
    let at = from;
    for (; at < end; at += 4) {
      const word = view.getInt32(at, true);
      percents |= hasByte(word, PERCENTS);
      found = hasByte(word, COLONS);
      if (found !== 0) break;
    }
    if (percents !== 0) this.#percents = percents;
    return found === 0 ? end : Math.min(end, at + firstByteOf(found));
  }
}

function startsWith(prefix: Uint8Array, bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < prefix.length) return false;
  for (let index = 0; index < prefix.length; index++) if (prefix[index] !== bytes[at + index]) return false;
  return true;
}

/** Decodes %XX of a range into `to`; a malformed % is copied. Returns the decoded length, or -1, writing nothing, when the range has no %. */
export function decodePercent(view: DataView, at: number, length: number, to: number): number {
  const end = at + length;
  if (indexOfByte(view, at, end, PERCENTS) === end) return -1;
  let written = to;
  for (let position = at; position < end; position++) {
    let byte = view.getUint8(position);
    if (byte === PERCENT && position + 2 < end) {
      const high = hexDigit(view.getUint8(position + 1));
      const low = hexDigit(view.getUint8(position + 2));
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        position += 2;
      }
    }
    view.setUint8(written++, byte);
  }
  return written - to;
}
