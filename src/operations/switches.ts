// Settings that clients change while the server runs, in cells of the arena that all threads share. Most have no effect here, but `stats
// settings` shows them like memcached.

import type { Arena } from '../arena/memory.js';
import { SYNC, syncCells } from '../arena/sync.js';

/** The cell of each setting, and its row of `stats settings`. */
const CELLS = {
  lru_crawler: 0,
  lru_crawler_sleep: 1,
  lru_crawler_tocrawl: 2,
  lru_segmented: 3,
  hot_lru_pct: 4,
  warm_lru_pct: 5,
  hot_max_factor: 6,
  warm_max_factor: 7,
  temp_lru: 8,
  temporary_ttl: 9,
  slab_automove: 10,
  slab_automove_ratio: 11,
  slab_automove_freeratio: 12,
  slab_automove_window: 13,
} as const;

type SwitchName = keyof typeof CELLS;

/** Shown as yes and no. */
const BOOLEANS: ReadonlySet<string> = new Set(['lru_crawler', 'lru_segmented', 'temp_lru']);
/** Stored as integers with this many decimals. */
const DECIMALS: Readonly<Partial<Record<SwitchName, number>>> = {
  hot_max_factor: 2,
  warm_max_factor: 2,
  slab_automove_ratio: 2,
  slab_automove_freeratio: 3,
};

/** The value of a cell that no client has set. */
const UNSET = 0;
const BIAS = 1;

/** @perThread */
export class Switches {
  private readonly cells: Int32Array;

  constructor(arena: Arena) {
    this.cells = syncCells(arena);
  }

  /** The value that a client has set, or undefined. */
  get(name: SwitchName): number | undefined {
    const value = Atomics.load(this.cells, SYNC.switches + CELLS[name]);
    return value === UNSET ? undefined : value > 0 ? value - BIAS : value;
  }

  set(name: SwitchName, value: number): void {
    Atomics.store(this.cells, SYNC.switches + CELLS[name], value < 0 ? value : value + BIAS);
  }

  /** The value of a switch with decimals. */
  setFactor(name: SwitchName, factor: number): void {
    this.set(name, Math.round(factor * 10 ** (DECIMALS[name] ?? 0)));
  }

  isOn(name: SwitchName, usually: boolean): boolean {
    return (this.get(name) ?? Number(usually)) !== 0;
  }

  /** The values that clients have set, as `stats settings` shows them. */
  rows(): readonly (readonly [name: string, value: string | number])[] {
    return (Object.keys(CELLS) as SwitchName[]).flatMap((name) => {
      const value = this.get(name);
      return value === undefined ? [] : [[name, shown(name, value)] as const];
    });
  }
}

function shown(name: SwitchName, value: number): string | number {
  if (BOOLEANS.has(name)) return value === 0 ? 'no' : 'yes';
  const decimals = DECIMALS[name];
  return decimals === undefined ? value : (value / 10 ** decimals).toFixed(decimals);
}
