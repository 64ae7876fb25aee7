// Suspends methods that keep using up their budget: three kills in a minute and a method is refused for 10 s, the next time for twice as
// long, up to 5 minutes, in all threads. Large arguments or one large object suspend no more than calls like them. Not for ending a call
// (budget.ts).

import type { Clock } from '../../base/clock.js';
import type { Metrics } from '../../base/metrics.js';
import type { RegisteredMethod, Registry } from '../types/registry.js';
import { OBJECT_METRICS } from './call-metrics.js';
import { METHOD_CELL } from './method-cells.js';
import type { Log } from './type-lines.js';

/** The third kill within this time suspends. */
const KILL_WINDOW_MS = 60_000;
const FIRST_MS = 10_000;
const LONGEST_MS = 300_000;

/** Data blocks from this size on may be why a method was killed; calls with much smaller ones go on. */
const LARGE_DATA_BYTES = 256;

/** A method that has succeeded this often between its kills works: the object that it was killed on is the exception. */
const SUCCESSES_OF_WORKING = 10;

/** Cells of a kill. */
const KILL = { atMs: 0, successes: 1, dataBytes: 2, keyHash: 3, count: 4 } as const;

interface SuspensionParts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly registry: Registry;
  readonly log: Log;
}

export class Suspensions {
  /** Those that this thread has begun, whose end it logs. */
  #begun: RegisteredMethod[] = [];

  constructor(private readonly parts: SuspensionParts) {}

  /** Why a call of a suspended method is refused; undefined when it may run. */
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

  /** A call with so many bytes of data on the object with that hash of its key has used up its budget. */
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

  /** Ends a suspension before its time; false when there is none. */
  lift(registered: RegisteredMethod): boolean {
    if (!registered.statistics.isSuspended) return false;
    this.#end(registered, 'it was allowed again');
    registered.statistics.setCell(METHOD_CELL.suspendedForMs, 0);
    return true;
  }

  /** Ends what is over; once a second. */
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
