// Runs the commonest requests before the first client comes, so that it does not wait for their code to be compiled. What they store
// is deleted and what they count is taken back. Not for calls of objects, whose figures all threads share.

import type { Metrics } from '../../base/metrics.js';
import { asciiBytes } from './text-bytes.js';
import type { Engine } from './text-protocol.js';

const ROUNDS = 100;
const KEY = 'cacheismo-warm-up';
/** Few kinds: the compiler takes those that it has seen for all there are. */
export const WARM_UP_REQUESTS: readonly Uint8Array[] = [
  `set ${KEY} 0 60 8\r\nwarm up!\r\n`,
  `get ${KEY}\r\n`,
  `get ${KEY}-2\r\n`,
].map(asciiBytes);

/** Takes back what the others have stored. */
export const LAST_WARM_UP_REQUEST = asciiBytes(`delete ${KEY}\r\n`);

/** Has an engine serve them; before anything else is served. */
export function warmUp(engine: Engine, bytes: Uint8Array, metrics: Metrics): void {
  const counted = metrics.snapshot();
  const session = engine.open();
  const { at } = engine.input;
  const serve = (request: Uint8Array) => {
    bytes.set(request, at);
    engine.run(session, at, at + request.length);
  };
  for (let round = 0; round < ROUNDS; round++) WARM_UP_REQUESTS.forEach(serve);
  serve(LAST_WARM_UP_REQUEST);
  engine.close(session);
  metrics.restore(counted);
}
