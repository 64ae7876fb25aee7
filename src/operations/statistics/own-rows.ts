// The rows of `stats arena`, `stats transport` and `stats objects`: figures that memcached does not have. Every counter that plain `stats`
// does not show is in one of them.

import { describeMetrics } from '../../base/metrics.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';
import { figuresOf } from './figures.js';
import { isGeneralRow } from './general-rows.js';

/** The topic of each group of counters. */
const TOPICS: Readonly<Record<string, string>> = {
  store: 'arena',
  commands: 'transport',
  transport: 'transport',
  objects: 'objects',
  admin: 'transport',
};

export function arenaRows(operations: Operations): StatRows {
  return [...figuresOf(operations, 'arena'), ...counters(operations, 'arena')];
}

export function transportRows(operations: Operations): StatRows {
  const server = [...operations.options.serverStats()].filter(([name]) => !isGeneralRow(name));
  return [...operations.options.ownSettings('transport'), ...server, ...counters(operations, 'transport')];
}

export function objectRows(operations: Operations): StatRows {
  return [
    ...operations.options.ownSettings('objects'),
    ...figuresOf(operations, 'objects'),
    ...counters(operations, 'objects'),
  ];
}

function counters({ metrics, options }: Operations, topic: string): [string, number][] {
  return describeMetrics()
    .filter(({ group, name }) => TOPICS[group] === topic && (!isGeneralRow(name) || options.hiddenStatistics.has(name)))
    .map(({ name, id }) => [name, metrics.total(id)]);
}
