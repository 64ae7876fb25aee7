// The parts of the objects' benchmark in their order, each with the servers that it needs.

import type { Verdict } from '../host/bars.js';
import type { Pinning } from '../host/processors.js';
import type { LoadProcess } from '../load/process.js';
import { measureCalls, measureSizes, type PartResult } from './calls.js';
import { withObjectServers } from './contestants.js';
import { measureMemory } from './memory.js';
import type { ObjectsOptions, Part } from './options.js';
import { measureReload } from './reload.js';

export interface ObjectFigures {
  readonly records: readonly { readonly part: Part; readonly records: readonly object[] }[];
  readonly verdicts: readonly Verdict[];
}

export async function measureObjects(
  load: LoadProcess,
  options: ObjectsOptions,
  pinning: Pinning,
): Promise<ObjectFigures> {
  const { serverFlags } = options;
  const records: { part: Part; records: readonly object[] }[] = [];
  const verdicts: Verdict[] = [];
  const measure = async (part: Part, run: () => PartResult | Promise<PartResult>): Promise<void> => {
    if (!options.parts.includes(part)) return;
    const result = await run();
    records.push({ part, records: result.records });
    verdicts.push(...result.verdicts);
  };
  if (options.parts.includes('calls') || options.parts.includes('sizes')) {
    await withObjectServers(serverFlags, pinning.server, async (servers) => {
      await measure('calls', () => measureCalls(load, servers, options));
      await measure('sizes', () => measureSizes(load, servers, options));
    });
  }
  await measure('memory', () =>
    withObjectServers(serverFlags, pinning.server, (servers) => measureMemory(load, servers, options)),
  );
  await measure('hold', async () => {
    // Loaded only here, because its clock needs the C library.
    const { measureHold } = await import('./hold.js');
    return measureHold();
  });
  await measure('reload', () => measureReload(serverFlags));
  return { records, verdicts };
}
