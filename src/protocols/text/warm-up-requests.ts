// The most common requests, which are served before the first client connects, so that it does not wait for their code to be compiled.
// Calls of methods are left out, because all threads share their statistics.

import type { WarmUpRequests } from '../protocol.js';
import type { ProtocolShell } from '../protocol-shell.js';
import { Outcome, type ProtocolRun } from '../run.js';
import { asciiBytes } from './text-bytes.js';
import type { TextContext } from './text-context.js';
import type { TextProtocol } from './text-protocol.js';
import type { TextSession } from './text-session.js';

/** A choice: enough calls for V8's baseline compiler, and few enough to take some milliseconds. */
const ROUNDS = 100;

const KEY = 'cacheismo-warm-up';
/** A value within its item, and one that needs a piece of its own but is too short for the list of the largest items. Each is stored twice:
 * the second time in place, and the next frees its memory. V8 leaves paths that it has not seen out of the code that it compiles, and
 * compiles it again when a client takes them. */
const VALUE_BYTES: readonly number[] = [8, 8, 1900, 1900];

/** Only a few kinds, since the compiler assumes that there are no others. */
const REQUESTS: readonly Uint8Array[] = [
  ...VALUE_BYTES.map((length) => `set ${KEY} 0 60 ${length}\r\n${'.'.repeat(length)}\r\n`),
  `get ${KEY}\r\n`,
  `get ${KEY}-2\r\n`,
].map(asciiBytes);

/** Deletes what the others have stored. */
const LAST_REQUEST = asciiBytes(`delete ${KEY}\r\n`);

/** Where there are items already, storing could evict one. */
const READING_ONLY = REQUESTS.slice(-1);

export function warmUpRequests(itemCount: number): WarmUpRequests {
  if (itemCount === 0) return { requests: REQUESTS, last: LAST_REQUEST };
  return { requests: READING_ONLY, last: READING_ONLY[0] };
}

/** Makes a protocol serve them before anything else, and restores the counters. */
export function warmUp(protocol: TextProtocol, { input, operations }: ProtocolShell): void {
  const { bytes, metrics, store } = operations;
  const { requests, last } = warmUpRequests(store.itemCount);
  const counted = metrics.snapshot();
  const session = protocol.open({ descriptor: -1 });
  const serve = (request: Uint8Array) => {
    bytes.set(request, input.at);
    protocol.runAll([runOf(session, input.at, request.length)], 0, 1);
  };
  for (let round = 0; round < ROUNDS; round++) requests.forEach(serve);
  serve(last);
  protocol.close(session);
  metrics.restore(counted);
  store.curve.resetCounts();
}

function runOf(session: TextSession<TextContext>, from: number, length: number): ProtocolRun<TextSession<TextContext>> {
  const outcome = Outcome.NEED_INPUT;
  return { session, from, to: from + length, consumed: 0, outcome, replyAt: 0, replyLength: 0, hasParts: false };
}
