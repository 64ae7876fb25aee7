// Object types in the main thread: loads all files at the start, then watches their directories. Methods run in the data threads.

import { statSync } from 'node:fs';
import { readPreparedCode } from '../languages/typescript/prepared-code.js';
import type { Catalogue } from '../objects/types/catalogue.js';
import { strangersIn } from '../objects/types/type-settings.js';
import { Loader } from '../reload/loader.js';
import type { ReloadEvent } from '../reload/reload-report.js';
import { Reloader } from '../reload/reloader.js';
import type { TypeThreads } from '../reload/staged-types.js';
import type { Config } from './config/config.js';
import { nearName } from './config/near-name.js';
import type { Log } from './log.js';
import { StartError } from './start-error.js';

type Level = 'debug' | 'info' | 'warn';

/** The most types that the line logged at the start names, so that it stays readable. */
const TYPES_NAMED = 50;

export class ObjectPlane {
  #reloader: Reloader | undefined;
  #isClosed = false;
  /** Called for each file that is loaded, fails or is removed. */
  onReload: (event: ReloadEvent) => void = () => undefined;

  constructor(
    private readonly config: Pick<Config, 'typeFolders' | 'typeSettings'> & Partial<Pick<Config, 'typesServed'>>,
    private readonly threads: TypeThreads,
    private readonly log: Log,
  ) {}

  /** Resolves when every file has been tried, with lines for the log about the result. Throws StartError for a type of --types that no file
      defines. */
  async start(): Promise<readonly string[]> {
    const { typeFolders: folders, typeSettings: settings, typesServed = [] } = this.config;
    for (const { path } of folders) {
      const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory();
      if (isDirectory === undefined) {
        this.log.warn(`directory ${path} is missing: no object types are loaded from it until it exists`);
      } else if (!isDirectory) {
        this.log.warn(`${path} is not a directory: no object types are loaded from it`);
      }
    }
    let isStarting = true;
    const reloader = new Reloader({
      folders,
      threads: this.threads,
      loader: new Loader({ settings }),
      prepared: readPreparedCode(),
      served: typesServed,
      settings,
      // At the start the caller logs one line about all types that have loaded.
      log: (level: Level, message: string) => this.log[isStarting && level === 'info' ? 'debug' : level](message),
    });
    this.#reloader = reloader;
    reloader.events.on('reload', (event) => this.onReload(event));
    if (!this.#isClosed) await reloader.start();
    isStarting = false;
    const [unknown] = reloader.undefinedTypes;
    if (unknown !== undefined) throw unknownType(unknown, reloader.definedTypes);
    for (const line of strangersIn(settings, reloader.possibleTypes)) this.log.warn(line);
    const types = [...reloader.catalogue.inForce().keys()].sort();
    const names = types.slice(0, TYPES_NAMED);
    const more = types.length > TYPES_NAMED ? ` and ${types.length - TYPES_NAMED} more` : '';
    return [
      types.length === 0 ? 'no object types are loaded' : `object types: ${names.join(', ')}${more}`,
      `types are loaded from ${folders.map(({ path }) => path).join(', ')}`,
    ];
  }

  /** The types that are served; undefined before the start. */
  get catalogue(): Catalogue | undefined {
    return this.#reloader?.catalogue;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#reloader?.close();
  }
}

function unknownType(name: string, known: readonly string[]): StartError {
  const near = nearName(name, known);
  const hint = near === undefined ? `the types are ${known.slice(0, TYPES_NAMED).join(', ')}` : `did you mean ${near}?`;
  return new StartError(`--types ${name}: no file defines this type; ${hint}`);
}
