// The benchmark of the types that ship, compared with commands and scripts of Redis for the same: throughput, server CPU and bytes. Reads the
// command line and prints.

import { loadavg } from 'node:os';
import { choosePinning } from '../host/processors.js';
import { LoadProcess } from '../load/process.js';
import { withObjectServers } from '../objects/contestants.js';
import { board } from './boards.js';
import type { Group } from './comparison.js';
import { lease } from './leases.js';
import { gcra, window } from './limits.js';
import { type BytesRow, type CallRow, measureGroup } from './measure.js';
import { parseOptions, usage } from './options.js';
import { queue } from './queues.js';
import { session } from './sessions.js';
import { bloom, uniq } from './sketches.js';
import { formatFigures } from './summary.js';
import { tag } from './tags.js';

const GROUPS: Readonly<Record<string, (size: number) => Group>> = {
  gcra,
  window,
  lease,
  queue,
  board,
  tag,
  session,
  uniq,
  bloom,
};

async function main(): Promise<void> {
  const names = Object.keys(GROUPS);
  const options = parseOptions(names);
  if (options === undefined) {
    console.log(usage(names));
    return;
  }
  const pinning = choosePinning(1);
  const load = new LoadProcess(pinning.load);
  const calls: CallRow[] = [];
  const bytes: BytesRow[] = [];
  try {
    console.log(`${pinning.note}; load average ${loadavg()[0].toFixed(1)}; every reply is checked`);
    for (const name of options.only) {
      const group = GROUPS[name](options.size);
      const figures = await withObjectServers([], pinning.server, (servers) =>
        measureGroup(load, servers, group, options),
      );
      calls.push(...figures.calls);
      bytes.push(...figures.bytes);
    }
    console.log(formatFigures({ calls, bytes }));
  } finally {
    load.stop();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
