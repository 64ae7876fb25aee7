// Limits the memory that a state keeps between calls. It is measured by walking everything that scripts can reach, but only after they have
// allocated as much as they may keep, so that calls which keep nothing cost nothing. Memory of one call: src/tables/budget.ts.

import { compiledBytes } from '../compiler/compile.js';
import { HOLDER_BYTES, type Holder } from '../libraries/host-functions.js';
import type { CallInfo, LuaClosure, LuaState, LuaTable, NativeClosure, Proto, TValue } from '../vm/fengari-types.js';
import type { LuaString } from '../vm/lua-string.js';
import { CLOSURE, NATIVE, NATIVE_CLOSURE, STRING, TABLE, THREAD, USERDATA } from '../vm/tags.js';
import { Userdata } from '../vm/userdata.js';
import { FRAME_BYTES, SLOT_BYTES } from '../vm/vm-calls.js';
import { CLOSURE_BYTES, UPVALUE_BYTES } from '../vm/vm-operations.js';
import { FIELD_BYTES, TABLE_BYTES } from '../vm/vm-tables.js';

/** Of --type-memory. */
export const DEFAULT_TYPE_MEMORY_BYTES = 64 * 1024 * 1024;
/** Approximate bytes of an instruction with its line. */
const INSTRUCTION_BYTES = 100;
/** The cost of a coroutine without its stack, as in library-coroutine.ts. */
const THREAD_BYTES = 1200;
/** A state near its limit is measured each time that it has allocated this fraction of the limit, and not more often. */
const SHARE_BETWEEN_MEASURES = 8;

export class KeptMemory {
  /** Bytes kept at the last measurement, and bytes allocated since. */
  #kept = 0;
  #madeSince = 0;
  #allowance: number;

  constructor(
    private readonly limitBytes: number,
    private readonly roots: readonly TValue[],
  ) {
    this.#allowance = limitBytes;
  }

  /** Adds the bytes that a call allocated. False when the state keeps more than its limit. */
  note(madeBytes: number): boolean {
    this.#madeSince += madeBytes;
    return this.#madeSince < this.#allowance || this.measure() <= this.limitBytes;
  }

  /** The bytes that the state keeps now. */
  measure(): number {
    if (this.#madeSince === 0) return this.#kept;
    this.#kept = sizeOf(this.roots);
    this.#madeSince = 0;
    this.#allowance = Math.max(this.limitBytes - this.#kept, this.limitBytes / SHARE_BETWEEN_MEASURES);
    return this.#kept;
  }
}

/** The bytes of everything that can be reached from the values. */
function sizeOf(roots: readonly TValue[]): number {
  const walk = new Walk();
  for (const root of roots) walk.add(root);
  return walk.finish();
}

class Walk {
  #bytes = 0;
  readonly #seen = new Set<unknown>();
  readonly #waiting: TValue[] = [];

  add({ type, value }: TValue): void {
    if (typeof value !== 'object' && typeof value !== 'function') return;
    if (value === null || this.#seen.has(value)) return;
    this.#seen.add(value);
    this.#waiting.push({ type, value } as TValue);
  }

  finish(): number {
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) this.#visit(next);
    return this.#bytes;
  }

  #visit({ type, value }: TValue): void {
    switch (type) {
      case STRING:
        this.#bytes += (value as LuaString).sizeBytes;
        break;
      case TABLE:
        this.#table(value as LuaTable);
        break;
      case CLOSURE:
        this.#closure(value as LuaClosure);
        break;
      case NATIVE:
        this.#native(value as Holder);
        break;
      case NATIVE_CLOSURE:
        for (const upvalue of (value as NativeClosure).upvalue) this.add(upvalue);
        break;
      case THREAD:
        this.#thread(value as LuaState);
        break;
      case USERDATA:
        if (value instanceof Userdata) this.#bytes += value.sizeBytes;
        break;
    }
  }

  #table({ strong, dead_strong, metatable }: LuaTable): void {
    this.#bytes += TABLE_BYTES + (strong.size + dead_strong.size) * FIELD_BYTES;
    for (const { key, value } of strong.values()) {
      this.add(key);
      this.add(value);
    }
    if (metatable !== null) this.add({ type: TABLE, value: metatable } as TValue);
  }

  #closure({ p: proto, upvals }: LuaClosure): void {
    this.#bytes += CLOSURE_BYTES;
    this.#proto(proto);
    for (const upvalue of upvals) {
      if (this.#seen.has(upvalue)) continue;
      this.#seen.add(upvalue);
      this.#bytes += UPVALUE_BYTES;
      this.add(upvalue);
    }
  }

  #proto(proto: Proto): void {
    if (this.#seen.has(proto)) return;
    this.#seen.add(proto);
    this.#bytes += proto.code.length * INSTRUCTION_BYTES + compiledBytes(proto);
    for (const constant of proto.k) this.add(constant);
    for (const inner of proto.p) this.#proto(inner);
  }

  /** Functions of the libraries are the same for all states. */
  #native({ holds }: Holder): void {
    if (holds === undefined) return;
    this.#bytes += HOLDER_BYTES;
    for (const value of holds) this.add(value);
  }

  #thread(thread: LuaState): void {
    this.#bytes += THREAD_BYTES;
    for (const slot of thread.stack) {
      if (slot === undefined) continue;
      this.#bytes += SLOT_BYTES;
      this.add(slot);
    }
    for (let frame: CallInfo | null = thread.base_ci; frame !== null; frame = frame.next) this.#bytes += FRAME_BYTES;
  }
}
