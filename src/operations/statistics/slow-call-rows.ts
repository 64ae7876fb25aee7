// The rows of `stats slowcalls`: the last calls of methods that took a millisecond or more, the newest first.

import { SlowCallRing } from '../../objects/calls/slow-call-ring.js';
import { encodedKey } from '../encoded-key.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';

/** A server that may not list keys (-X) leaves out the keys. */
export function slowCallRows({ options, store }: Operations): StatRows {
  const ring = new SlowCallRing(store.arena);
  const rows: [string, string | number][] = [['slow_calls', ring.total]];
  ring.list().forEach((call, index) => {
    const number = index + 1;
    rows.push([`${number}:method`, `${call.type}:${call.method}`]);
    if (options.dumpEnabled) rows.push([`${number}:key`, call.key === '' ? '-' : encodedKey(call.key)]);
    rows.push(
      [`${number}:version`, call.version],
      [`${number}:argument_bytes`, call.argumentBytes],
      [`${number}:steps`, call.steps],
      [`${number}:milliseconds`, call.milliseconds],
      [`${number}:failed`, call.isFailed ? 'yes' : 'no'],
      [`${number}:unix_time`, Math.floor(call.atUnixMs / 1000)],
    );
  });
  return rows;
}
