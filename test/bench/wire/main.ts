// The wire benchmark: our server and its peers, in one run. Reads the command line, prints.

import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { formatVerdicts } from '../host/bars.js';
import { choosePinning, type Pinning } from '../host/processors.js';
import type { ServerKind } from '../host/servers.js';
import { LoadProcess } from '../load/process.js';
import { runComparison } from './comparison.js';
import { findServers } from './contenders.js';
import { measureGrowth } from './growth.js';
import { parseOptions, USAGE, type WireOptions } from './options.js';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const pinning = choosePinning(Math.max(...options.threads));
  const load = new LoadProcess(pinning.load);
  try {
    const kinds = findServers(options);
    const busy = loadavg()[0].toFixed(1);
    console.log(
      `${availableParallelism()} processors; ${pinning.note}; load by ${options.client}; load average ${busy}`,
    );
    const result = options.growth
      ? await runGrowth(kinds, load, options, pinning)
      : await runComparison(kinds, load, options, pinning);
    console.log(formatVerdicts(result.verdicts));
    const record = { options, servers: kinds.map((kind) => kind.title), pinning: pinning.note, ...result };
    if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(record, undefined, 2)}\n`);
  } finally {
    load.stop();
  }
}

async function runGrowth(kinds: readonly ServerKind[], load: LoadProcess, options: WireOptions, pinning: Pinning) {
  const kind = kinds[0];
  if (kind === undefined) throw new Error('no server to measure');
  // Loaded only here, because its clock needs the C library.
  const { formatStalls, measureStalls, stallVerdict } = await import('./stalls.js');
  const stalls = measureStalls(options.items);
  console.log(formatStalls(stalls));
  const growth = await measureGrowth(kind, load, options, pinning.server);
  console.log(growth.text);
  return { stalls, growth: growth.record, verdicts: [stallVerdict(stalls), growth.verdict] };
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
