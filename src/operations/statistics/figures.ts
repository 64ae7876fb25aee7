// Figures that are read when they are asked for instead of being counted: memory, items, times. Declared as data, like the counters; the topic
// is the one of `stats` that shows them.

import { counter, gauge, type MetricText } from '../../base/metrics.js';
import { secondsSinceAccess } from '../item-state.js';
import type { Operations } from '../operations.js';
import { estimatedObjectBytes } from './object-bytes.js';

type Topic = 'general' | 'arena' | 'objects';

interface Figure extends MetricText {
  readonly topic: Topic;
  readonly read: (operations: Operations) => number;
}

function figure(topic: Topic, text: MetricText, read: Figure['read']): Figure {
  return { topic, ...text, read };
}

export const FIGURES: Readonly<Record<string, Figure>> = {
  uptime: figure('general', gauge('time since the start', 'seconds'), ({ clock }) => clock.uptimeSeconds),
  rusage_user: figure('general', counter('CPU time of the process in user mode', 'seconds'), () => {
    return process.cpuUsage().user / 1e6;
  }),
  rusage_system: figure('general', counter('CPU time of the process in the kernel', 'seconds'), () => {
    return process.cpuUsage().system / 1e6;
  }),
  limit_maxbytes: figure('general', gauge('the memory limit', 'bytes'), ({ store }) => store.limitBytes),
  hash_bytes: figure('general', gauge('memory of the hash index', 'bytes'), ({ store }) => store.index.bytes),
  bytes: figure('general', gauge('memory of all items', 'bytes'), ({ store }) => store.itemBytes),
  curr_items: figure('general', gauge('items that are stored now'), ({ store }) => store.itemCount),
  used_bytes: figure('arena', gauge('memory in use, all told', 'bytes'), ({ store }) => store.usedBytes),
  limit_highest_bytes: figure('arena', gauge('the highest memory limit that can be set', 'bytes'), ({ store }) => {
    return store.arena.mostBytes;
  }),
  limit_excess_bytes: figure('arena', gauge('memory in use beyond a lowered limit', 'bytes'), ({ store }) => {
    return store.memoryLimit.excessBytes;
  }),
  index_bytes: figure('arena', gauge('memory of the hash index', 'bytes'), ({ store }) => store.index.bytes),
  reserve_bytes: figure('arena', gauge('memory used of the reserve for reads', 'bytes'), ({ store }) => {
    return store.room.reserveUsedBytes;
  }),
  scattered_bytes: figure('arena', gauge('free memory in chunks of less than 1.5 KB', 'bytes'), ({ store }) => {
    return store.allocator.scatteredBytes;
  }),
  oldest_idle: figure('arena', gauge('time since the last use of the item that is evicted next', 'seconds'), (all) => {
    const { clock, store } = all;
    return store.leastRecent === 0 ? 0 : secondsSinceAccess(store, clock, store.leastRecent);
  }),
  evicted_by_one_store_max: figure('arena', gauge('the most items that one store has evicted'), ({ store }) => {
    return store.evictedByOneStoreMax;
  }),
  object_bytes: figure('objects', gauge('memory of objects, estimated from a sample', 'bytes'), estimatedObjectBytes),
  pinned_objects: figure('objects', gauge('objects that are pinned'), ({ store }) => store.retained.count),
  pinned_bytes: figure('objects', gauge('memory of pinned objects', 'bytes'), ({ store }) => store.retained.bytes),
  pinned_limit_bytes: figure('objects', gauge('what pinned objects may take', 'bytes'), ({ store }) => {
    return store.retained.limitBytes;
  }),
  pinned_reserve_bytes: figure('objects', gauge('what calls that end something may take beyond it', 'bytes'), (all) => {
    return all.store.retained.reserveBytes;
  }),
};

/** The figures of a topic of `stats`, in its order. */
export function figuresOf(operations: Operations, topic: Topic): [name: string, value: number][] {
  return Object.entries(FIGURES)
    .filter(([, { topic: own }]) => own === topic)
    .map(([name, { read }]) => [name, read(operations)]);
}
