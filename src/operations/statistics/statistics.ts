// Statistics as rows, by topic: every protocol sends the same ones.

import { describeMetrics } from '../../base/metrics.js';
import { SlowCallRing } from '../../objects/calls/slow-call-ring.js';
import type { StatRows } from '../operation-options.js';
import type { Operations } from '../operations.js';
import { bigKeyRows } from './big-key-rows.js';
import { curveRows } from './curve-rows.js';
import { generalRows } from './general-rows.js';
import { hotKeyRows } from './hot-key-rows.js';
import { itemRows, sizeRows } from './item-rows.js';
import { arenaRows, objectRows, transportRows } from './own-rows.js';
import { slabRows } from './slab-rows.js';
import { slowCallRows } from './slow-call-rows.js';

/** The rows of a topic, '' for the general ones; undefined when there is no such topic. */
export function statisticsOf(operations: Operations, topic: string): StatRows | undefined {
  switch (topic) {
    case '':
      return generalRows(operations);
    case 'settings':
      return operations.options.settings();
    case 'items':
      return itemRows(operations);
    case 'slabs':
      return slabRows(operations);
    case 'extstore':
      return [];
    case 'sizes':
      return sizeRows(operations);
    case 'conns':
      return operations.options.connections(operations.observer.descriptor);
    case 'hotkeys':
      return hotKeyRows(operations);
    case 'bigkeys':
      return bigKeyRows(operations);
    case 'curve':
      return curveRows(operations);
    case 'slowcalls':
      return slowCallRows(operations);
    case 'arena':
      return arenaRows(operations);
    case 'transport':
      return transportRows(operations);
    case 'objects':
      return objectRows(operations);
    default:
      return undefined;
  }
}

export function resetStatistics({ hotKeys, metrics, observer, store, times }: Operations): void {
  for (const { id, kind } of describeMetrics()) if (kind !== 'gauge') metrics.reset(id);
  times.reset();
  observer.prefixes.clear();
  hotKeys.clear();
  new SlowCallRing(store.arena).clear();
  store.curve.resetCounts();
}
