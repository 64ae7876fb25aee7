// Loads CommonJS files of the bundle together with the code that V8 made of them when the package was built: compiling them takes longer than
// all else at a start. V8 compiles a file itself if there is no such code, or if it comes from another version of Node or other flags of V8.

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

const ENDING = '.cache';
/** Around a CommonJS file, as Node has it, with a function for `import()`, which Node offers to scripts only as an experiment: the build
 * replaces the expression by a call (.bundle.mjs). */
const WRAPPER = ['(function (exports, require, module, __filename, __dirname, __import) {', '\n})'] as const;

type Load = (
  exports: object,
  require: (id: string) => unknown,
  module: { exports: object },
  path: string,
  directory: string,
  importModule: (id: string) => Promise<unknown>,
) => void;

export class CompiledFiles {
  readonly #scripts = new Map<string, Script>();
  readonly #modules = new Map<string, { exports: object }>();
  readonly #require: NodeJS.Require;

  /** The directory ends with a slash. */
  constructor(private readonly directory: string) {
    this.#require = createRequire(directory);
  }

  /** The exports of a CommonJS file of the directory, which is in ASCII. */
  load(name: string): object {
    const known = this.#modules.get(name);
    if (known !== undefined) return known.exports;
    const path = this.directory + name;
    const script = new Script(WRAPPER.join(readFileSync(path, 'latin1')), {
      // Stack traces show it; as a URL, as those of modules have it.
      filename: pathToFileURL(path).href,
      cachedData: compiledCode(path),
    });
    this.#scripts.set(path, script);
    const module = { exports: {} };
    this.#modules.set(name, module);
    const run = script.runInThisContext() as Load;
    run(
      module.exports,
      (id) => this.#resolve(id),
      module,
      path,
      this.directory,
      (id) => import(id),
    );
    return module.exports;
  }

  /** Writes the code of the functions that have been called. */
  save(): void {
    for (const [path, script] of this.#scripts) writeFileSync(path + ENDING, script.createCachedData());
  }

  #resolve(id: string): unknown {
    return id.startsWith('./') ? this.load(id.slice(2)) : this.#require(id);
  }
}

function compiledCode(path: string): Buffer | undefined {
  try {
    return readFileSync(path + ENDING);
  } catch {
    return undefined;
  }
}
