// A type that ships, in a test cache: it is loaded when it is first used, since most tests use none.

import type { Language, LoadedMethod, LoadedType } from '../../objects/types/loaded-type.js';
import type { Missing, Settings } from '../../objects/types/object-type.js';

export class LateType implements LoadedType {
  #loaded: LoadedType | undefined;

  constructor(
    readonly name: string,
    readonly language: Language,
    readonly file: string,
    private readonly load: () => LoadedType,
  ) {}

  get #type(): LoadedType {
    this.#loaded ??= this.load();
    return this.#loaded;
  }

  get summary(): string {
    return this.#type.summary;
  }

  get missing(): Missing {
    return this.#type.missing ?? 'miss';
  }

  get config(): Settings | undefined {
    return this.#type.config;
  }

  get methods(): ReadonlyMap<string, LoadedMethod> {
    return this.#type.methods;
  }

  get keptBytes(): number | undefined {
    return this.#loaded?.keptBytes;
  }

  get restarts(): number | undefined {
    return this.#loaded?.restarts;
  }

  dispose(): void {
    this.#loaded?.dispose();
  }
}
