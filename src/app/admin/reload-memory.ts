// The last reloads of object types, for the admin interface: the load history of a type.

import type { ReloadEvent } from '../../reload/reload-report.js';

interface TimedReload extends ReloadEvent {
  readonly unixMs: number;
}

/** A choice: 250 KB or so. */
const MOST_RELOADS = 1000;

export class ReloadMemory {
  readonly #reloads: TimedReload[] = [];

  add(event: ReloadEvent): TimedReload {
    const reload = { ...event, unixMs: Date.now() };
    this.#reloads.push(reload);
    if (this.#reloads.length > MOST_RELOADS) this.#reloads.shift();
    return reload;
  }

  /** The newest first, of one file or of all. */
  list(file: string | undefined, most: number): readonly TimedReload[] {
    const reloads = file === undefined ? this.#reloads : this.#reloads.filter((reload) => reload.file === file);
    return reloads.slice(-most).reverse();
  }
}
