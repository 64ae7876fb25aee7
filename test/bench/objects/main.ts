// The benchmark of objects: calls in both languages compared with Redis, their memory, and their effect on other requests.
// Reads the command line and prints.

import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { formatVerdicts } from '../host/bars.js';
import { choosePinning } from '../host/processors.js';
import { LoadProcess } from '../load/process.js';
import { parseOptions, USAGE } from './options.js';
import { measureObjects } from './parts.js';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const pinning = choosePinning(1);
  const load = new LoadProcess(pinning.load);
  try {
    console.log(`${pinning.note}; load average ${loadavg()[0].toFixed(1)}\n`);
    const { records, verdicts } = await measureObjects(load, options, pinning);
    console.log(formatVerdicts(verdicts));
    const record = { options, pinning: pinning.note, records, verdicts };
    if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(record, undefined, 2)}\n`);
  } finally {
    load.stop();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
