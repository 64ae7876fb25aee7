// Which file defines which object type, in which version, and which of several types of the same name is active. The registry of a serving
// thread stores its types in a catalogue; the main thread, which runs no types, stores only their names, files and versions.

import type { Language } from './loaded-type.js';

export interface CatalogueEntry {
  readonly name: string;
  /** As shown to users, such as `scripts/set.lua`. */
  readonly file: string;
  readonly language: Language;
  /** Of several types with one name, the one of the lowest rank is active; it shadows the others. */
  readonly rank: number;
  /** Counts the loads of this name in this rank since the start, from 1. */
  readonly version: number;
}

export class Catalogue<Entry extends CatalogueEntry = CatalogueEntry> {
  /** By rank in ascending order, then by name. */
  #ranks: ReadonlyMap<number, Map<string, Entry>> = new Map();
  readonly #byFile = new Map<string, Entry>();
  /** By rank and name, the version of the last load, for removed types too. */
  readonly #versions = new Map<number, Map<string, number>>();

  /** The version that the next load of the name in this rank has. */
  nextVersion(name: string, rank: number): number {
    return (this.#versions.get(rank)?.get(name) ?? 0) + 1;
  }

  /** Adds the entry in place of the one that its file had, which is returned. */
  put(entry: Entry): Entry | undefined {
    const { name, file, rank, version } = entry;
    const previous = this.remove(file);
    this.#namesOf(rank).set(name, entry);
    this.#byFile.set(file, entry);
    const versions = this.#versions.get(rank) ?? new Map<string, number>();
    this.#versions.set(rank, versions.set(name, version));
    return previous;
  }

  /** Removes what the file defined, and returns it. */
  remove(file: string): Entry | undefined {
    const entry = this.#byFile.get(file);
    if (entry === undefined) return undefined;
    this.#byFile.delete(file);
    const names = this.#namesOf(entry.rank);
    if (names.get(entry.name) === entry) names.delete(entry.name);
    return entry;
  }

  fromFile(file: string): Entry | undefined {
    return this.#byFile.get(file);
  }

  /** The entry with the name in the rank. */
  holderOf(name: string, rank: number): Entry | undefined {
    return this.#ranks.get(rank)?.get(name);
  }

  /** The entry that calls of the name reach. */
  find(name: string): Entry | undefined {
    for (const names of this.#ranks.values()) {
      const entry = names.get(name);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** The entry that shadows this one; undefined when this one is active. */
  shadowOf(entry: CatalogueEntry): Entry | undefined {
    const found = this.find(entry.name);
    return found?.file === entry.file ? undefined : found;
  }

  /** Active entries, by name. */
  inForce(): Map<string, Entry> {
    const inForce = new Map<string, Entry>();
    for (const names of [...this.#ranks.values()].reverse())
      for (const [name, entry] of names) inForce.set(name, entry);
    return inForce;
  }

  #namesOf(rank: number): Map<string, Entry> {
    const known = this.#ranks.get(rank);
    if (known !== undefined) return known;
    const names = new Map<string, Entry>();
    this.#ranks = new Map([...this.#ranks, [rank, names] as const].sort(([one], [other]) => one - other));
    return names;
  }
}
