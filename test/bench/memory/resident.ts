// Resident memory of our server with a full cache, and whether it stays constant under further operations.

import { residentBytes } from '../host/accounts.js';
import type { Verdict } from '../host/bars.js';
import { type ServerKind, startServer } from '../host/servers.js';
import { DISTRIBUTIONS, type SizeDistribution } from './distributions.js';
import { Filler } from './filler.js';

const DEFAULT_MEGABYTES = 1024;
/** After storing this multiple of its size the cache has been full for a while. */
const FULL_AFTER_TIMES = 1.3;
const MOST_BEYOND_LIMIT_BYTES = 90 * 2 ** 20;
/** Growth below this counts as flat, since Node's heap grows and shrinks in larger steps. */
const FLAT_BYTES = 10 * 2 ** 20;
const GETS_BETWEEN_STORES = 2;

export interface Resident {
  readonly limitBytes: number;
  readonly fullBytes: number;
  readonly highestBytes: number;
  readonly lastBytes: number;
  readonly furtherOperations: number;
}

export async function measureResident(
  kind: ServerKind,
  megabytes: number | undefined,
  operations: number,
): Promise<Resident> {
  const limitMegabytes = megabytes ?? DEFAULT_MEGABYTES;
  const limitBytes = limitMegabytes * 2 ** 20;
  const distribution = DISTRIBUTIONS.find(({ name }) => name === 'uniform') as SizeDistribution;
  const server = await startServer(kind, { threads: 1, memoryMegabytes: limitMegabytes, processors: undefined });
  // At least two gets follow a store, so that these bytes are more than the operations will store.
  const furtherBytes = (operations / 3) * 1100;
  const filler = new Filler({
    port: server.port,
    distribution,
    payloadBytes: limitBytes * FULL_AFTER_TIMES + furtherBytes,
    getsBetweenStores: GETS_BETWEEN_STORES,
    sampledPlaces: 0,
  });
  try {
    await filler.fill(limitBytes * FULL_AFTER_TIMES);
    const fullBytes = residentBytes(server.pid);
    const end = filler.operations + operations;
    const step = Math.max(1, limitBytes / 50);
    let highestBytes = fullBytes;
    while (filler.operations < end) {
      await filler.fill(filler.payloadBytes + step);
      highestBytes = Math.max(highestBytes, residentBytes(server.pid));
    }
    const furtherOperations = filler.operations - end + operations;
    return { limitBytes, fullBytes, highestBytes, lastBytes: residentBytes(server.pid), furtherOperations };
  } finally {
    filler.close();
    await server.stop();
  }
}

export function residentVerdicts({ limitBytes, fullBytes, highestBytes, lastBytes }: Resident): Verdict[] {
  return [
    {
      what: 'highest resident memory beyond the limit, MiB',
      measured: (highestBytes - limitBytes) / 2 ** 20,
      required: MOST_BEYOND_LIMIT_BYTES / 2 ** 20,
      relation: 'at most',
    },
    {
      what: 'growth from full to the end, MiB',
      measured: (lastBytes - fullBytes) / 2 ** 20,
      required: FLAT_BYTES / 2 ** 20,
      relation: 'at most',
    },
  ];
}
