// The types that the reload benchmark saves: in both languages, as long as those that ship, with a method that returns their version.

import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../host/servers.js';

export interface SavedLanguage {
  readonly name: string;
  readonly file: string;
  /** The shipped type to which the method with the version is added. */
  readonly model: string;
  readonly methodsStart: string;
  method(version: number): string;
}

export const LANGUAGES: readonly SavedLanguage[] = [
  {
    name: 'script',
    file: 'probe.lua',
    model: 'scripts/lease.lua',
    methodsStart: 'methods = {',
    method: (version) => `version = { access = "create", run = function() return "version ${version}" end },`,
  },
  {
    name: 'plugin',
    file: 'probe.ts',
    model: 'plugins/lease.ts',
    methodsStart: 'methods: {',
    method: (version) => `version: method({ access: 'create', run: () => 'version ${version}' }),`,
  },
];

type Write = (path: string, text: string) => void;

/** The two ways in which editors save: by overwriting the file, and by renaming a new one. */
export const SAVES_BY: Readonly<Record<string, Write>> = {
  'written over': (path, text) => writeFileSync(path, text),
  'renamed into place': (path, text) => {
    writeFileSync(`${path}~`, text);
    renameSync(`${path}~`, path);
  },
};

/** A directory with one type in it. */
export class SavedType implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'cacheismo-reload-'));
  readonly #model: string;
  #version = 0;

  constructor(private readonly language: SavedLanguage) {
    this.#model = readFileSync(join(projectFolder(), language.model), 'utf8');
    this.save('written over');
  }

  /** One directory for both languages, so that no type that ships shadows it. */
  get flags(): readonly string[] {
    return ['--scripts', this.#folder, '--plugins', this.#folder];
  }

  /** Saves the next version; returns the reply that its method will give. */
  save(by: string): string {
    const { methodsStart, method, file } = this.language;
    const version = ++this.#version;
    const text = this.#model.replace(methodsStart, `${methodsStart}\n    ${method(version)}`);
    SAVES_BY[by](join(this.#folder, file), text);
    return `version ${version}`;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Calls the type's method that returns its version. */
export const VERSION_REQUEST = 'get lease:version:k\r\n';
