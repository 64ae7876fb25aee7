// Logs failing methods: each distinct message once a minute, with its place and with how often it has occurred since. Counting failures:
// call-statistics.ts.

import { constants } from 'node:buffer';
import type { Clock } from '../../base/clock.js';
import { BudgetError } from '../../tables/budget.js';
import { oneLine, sanitise } from '../../tables/call-errors.js';
import type { RegisteredMethod } from '../types/registered-type.js';
import type { FailureRing } from './failure-ring.js';
import { authorStackOf, placedReason } from './thrown.js';
import type { Log } from './type-lines.js';

export class FailureLog {
  constructor(
    private readonly log: Log,
    private readonly clock: Pick<Clock, 'now' | 'unixMs'>,
    private readonly ring: FailureRing,
  ) {}

  /** `readKey` gives the virtual key of the call. */
  note({ owner, method }: RegisteredMethod, error: Error, message: string, readKey: () => string): void {
    const { name, file } = owner.type;
    const more = this.ring.countSinceLine(`${file}\n${name}:${method.name}\n${message}`, this.clock.now);
    if (more === undefined) return;
    const times = more === 0 ? '' : ` (${more} more times since)`;
    const { place, reason } = placedReason(error, file, message);
    const advice = adviceOn(error);
    const line = `${place}: ${name}:${method.name} failed for ${sanitise(readKey())}: ${reason}${advice}${times}`;
    this.ring.add({ atUnixMs: Math.floor(this.clock.unixMs), line, stack: authorStackOf(error) });
    this.log('warn', line, name);
  }

  /** An error outside of any call: a rejected promise, a timer. */
  noteLate(type: string, error: Error): void {
    const line = `${type}: failed outside of a call: ${oneLine(error)}`;
    const stack = authorStackOf(error);
    this.ring.add({ atUnixMs: Math.floor(this.clock.unixMs), line, stack });
    this.log('warn', stack === '' ? line : `${line}; ${stack.replace(/\s*\n\s*/g, ' ')}`, type);
  }
}

/** The option that raises the limit which the call has exceeded; operators read the log, clients cannot set options. */
function adviceOn(error: Error): string {
  if (error instanceof BudgetError) return error.option === undefined ? '' : `; ${error.option} sets the limit`;
  const isTooLong = error instanceof RangeError && oneLine(error) === 'Invalid string length';
  return isTooLong ? `; a string has at most ${constants.MAX_STRING_LENGTH} characters` : '';
}
