// Logs failing methods: each distinct message once a minute, with its place and with how often it came since. Not for counting failures
// (call-statistics.ts).

import type { Clock } from '../../base/clock.js';
import { oneLine, sanitise } from '../../tables/call-errors.js';
import type { RegisteredMethod } from '../types/registry.js';
import type { FailureRing } from './failure-ring.js';
import { authorStackOf, placeOf } from './thrown.js';
import type { Log } from './type-lines.js';

const QUIET_SECONDS = 60;
/** Distinct messages that are remembered; of more, the oldest is forgotten. */
const MAX_MESSAGES = 200;

interface Seen {
  second: number;
  more: number;
}

export class FailureLog {
  readonly #seen = new Map<string, Seen>();

  constructor(
    private readonly log: Log,
    private readonly clock: Pick<Clock, 'now' | 'unixMs'>,
    private readonly ring: FailureRing,
  ) {}

  /** `readKey` gives the virtual key of the call. */
  note({ owner, method }: RegisteredMethod, error: Error, message: string, readKey: () => string): void {
    const { name, file } = owner.type;
    const id = `${file}\n${name}:${method.name}\n${message}`;
    const { now } = this.clock;
    const seen = this.#seen.get(id);
    if (seen !== undefined && now - seen.second < QUIET_SECONDS) {
      seen.more++;
      return;
    }
    const times = seen === undefined || seen.more === 0 ? '' : ` (${seen.more} more times since)`;
    this.#remember(id, now);
    const line = `${placeOf(error, file)}: ${name}:${method.name} failed for ${sanitise(readKey())}: ${message}${times}`;
    this.ring.add({ atUnixMs: this.clock.unixMs, line, stack: authorStackOf(error) });
    this.log('warn', line, name);
  }

  /** An error outside of any call: a rejected promise, a timer. */
  noteLate(type: string, error: Error): void {
    const line = `${type}: failed outside of a call: ${oneLine(error)}`;
    const stack = authorStackOf(error);
    this.ring.add({ atUnixMs: this.clock.unixMs, line, stack });
    this.log('warn', stack === '' ? line : `${line}; ${stack.replace(/\s*\n\s*/g, ' ')}`, type);
  }

  #remember(id: string, second: number): void {
    this.#seen.delete(id);
    this.#seen.set(id, { second, more: 0 });
    if (this.#seen.size <= MAX_MESSAGES) return;
    for (const oldest of this.#seen.keys()) {
      this.#seen.delete(oldest);
      return;
    }
  }
}
