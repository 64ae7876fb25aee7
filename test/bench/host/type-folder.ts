// A directory with one object type, for the time of a benchmark.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class TypeFolder implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'cacheismo-bench-'));

  constructor(file: string, text: string) {
    writeFileSync(join(this.#folder, file), text);
  }

  get flags(): readonly string[] {
    return ['--scripts', this.#folder, '--plugins', this.#folder];
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
