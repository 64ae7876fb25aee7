// Keys that look like calls but name no existing method: a loaded type with an unknown method, or a type whose file failed to load. They
// remain ordinary keys, so that the server can replace memcached, but are counted and logged. With a prefix that only calls have, the
// client gets an error. Resolving keys: virtual-key.ts.

import type { Metrics } from '../../base/metrics.js';
import { didYouMean } from '../../base/nearest.js';
import { MAX_MESSAGE_BYTES, sanitise, UnknownMethodError } from '../../tables/call-errors.js';
import { OBJECT_METRICS } from '../calls/call-metrics.js';
import { CallStatistics } from '../calls/call-statistics.js';
import { METHOD_CELL } from '../calls/method-cells.js';
import { CallPace } from '../calls/turn.js';
import type { Log } from '../calls/type-lines.js';
import { ANY_ARGUMENTS } from '../types/parameter-plan.js';
import type { RegisteredMethod, RegisteredType } from '../types/registered-type.js';
import type { FailedType } from '../types/registry.js';

/** Each unknown name is logged once, by a hash of this many values: one bit each of a cell, which bounds the lines of a type. */
const NAMES_LOGGED = 32;

/** Longer names are truncated in messages: they come from clients. */
const SHOWN_CHARACTERS = 40;

interface UnknownCallsParts {
  readonly metrics: Metrics;
  readonly log: Log;
  /** Whether the client gets an error, because the key has a prefix that only calls have. */
  readonly isError: boolean;
}

export class UnknownCalls {
  #failedLogged = new WeakSet<FailedType>();

  constructor(private readonly parts: UnknownCallsParts) {}

  /** Counts and logs the call; returns a method that throws the error, where clients get one. */
  noteMethod(owner: RegisteredType, name: string): RegisteredMethod | undefined {
    this.parts.metrics.add(OBJECT_METRICS.object_unknown_methods, 1);
    const isNew = this.#isNew(owner, name);
    if (!isNew && !this.parts.isError) return undefined;
    const text = noSuchMethod(owner, name);
    if (isNew) this.#log(text);
    return this.parts.isError ? failing(owner, text) : undefined;
  }

  noteFailedType(failed: FailedType): RegisteredMethod | undefined {
    this.parts.metrics.add(OBJECT_METRICS.object_unknown_methods, 1);
    const text = `type ${failed.name} is not loaded: ${failed.message}`;
    if (!this.#failedLogged.has(failed)) {
      this.#failedLogged.add(failed);
      this.#log(text);
    }
    return this.parts.isError ? failing(undefined, text) : undefined;
  }

  #log(text: string): void {
    this.parts.log('warn', this.parts.isError ? text : `${text}; the key that names it is taken as an ordinary key`);
  }

  /** All threads share the record of logged names: a bit mask in a cell of the type's first method. */
  #isNew({ methodList }: RegisteredType, name: string): boolean {
    const statistics = methodList[0]?.statistics;
    if (statistics === undefined) return false;
    let hash = 0;
    for (let index = 0; index < name.length; index++) hash = (Math.imul(hash, 31) + name.charCodeAt(index)) | 0;
    const bit = 1 << ((hash ^ (hash >>> 15)) & (NAMES_LOGGED - 1));
    const logged = statistics.cell(METHOD_CELL.unknownLogged);
    if ((logged & bit) !== 0) return false;
    statistics.setCell(METHOD_CELL.unknownLogged, logged | bit);
    return true;
  }
}

/** With as many names of methods as fit into the message of an error. */
function noSuchMethod({ type }: RegisteredType, name: string): string {
  const methods = [...type.methods.keys()];
  const shown = sanitise(name.slice(0, SHOWN_CHARACTERS));
  const start = `${type.name} has no method ${shown === '' ? '(empty)' : shown}${didYouMean(shown, methods)}; it has `;
  return start + listed(methods, MAX_MESSAGE_BYTES - start.length);
}

/** The names with commas between them; `...` takes the place of those for which there is no room. */
function listed(names: readonly string[], room: number): string {
  const all = names.join(', ');
  if (all.length <= room) return all;
  const end = all.lastIndexOf(', ', room - ', ...'.length);
  return end < 0 ? '...' : `${all.slice(0, end)}, ...`;
}

/** A method that accepts any arguments and throws an error with the text. */
function failing(owner: RegisteredType | undefined, text: string): RegisteredMethod {
  const method = {
    name: 'unknown',
    summary: '',
    access: 'none',
    plan: ANY_ARGUMENTS,
    run: (): never => {
      throw new UnknownMethodError(text);
    },
  } as const;
  const type = { name: 'unknown', summary: '', language: 'typescript', file: '', dispose: () => {} } as const;
  const statistics = new CallStatistics(new Float64Array(METHOD_CELL.count), 0);
  const shown = owner ?? ({ type } as unknown as RegisteredType);
  const pace = new CallPace(true);
  return {
    owner: shown,
    method,
    statistics,
    startLength: 0,
    pace,
    seesRequest: false,
    isPinned: false,
    contentVersion: 1,
  };
}
