// Suspends methods that exceed their budget repeatedly. After three kills within a minute, all threads refuse the method for 10 s, and each
// further time for twice as long, up to 5 minutes. If large arguments or one object caused the kills, only calls with such arguments, or on
// that object, are refused. Ending a single call: src/tables/budget.ts.

import type { Clock } from '../../base/clock.js';
import type { Metrics } from '../../base/metrics.js';
import type { RegisteredMethod } from '../types/registered-type.js';
import type { Registry } from '../types/registry.js';
import { OBJECT_METRICS } from './call-metrics.js';
import { METHOD_CELL } from './method-cells.js';
import type { Log } from './type-lines.js';

/** The third kill within this time suspends. */
const KILL_WINDOW_MS = 60_000;
/** Three kills take 0.15 s with the default budget: 1.5 % of a thread's time at the first suspension, less at later ones. */
const FIRST_MS = 10_000;
const LONGEST_MS = 300_000;

/** Data blocks of at least this size may be the cause of a kill; calls with much smaller ones are not refused. */
const LARGE_DATA_BYTES = 256;

/** A method with this many successes between its kills is assumed to work; only the object on which it was killed is refused. */
const SUCCESSES_OF_WORKING = 10;

/** The cells that record one kill. */
const KILL = { atMs: 0, successes: 1, dataBytes: 2, keyHash: 3, count: 4 } as const;

interface SuspensionParts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly registry: Registry;
  readonly log: Log;
}

export class Suspensions {
  /** Suspended by this thread, which also logs the end of the suspension. */
  #begun: RegisteredMethod[] = [];

  constructor(private readonly parts: SuspensionParts) {}

  /** The reason for which a call is refused; undefined when it may run. */
  refusalOf(registered: RegisteredMethod, dataBytes: number, keyHash: number): string | undefined {
    const { statistics } = registered;
    const leftMs = statistics.cell(METHOD_CELL.suspendedUntilMs) - this.parts.clock.unixMs;
    if (leftMs <= 0) {
      this.#end(registered, 'its time is over');
      return undefined;
    }
    if (!isMeant(registered, dataBytes, keyHash)) return undefined;
    this.parts.metrics.add(OBJECT_METRICS.object_suspended_calls, 1);
    return `is refused for ${seconds(leftMs)} s${scopeOf(registered)}: killed three times in a minute`;
  }

  /** Records that a call exceeded its budget: the length of its data, and the hash of its object's key. */
  noteKill(registered: RegisteredMethod, dataBytes: number, keyHash: number): void {
    const { statistics } = registered;
    this.parts.metrics.add(OBJECT_METRICS.object_kills, 1);
    statistics.add(METHOD_CELL.kills, 1);
    const nowMs = this.parts.clock.unixMs;
    const successes = statistics.calls - statistics.errors;
    const before = METHOD_CELL.killBefore;
    const last = METHOD_CELL.lastKill;
    const firstMs = statistics.cell(before + KILL.atMs);
    if (firstMs !== 0 && nowMs - firstMs <= KILL_WINDOW_MS) {
      this.#begin(registered, nowMs, dataBytes, keyHash);
      for (let cell = 0; cell < KILL.count; cell++) {
        statistics.setCell(before + cell, 0);
        statistics.setCell(last + cell, 0);
      }
      return;
    }
    for (let cell = 0; cell < KILL.count; cell++) statistics.setCell(before + cell, statistics.cell(last + cell));
    statistics.setCell(last + KILL.atMs, nowMs);
    statistics.setCell(last + KILL.successes, successes);
    statistics.setCell(last + KILL.dataBytes, dataBytes);
    statistics.setCell(last + KILL.keyHash, keyHash);
  }

  /** Ends a suspension early; false when the method is not suspended. */
  lift(registered: RegisteredMethod): boolean {
    if (!registered.statistics.isSuspended) return false;
    this.#end(registered, 'it was allowed again');
    registered.statistics.setCell(METHOD_CELL.suspendedForMs, 0);
    return true;
  }

  /** Ends the suspensions whose time is over. Called once a second. */
  tick(): void {
    for (const registered of this.#begun) {
      const { owner, statistics } = registered;
      if (this.parts.registry.find(owner.type.name) !== owner) this.#logEnd(registered, 'its file has changed');
      else if (statistics.cell(METHOD_CELL.suspendedUntilMs) <= this.parts.clock.unixMs) {
        this.#end(registered, 'its time is over');
      }
    }
  }

