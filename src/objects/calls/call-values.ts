// Plain values by their keys, in a method: reading, storing and deleting them. Changes are made when the call commits; the call itself sees
// them from the start. Objects: other-objects.ts.

import { type Clock, MOST_TTL_SECONDS } from '../../base/clock.js';
import { bytesOf, isByteString, latin1 } from '../../base/latin1.js';
import type { Budget } from '../../tables/budget.js';
import type { MethodError } from '../../tables/call-errors.js';
import { OBJECT, PLAIN, type TableStore } from '../../tables/table-store.js';
import { isKeyText, MAX_KEY_BYTES } from '../key-text.js';
import type { CallScratch } from './call-scratch.js';
import { keyRule, type OtherObjects } from './other-objects.js';
import type { PlainItems } from './plain-items.js';

/** @perThread */
export class CallValues {
  constructor(
    private readonly tables: TableStore,
    private readonly items: PlainItems,
    private readonly objects: OtherObjects,
    private readonly scratch: CallScratch,
    private readonly clock: Clock,
    private readonly budget: Budget,
  ) {}

  /** A value's bytes; undefined if there is none. */
  value(key: string): string | undefined {
    if (!this.#hasValue('value', key)) return undefined;
    const bytes = this.items.get(key)?.bytes;
    if (bytes === undefined) return undefined;
    this.budget.chargeText(bytes.length);
    return latin1(bytes, 0, bytes.length);
  }

  setValue(key: string, bytes: string, seconds = 0): void {
    const { objects, clock } = this;
    if (typeof bytes !== 'string') throw this.#refusal(`setValue takes a byte string, not ${typeof bytes}`);
    if (!(seconds >= 0 && seconds <= MOST_TTL_SECONDS)) {
      throw this.#refusal(
        `setValue takes a number of seconds from 0 to ${MOST_TTL_SECONDS}; 0 lets the value live until it is evicted`,
      );
    }
    this.budget.chargeText(bytes.length);
    if (!isByteString(bytes)) throw this.#refusal('setValue takes a byte string; utf8Encode makes one of text');
    this.#hasValue('setValue', key);
    if (!isKeyText(key)) throw objects.refusal(`setValue: ${keyRule(key, MAX_KEY_BYTES)}`);
    const expiresAt = clock.fromTtl(seconds);
    const expiresAtUnix = expiresAt === 0 ? 0 : clock.toUnix(expiresAt);
    this.items.put({ key, clientFlags: 0, expiresAtUnix, bytes: bytesOf(bytes) });
  }

  /** Whether there was a value. */
  deleteValue(key: string): boolean {
    if (!this.#hasValue('deleteValue', key)) return false;
    this.items.delete(key);
    return true;
  }

  /** Whether the call sees a value at the key. Throws MethodError where it sees an object. */
  #hasValue(what: string, key: string): boolean {
    if (typeof key !== 'string') throw this.#refusal(`${what} takes a string as the key, not ${typeof key}`);
    this.objects.chargeSearch(Math.min(key.length, MAX_KEY_BYTES));
    if (!isKeyText(key)) return false;
    const change = this.items.isChanged ? this.items.changeOf(key) : undefined;
    if (change !== undefined) return change === 'put';
    const at = this.scratch.place(key);
    const kind = this.tables.kind(at, key.length);
    if (kind === OBJECT || this.tables.isOpen(at, key.length)) {
      throw this.#refusal(`${what}: ${key} is an object, not a plain value; call.open opens it`);
    }
    return kind === PLAIN;
  }

  #refusal(message: string): MethodError {
    return this.objects.refusal(message);
  }
}
