// Where reloaded types go: the registries of all data threads. This file has the interface and the target for a single
// thread; more threads need one that compiles in each before any of them swaps.

import type { Registry } from '../objects/registry.js';
import { compileTypeSource, type LoadLua, type TypeSource } from './type-source.js';

export interface Installed {
  readonly name: string;
  readonly version: number;
}

export interface TypeTarget {
  /** Compiles, validates, and only then swaps, between two requests. Rejects with LoadError, and then the old version stays. */
  install(source: TypeSource): Promise<Installed>;
  /** Takes out what the file defined; its name, or undefined when it had defined nothing. */
  remove(file: string): Promise<string | undefined>;
  /** Remembers for the listing why the file was not loaded. Answers the version that goes on, 0 for none. */
  noteError(file: string, message: string): number;
  /** The file that answers for the type now, if any. */
  fileOf(name: string): string | undefined;
}

export class RegistryTarget implements TypeTarget {
  constructor(
    private readonly registry: Registry,
    private readonly loadLua: LoadLua,
  ) {}

  async install(source: TypeSource): Promise<Installed> {
    const type = compileTypeSource(source, this.loadLua);
    try {
      const { version } = this.registry.install(type);
      return { name: type.name, version };
    } catch (thrown) {
      type.dispose();
      throw thrown;
    }
  }

  async remove(file: string): Promise<string | undefined> {
    const name = this.registry.fromFile(file)?.type.name;
    this.registry.remove(file);
    return name;
  }

  noteError(file: string, message: string): number {
    return this.registry.noteError(file, message);
  }

  fileOf(name: string): string | undefined {
    return this.registry.find(name)?.type.file;
  }
}
