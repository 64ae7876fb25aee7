// Object types as the main thread keeps them: loads all files at the start, then watches their directories. Not for running
// methods; where types go, the target knows.

import { existsSync } from 'node:fs';
import { readPreparedCode } from '../native/prepared-code.js';
import { Transformer } from '../native/transformer.js';
import { BUILT_IN_NAME } from '../objects/introspection.js';
import type { Registry } from '../objects/registry.js';
import type { Reloader } from '../reload/reloader.js';
import type { TypeFolder } from '../reload/type-file.js';
import type { TypeTarget } from '../reload/type-target.js';
import type { Config } from './config.js';
import type { Log } from './log.js';

type Level = 'info' | 'warn';

export class ObjectPlane {
  #reloader: Reloader | undefined;

  constructor(
    private readonly config: Pick<Config, 'scriptsDirectory' | 'pluginsDirectory'>,
    private readonly target: TypeTarget,
    private readonly registry: Registry,
    private readonly log: Log,
  ) {}

  /** Resolves when every file has been tried, with what came of it in a few words. */
  async start(): Promise<string> {
    const folders: readonly TypeFolder[] = [
      { path: this.config.scriptsDirectory, language: 'lua' },
      { path: this.config.pluginsDirectory, language: 'typescript' },
    ];
    for (const { path } of folders) {
      if (!existsSync(path)) this.log.warn(`directory ${path} is missing: no object types are loaded from it`);
    }
    // The watcher comes only where there are objects.
    const { Reloader } = await import('../reload/reloader.js');
    let isStarting = true;
    const reloader = new Reloader({
      folders,
      target: this.target,
      transformer: new Transformer(readPreparedCode()),
      // At the start one line, left to the caller, tells of all that is in order.
      log: (level: Level, message: string) => this.log[isStarting && level === 'info' ? 'debug' : level](message),
    });
    this.#reloader = reloader;
    await reloader.start();
    isStarting = false;
    const types = this.registry.list().filter(({ type }) => type.name !== BUILT_IN_NAME);
    const names = types.map(({ type }) => type.name).join(', ');
    return names === '' ? 'no object types are loaded' : `object types: ${names}`;
  }

  async close(): Promise<void> {
    await this.#reloader?.close();
  }
}
