// The rows of `stats arena`, `stats transport` and `stats objects`: figures that memcached does not have. Every counter that plain `stats`
// does not show is in one of them.

import { describeMetrics } from '../../base/metrics.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';
import { isGeneralRow } from './general-rows.js';

/** The topic of each group of counters. */
const TOPICS: Readonly<Record<string, string>> = {
  store: 'arena',
  commands: 'transport',
  transport: 'transport',
  objects: 'objects',
};

export function arenaRows(operations: Operations): StatRows {
  const { store } = operations;
  return [
    ['used_bytes', store.usedBytes],
    ['limit_highest_bytes', store.arena.mostBytes],
    ['limit_excess_bytes', store.memoryLimit.excessBytes],
    ['index_bytes', store.index.bytes],
    ['reserve_bytes', store.room.reserveUsedBytes],
    ['evicted_by_one_store_max', store.evictedByOneStoreMax],
    ...counters(operations, 'arena'),
  ];
}

export function transportRows(operations: Operations): StatRows {
  const server = [...operations.options.serverStats()].filter(([name]) => !isGeneralRow(name));
  return [...operations.options.ownSettings('transport'), ...server, ...counters(operations, 'transport')];
}

export function objectRows(operations: Operations): StatRows {
  const { retained } = operations.store;
  return [
    ...operations.options.ownSettings('objects'),
    ['pinned_objects', retained.count],
    ['pinned_bytes', retained.bytes],
    ['pinned_limit_bytes', retained.limitBytes],
    ...counters(operations, 'objects'),
  ];
}

function counters({ metrics, options }: Operations, topic: string): [string, number][] {
  return describeMetrics()
    .filter(({ group, name }) => TOPICS[group] === topic && (!isGeneralRow(name) || options.hiddenStatistics.has(name)))
    .map(({ name, id }) => [name, metrics.total(id)]);
}