  #begin(registered: RegisteredMethod, nowMs: number, dataBytes: number, keyHash: number): void {
    const { statistics } = registered;
    const isAgain = nowMs - statistics.cell(METHOD_CELL.suspensionEndMs) <= LONGEST_MS;
    const forMs = isAgain
      ? Math.min(LONGEST_MS, Math.max(FIRST_MS, statistics.cell(METHOD_CELL.suspendedForMs) * 2))
      : FIRST_MS;
    statistics.setCell(METHOD_CELL.suspendedForMs, forMs);
    statistics.setCell(METHOD_CELL.suspendedUntilMs, nowMs + forMs);
    statistics.add(METHOD_CELL.suspensions, 1);
    this.#setScope(registered, dataBytes, keyHash);
    this.parts.metrics.add(OBJECT_METRICS.object_suspensions, 1);
    this.#begun.push(registered);
    const name = nameOf(registered);
    const advice = `save ${registered.owner.type.file}, or set cacheismo:allow to ${name}, to end that`;
    const reason = 'killed three times in a minute for using up its budget';
    this.parts.log('warn', `${name} is refused for ${seconds(forMs)} s${scopeOf(registered)}: ${reason}; ${advice}`);
  }

  #setScope({ statistics }: RegisteredMethod, dataBytes: number, keyHash: number): void {
    const kills = [METHOD_CELL.lastKill, METHOD_CELL.killBefore];
    const least = Math.min(dataBytes, ...kills.map((kill) => statistics.cell(kill + KILL.dataBytes)));
    const isOneObject = kills.every((kill) => statistics.cell(kill + KILL.keyHash) === keyHash);
    const successes = statistics.calls - statistics.errors - statistics.cell(METHOD_CELL.killBefore + KILL.successes);
    const works = isOneObject && successes >= SUCCESSES_OF_WORKING;
    const isLarge = least >= LARGE_DATA_BYTES;
    const smallest = isLarge ? Math.ceil(least / 2) : Number.POSITIVE_INFINITY;
    statistics.setCell(METHOD_CELL.suspendedBytes, isLarge || works ? smallest : 0);
    statistics.setCell(METHOD_CELL.suspendedKey, works && !isLarge ? keyHash : 0);
  }

  #end(registered: RegisteredMethod, reason: string): void {
    registered.statistics.setCell(METHOD_CELL.suspensionEndMs, this.parts.clock.unixMs);
    registered.statistics.setCell(METHOD_CELL.suspendedUntilMs, 0);
    this.#logEnd(registered, reason);
  }

  #logEnd(registered: RegisteredMethod, reason: string): void {
    this.#begun = this.#begun.filter((begun) => begun !== registered);
    this.parts.log('info', `${nameOf(registered)} is no longer refused: ${reason}`);
  }
}

/** For the listing of methods, such as ` kills 3 suspensions 1 refused for 9 s`; empty for a method that was never killed. */
export function troubleOf(registered: RegisteredMethod, nowMs: number): string {
  const { statistics } = registered;
  const kills = statistics.cell(METHOD_CELL.kills);
  if (kills === 0) return '';
  const leftMs = statistics.cell(METHOD_CELL.suspendedUntilMs) - nowMs;
  const refused = leftMs > 0 ? ` refused for ${seconds(leftMs)} s${scopeOf(registered)}` : '';
  return ` kills ${kills} suspensions ${statistics.cell(METHOD_CELL.suspensions)}${refused}`;
}

function isMeant({ statistics }: RegisteredMethod, dataBytes: number, keyHash: number): boolean {
  const onlyKey = statistics.cell(METHOD_CELL.suspendedKey);
  return dataBytes >= statistics.cell(METHOD_CELL.suspendedBytes) || (onlyKey !== 0 && onlyKey === keyHash);
}

function scopeOf({ statistics }: RegisteredMethod): string {
  if (statistics.cell(METHOD_CELL.suspendedKey) !== 0) return ' on this object';
  const bytes = statistics.cell(METHOD_CELL.suspendedBytes);
  return bytes === 0 ? '' : ` with ${bytes} bytes of data or more`;
}

function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

export function nameOf({ owner, method }: RegisteredMethod): string {
  return `${owner.type.name}:${method.name}`;
}
