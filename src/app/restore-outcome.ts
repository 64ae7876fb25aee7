// What became of the memory file at the start, in shared cells: written by the main thread, shown by every thread in `stats transport`.

import { SYNC } from '../arena/sync.js';

const STATES = ['none', 'restored', 'refused'] as const;
export type RestoreState = (typeof STATES)[number];

export function noteRestore(cells: Int32Array, state: RestoreState, items: number, elapsedMs: number): void {
  Atomics.store(cells, SYNC.restoreState, STATES.indexOf(state));
  Atomics.store(cells, SYNC.restoredItems, items);
  Atomics.store(cells, SYNC.restoreMs, elapsedMs);
}

export function restoreRows(cells: Int32Array): readonly (readonly [name: string, value: string | number])[] {
  return [
    ['restore_state', STATES[Atomics.load(cells, SYNC.restoreState)]],
    ['restored_items', Atomics.load(cells, SYNC.restoredItems) >>> 0],
    ['restore_ms', Atomics.load(cells, SYNC.restoreMs)],
  ];
}
