// The records of a memory file of -e, which no server uses meanwhile. The file stays as it is.

import { Clock } from '../../base/clock.js';
import { Metrics } from '../../base/metrics.js';
import { arenaOfFile } from '../../memory-file/file-arena.js';
import { PortableObjects } from '../../objects/calls/portable-objects.js';
import { Registry } from '../../objects/types/registry.js';
import { StoreDump } from '../../operations/portable/store-dump.js';
import { Store } from '../../store/store.js';
import { ArenaTables } from '../../tables/arena-tables.js';
import { ArgumentSlices } from '../../tables/argument-slices.js';
import { Budget } from '../../tables/budget.js';

const THREAD = 0;
const LENGTH_BYTES = 4;

/** The records, the end included. Throws MemoryFileError for a file that cannot be used. */
export function* recordsOfFile(path: string): Generator<Uint8Array> {
  const { arena, itemLimitBytes } = arenaOfFile(path);
  const clock = new Clock(arena.clockCells);
  const store = new Store(arena, clock, new Metrics(arena.metricCells, THREAD), THREAD, {
    itemLimitBytes,
    evictionsAllowed: false,
  });
  const tables = new ArenaTables(store, { thread: THREAD, resultLimitBytes: itemLimitBytes });
  const parts = { arena, tables, registry: new Registry() };
  const portable = new PortableObjects(parts, new Budget(), new ArgumentSlices(arena));
  const { scratch } = arena.windows(THREAD);
  const dump = new StoreDump({ store, clock, bytes: arena.bytes, scratch, virtualKeys: { portable } });
  for (let slice = dump.next(); slice !== undefined; slice = dump.next()) {
    // The slice is valid until the next one is made.
    const bytes = Buffer.from(slice);
    for (let at = 0; at < bytes.length; ) {
      const from = at + LENGTH_BYTES;
      at = from + bytes.readUInt32LE(at);
      yield bytes.subarray(from, at);
    }
  }
}
