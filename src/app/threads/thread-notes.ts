// One thread's log lines about clients, requests and evictions, which `-v` or a client's `verbosity` turns on.

import type { Arena } from '../../arena/memory.js';
import { SYNC, syncCells } from '../../arena/sync.js';
import type { Metrics } from '../../base/metrics.js';
import { BoundedNotes, type NoteLevel, type Notes } from '../../base/notes.js';
import { STORE_METRICS } from '../../store/store-metrics.js';

/** Levels of the log for those of notes. */
type NoteLogLevel = 'warn' | 'debug' | 'trace';
const LEVELS: readonly NoteLogLevel[] = ['warn', 'debug', 'trace'];

/** The first serving thread logs the evictions of all. */
const TELLS_OF_ALL = 1;

export class ThreadNotes implements Notes {
  private readonly cells: Int32Array;
  private readonly notes: BoundedNotes;
  /** True while the thread serves only the warm-up's client. */
  isMuted = false;
  #evictions = 0;

  constructor(
    arena: Arena,
    private readonly metrics: Metrics,
    private readonly thread: number,
    write: (level: NoteLogLevel, message: string) => void,
  ) {
    this.cells = syncCells(arena);
    const readVerbosity = () => this.verbosity;
    this.notes = new BoundedNotes(readVerbosity, (level, message) => write(LEVELS[level], message));
  }

  get verbosity(): number {
    return this.isMuted ? -1 : this.cells[SYNC.verbosity];
  }

  tell(level: NoteLevel, message: string): void {
    this.notes.tell(level, message);
  }

  /** Evictions are logged as sums: one line each could be one per request. */
  everySecond(): void {
    this.notes.everySecond();
    if (this.thread > TELLS_OF_ALL || this.verbosity === 0) return;
    const evictions = this.metrics.total(STORE_METRICS.evictions);
    const recent = evictions - this.#evictions;
    this.#evictions = evictions;
    if (recent > 0)
      this.tell(1, `${recent} items were evicted to make room since the last such line, ${evictions} in all`);
  }
}
