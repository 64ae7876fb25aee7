// Runs the commonest requests before the first client comes, so that it does not wait for their code to be compiled. What they store
// is deleted and what they count is taken back. Not for calls of objects, whose figures all threads share.

import type { Metrics } from '../base/metrics.js';
import { asciiBytes } from '../protocol/bytes.js';
import type { Engine } from './engine.js';

const ROUNDS = 100;
const KEY = 'cacheismo-warm-up';
/** The last ones delete what the others have stored. */
export const WARM_UP_REQUESTS: readonly Uint8Array[] = [
  `set ${KEY} 0 60 8\r\nwarm up!\r\n`,
  `get ${KEY}\r\n`,
  `get ${KEY} ${KEY}-2\r\n`,
  `add ${KEY} 1 0 1\r\nx\r\n`,
  `incr ${KEY} 1\r\n`,
  `touch ${KEY} 0\r\n`,
  `delete ${KEY}\r\n`,
  `get ${KEY}\r\n`,
].map(asciiBytes);

/** Has an engine serve them; before anything else is served. */
export function warmUp(engine: Engine, bytes: Uint8Array, metrics: Metrics): void {
  const counted = metrics.snapshot();
  const session = engine.open();
  const { at } = engine.input;
  for (let round = 0; round < ROUNDS; round++) {
    for (const request of WARM_UP_REQUESTS) {
      bytes.set(request, at);
      engine.run(session, at, at + request.length);
    }
  }
  engine.close(session);
  metrics.restore(counted);
}
