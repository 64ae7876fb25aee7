// Loads object types for tests in this thread. A server examines files in a thread that it can end (reload/loader.ts); a test that hangs is
// ended by its runner.

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PACKAGE_ROOT } from '../../base/package-root.js';
import { type PreparedCode, readPreparedCode } from '../../languages/typescript/prepared-code.js';
import { shownName } from '../../objects/types/contained-file.js';
import { LoadError } from '../../objects/types/load-error.js';
import type { Language } from '../../objects/types/loaded-type.js';
import type { Registry } from '../../objects/types/registry.js';
import { type GivenSettings, strangersIn } from '../../objects/types/type-settings.js';
import { type Examined, examineFile } from '../../reload/examine.js';
import { examinePrepared, isPrepared } from '../../reload/examine-prepared.js';
import { isTypeFile, stem, type TypeFolder, typeFilesOf } from '../../reload/type-file.js';
import { makeType } from '../../reload/type-source.js';
import type { LateLua } from './late-lua.js';
import { LateType } from './late-type.js';

/** Types of the user shadow those that ship, and scripts shadow plugins. */
const RANK: Readonly<Record<Language, number>> = { lua: 0, typescript: 1 };
const SHIPPED_RANK = 2;
/** Those in TypeScript shadow those in Lua, as on a server. */
const SHIPPED: readonly Omit<TypeFolder, 'path'>[] = [
  { language: 'typescript', label: 'cacheismo/plugins', rank: SHIPPED_RANK },
  { language: 'lua', label: 'cacheismo/scripts', rank: SHIPPED_RANK + 1 },
];
const LANGUAGES: readonly Language[] = ['lua', 'typescript'];
const DEFAULT_FOLDERS = ['scripts', 'plugins'];

export class TypesForTests {
  #replaces = false;

  constructor(
    private readonly registry: Registry,
    private readonly scripts: LateLua,
    /** What the configuration sets for types. */
    private readonly settings: GivenSettings,
  ) {}

  /** Those whose text the build has examined are loaded when they are first used. */
  async loadShipped(): Promise<void> {
    const prepared = readPreparedCode();
    for (const kind of SHIPPED) {
      const folder = { ...kind, path: PACKAGE_ROOT + basename(kind.label) };
      for (const file of typeFilesOf(folder)) {
        if (this.registry.find(stem(file)) !== undefined) continue;
        const isLate = isPrepared(folder, file, prepared) && !Object.hasOwn(this.settings.types, stem(file));
        if (isLate) await this.#installLate(folder, file, prepared);
        else this.#install(await this.#examine(folder, file), folder.rank);
      }
    }
  }

  /** The same, in place of types of these names from other files. */
  async replace(paths: readonly string[]): Promise<void> {
    this.#replaces = true;
    await this.load(paths);
  }

  /** Files, and directories of them. Throws LoadError. */
  async load(paths: readonly string[] = DEFAULT_FOLDERS.filter(existsSync)): Promise<void> {
    for (const given of paths) {
      const path = given.startsWith('file:') ? fileURLToPath(given) : given;
      const full = resolve(path);
      if (isDirectory(full)) {
        for (const { folder, file } of filesOf(full)) this.#install(await this.#examine(folder, file), folder.rank);
        continue;
      }
      const folder = foldersOf(dirname(full)).find((candidate) => isTypeFile(candidate, full));
      if (folder === undefined || !existsSync(full)) throw new LoadError(path, undefined, notAType(full));
      const examined = await this.#examine(folder, full);
      if (examined.source === undefined)
        throw new LoadError(path, undefined, examined.helper ?? 'defines no object type');
      this.#install(examined, folder.rank);
    }
  }

  /** What of a directory can be loaded. */
  async loadBeside(directory: string): Promise<void> {
    for (const { folder, file } of filesOf(resolve(directory))) {
      try {
        this.#install(await this.#examine(folder, file), folder.rank);
      } catch (thrown) {
        if (!(thrown instanceof LoadError)) throw thrown;
      }
    }
  }

  /** Throws if the configuration sets a type that was not loaded. */
  refuseStrangers(): void {
    const [line] = strangersIn(
      this.settings,
      this.registry.list().map(({ name }) => name),
    );
    if (line !== undefined) throw new Error(line);
  }

  async #examine(folder: TypeFolder, path: string): Promise<Examined> {
    const examined = await examineFile(folder, path, {
      settings: this.settings,
      scripts: () => this.scripts.loader(),
      transform: async () => (await import('../../languages/typescript/transform.js')).transform,
    });
    const { failure } = examined;
    if (failure !== undefined) throw new LoadError(failure.file, failure.line, failure.reason);
    return examined;
  }

  /** A file of a directory that defines no type is skipped. */
  #install({ source }: Examined, rank: number): void {
    if (source === undefined) return;
    const holder = this.registry.holderOf(source.name, rank);
    if (this.#replaces && holder !== undefined && holder.file !== source.file) this.registry.remove(holder.file);
    this.registry.install(makeType(source, this.scripts, true), undefined, rank);
  }

  async #installLate(folder: TypeFolder, path: string, prepared: PreparedCode): Promise<void> {
    const { language, rank } = folder;
    // Promises do not settle within a call.
    if (language === 'lua') await this.scripts.loader();
    const file = shownName(folder, path);
    const type = new LateType(stem(path), language, file, () => {
      const source = examinePrepared(folder, path, prepared, this.settings)?.source;
      if (source === undefined)
        throw new LoadError(file, undefined, 'imports a module that has changed: build the package again');
      return makeType(source, this.scripts, false);
    });
    this.registry.install(type, undefined, rank);
  }
}

function filesOf(directory: string): { folder: TypeFolder; file: string }[] {
  return foldersOf(directory).flatMap((folder) => typeFilesOf(folder).map((file) => ({ folder, file })));
}

/** Messages name files as the user sees them from the working directory. */
function foldersOf(path: string): TypeFolder[] {
  const label = relative(process.cwd(), path);
  return LANGUAGES.map((language) => ({ path, language, label, rank: RANK[language] }));
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function notAType(path: string): string {
  return existsSync(path) ? 'is neither a .lua nor a .ts object type' : 'does not exist';
}
