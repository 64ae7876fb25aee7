// Bytes per object and per member, by the servers' own counts: ours compared with Redis. Plain items: the memory benchmark.

import type { Verdict } from '../host/bars.js';
import { storedBytes } from '../host/conversation.js';
import { formatTable } from '../host/table.js';
import type { LoadProcess } from '../load/process.js';
import type { PartResult } from './calls.js';
import { fillObjects, type ObjectServers } from './contestants.js';
import type { ObjectsOptions } from './options.js';
import { counterFilling, type Filling, mapFilling, quotaFilling, setFilling } from './workloads.js';

interface MemoryCase {
  readonly what: string;
  readonly filling: Filling;
  readonly atMostBytes: number;
}

const OBJECTS = 100_000;
const MEMBERS = 1_000_000;

const CASES: readonly MemoryCase[] = [
  { what: 'quota of 4 fields', filling: quotaFilling(OBJECTS), atMostBytes: 120 },
  { what: `member (13 bytes) of a set of ${MEMBERS}`, filling: setFilling(MEMBERS), atMostBytes: 45 },
  { what: `field (12 + 12 bytes) of a map of ${MEMBERS}`, filling: mapFilling(MEMBERS), atMostBytes: 56 },
  { what: 'swcounter of 16 values', filling: counterFilling(OBJECTS), atMostBytes: 180 },
];

/** The servers must still be empty. */
export async function measureMemory(
  load: LoadProcess,
  { typescript, redis }: ObjectServers,
  options: ObjectsOptions,
): Promise<PartResult> {
  const records: { readonly what: string; readonly ours: number; readonly redis: number }[] = [];
  const verdicts: Verdict[] = [];
  for (const { what, filling, atMostBytes } of CASES) {
    const bytesPerOne = async (server: typeof typescript): Promise<number> => {
      const { protocol } = server.kind;
      const before = await storedBytes(server.port, protocol);
      await fillObjects(load, server, filling, options.client);
      return ((await storedBytes(server.port, protocol)) - before) / filling.count;
    };
    const ours = await bytesPerOne(typescript);
    records.push({ what, ours, redis: redis === undefined ? Number.NaN : await bytesPerOne(redis) });
    verdicts.push({ what: `bytes of a ${what}`, measured: ours, required: atMostBytes, relation: 'at most' });
  }
  const rows = records.map(({ what, ours, redis: theirs }) => [what, ours.toFixed(1), theirs.toFixed(1)]);
  console.log(`Bytes by the servers' own count, index included`);
  console.log(`${formatTable(['of a', 'cacheismo', 'redis'], rows)}\n`);
  return { records, verdicts };
}
