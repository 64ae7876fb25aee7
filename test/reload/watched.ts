// Two watched directories in a temporary folder, whose types are loaded like in the server.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptLoader } from '../../src/languages/lua/host/load-script.js';
import { Loader } from '../../src/reload/loader.js';
import type { ReloadEvent } from '../../src/reload/reload-report.js';
import { Reloader, type ReloaderParts } from '../../src/reload/reloader.js';
import { StagedTypes } from '../../src/reload/staged-types.js';
import { CallHarness } from '../objects/call-harness.js';

/** A script whose method `say` returns a text. */
export function luaType(type: string, answer: string): string {
  return `return {\n  name = "${type}", methods = { say = { access = "create", run = function() return "${answer}" end } },\n}\n`;
}

/** The same as a plugin. */
export function pluginType(type: string, answer: string, imports = ''): string {
  return `${imports}import { defineType, method } from 'cacheismo';
export default defineType({
  name: '${type}',
  methods: { say: method({ access: 'create', run: () => ${answer} }) },
});
`;
}

export class Watched {
  readonly root = mkdtempSync(join(tmpdir(), 'cacheismo-reload-'));
  scripts = join(this.root, 'scripts');
  readonly plugins = join(this.root, 'plugins');
  readonly harness = new CallHarness([]);
  /** Lines of the log at its usual level. */
  readonly logged: string[] = [];
  /** All lines, each with its level. */
  readonly leveled: string[] = [];
  loader = new Loader();
  readonly events: ReloadEvent[] = [];
  reloader: Reloader;
  readonly #waiting: {
    readonly wanted: (event: ReloadEvent) => boolean;
    readonly resolve: (event: ReloadEvent) => void;
  }[] = [];

  constructor() {
    mkdirSync(this.scripts);
    mkdirSync(this.plugins);
    this.reloader = this.#make({});
  }

  /** Replaces a reloader that has not started by another one. */
  restart(parts: Partial<ReloaderParts> = {}): void {
    this.reloader = this.#make(parts);
  }

  #make(parts: Partial<ReloaderParts>): Reloader {
    const reloader = new Reloader({
      folders: [
        { path: this.scripts, language: 'lua', label: 'scripts', rank: 0 },
        { path: this.plugins, language: 'typescript', label: 'plugins', rank: 1 },
      ],
      threads: new StagedTypes(this.harness.registry, new ScriptLoader()),
      loader: this.loader,
      log: (level, message) => {
        this.leveled.push(`${level} ${message}`);
        if (level !== 'debug') this.logged.push(message);
      },
      ...parts,
    });
    reloader.events.on('reload', (event) => {
      this.events.push(event);
      for (const waiting of this.#waiting.splice(0)) {
        if (waiting.wanted(event)) waiting.resolve(event);
        else this.#waiting.push(waiting);
      }
    });
    return reloader;
  }

  /** The next event about the file, with the outcome if one is given. Ask before making the change. */
  next(file: string, outcome?: ReloadEvent['outcome']): Promise<ReloadEvent> {
    const wanted = (event: ReloadEvent) => event.file === file && (outcome ?? event.outcome) === event.outcome;
    return new Promise((resolve) => this.#waiting.push({ wanted, resolve }));
  }

  async close(): Promise<void> {
    await this.reloader.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}
