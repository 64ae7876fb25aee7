// Two watched directories in a temporary folder, with a stand-in for Lua: a script's first line is its type's name, the
// second what its method `say` answers. A script with `error` in it does not compile.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transformer } from '../../src/native/transformer.js';
import { LoadError } from '../../src/objects/load-error.js';
import { type LoadedType, planParameters } from '../../src/objects/loaded-type.js';
import { type ReloadEvent, Reloader } from '../../src/reload/reloader.js';
import { RegistryTarget } from '../../src/reload/type-target.js';
import { CallHarness } from '../objects/call-harness.js';

export function loadStandIn(text: Uint8Array, file: string): LoadedType {
  const lines = Buffer.from(text).toString('latin1').split('\n');
  const wrong = lines.findIndex((line) => line.includes('error'));
  if (wrong >= 0) throw new LoadError(file, wrong + 1, 'unexpected symbol');
  const [name = '', answer = ''] = lines;
  if (name === '') throw new LoadError(file, 1, 'nothing in it');
  const say = {
    name: 'say',
    summary: '',
    access: 'none' as const,
    plan: planParameters(),
    run: () => answer,
  };
  return { name, summary: '', language: 'lua', file, methods: new Map([['say', say]]), dispose: () => {} };
}

export class Watched {
  readonly root = mkdtempSync(join(tmpdir(), 'cacheismo-reload-'));
  readonly scripts = join(this.root, 'scripts');
  readonly plugins = join(this.root, 'plugins');
  readonly harness = new CallHarness([]);
  readonly logged: string[] = [];
  readonly transformer = new Transformer();
  readonly events: ReloadEvent[] = [];
  readonly reloader: Reloader;
  readonly #waiting: {
    readonly wanted: (event: ReloadEvent) => boolean;
    readonly resolve: (event: ReloadEvent) => void;
  }[] = [];

  constructor() {
    mkdirSync(this.scripts);
    mkdirSync(this.plugins);
    this.reloader = new Reloader({
      folders: [
        { path: this.scripts, language: 'lua' },
        { path: this.plugins, language: 'typescript' },
      ],
      target: new RegistryTarget(this.harness.registry, loadStandIn),
      transformer: this.transformer,
      log: (_level, message) => this.logged.push(message),
    });
    this.reloader.events.on('reload', (event) => {
      this.events.push(event);
      for (const waiting of this.#waiting.splice(0)) {
        if (waiting.wanted(event)) waiting.resolve(event);
        else this.#waiting.push(waiting);
      }
    });
  }

  /** The next event about the file, with the outcome if one is given. Ask before making the change. */
  next(file: string, outcome?: ReloadEvent['outcome']): Promise<ReloadEvent> {
    const wanted = (event: ReloadEvent) => event.file === file && (outcome ?? event.outcome) === event.outcome;
    return new Promise((resolve) => this.#waiting.push({ wanted, resolve }));
  }

  async close(): Promise<void> {
    await this.reloader.close();
    await this.transformer.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}
