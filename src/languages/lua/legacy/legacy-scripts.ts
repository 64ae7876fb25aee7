// All scripts in the original's style of one thread. As in the original they share one state: global functions of one are visible to the
// others. The state is created on first use, and again after a kill or a change of a script. Calling methods: legacy-type.ts.

import type { MethodError } from '../../../tables/call-errors.js';
import { Sandbox } from '../host/sandbox.js';
import {
  checkText,
  makeValue,
  optionalText,
  pushNil,
  pushText,
  setTableField,
  textValue,
} from '../libraries/host-functions.js';
import { OLD_TABLE_FUNCTIONS } from '../libraries/library-table.js';
import type { LuaTable, Native, TValue } from '../vm/fengari-types.js';
import { errorLine, errorText, raise } from '../vm/lua-error.js';
import { bytesOf } from '../vm/lua-string.js';
import { NATIVE } from '../vm/tags.js';
import { EXECUTE_FUNCTIONS } from './legacy-execute.js';
import { getHashMap } from './legacy-items.js';
import { marshalFunctions } from './marshal.js';
import { compileOld, PACK_GLOBAL, packArguments } from './old-varargs.js';

export interface OriginalScript {
  readonly file: string;
  readonly source: Uint8Array;
}

const loadstring: Native = (L) => {
  if (compileOld(L, bytesOf(checkText(L, 1, 'loadstring')), optionalText(L, 2, 'loadstring', '=loadstring'))) return 1;
  const message = errorText(L.stack[L.top - 1]);
  return pushNil(L) + pushText(L, message);
};

function unavailable(name: string): Native {
  return (L) => raise(L, `${name} is not available: this server asks no other servers`);
}

const GLOBALS: Readonly<Record<string, Native>> = {
  ...EXECUTE_FUNCTIONS,
  getHashMap,
  // The log's level is the server's business.
  setLogLevel: () => 0,
  loadstring,
  newConsistent: unavailable('newConsistent'),
  deleteConsistent: unavailable('deleteConsistent'),
  [PACK_GLOBAL]: packArguments,
};

/** A state with the original's globals, without scripts. */
export function makeOriginalSandbox(typeMemoryBytes?: number): Sandbox {
  const sandbox = new Sandbox({ compileText: compileOld, typeMemoryBytes });
  const { L } = sandbox;
  for (const [name, native] of Object.entries(GLOBALS)) sandbox.setGlobal(name, makeValue(NATIVE, native));
  sandbox.setGlobal('_VERSION', textValue('Lua 5.1'));
  const table = sandbox.getGlobal('table').value as LuaTable;
  for (const [name, native] of Object.entries({ ...OLD_TABLE_FUNCTIONS, ...marshalFunctions(() => table) })) {
    setTableField(L, table, name, makeValue(NATIVE, native));
  }
  return sandbox;
}

export class LegacyScripts {
  readonly #scripts = new Map<string, OriginalScript>();
  #sandbox: Sandbox | undefined;
  /** Why a script could not be run again in a fresh state, by file. */
  readonly #failures = new Map<string, string>();
  /** How often the state was reset because of what a call did or kept. */
  restarts = 0;

  constructor(private readonly typeMemoryBytes?: number) {}

  get keptBytes(): number {
    return this.#sandbox?.keptBytes ?? 0;
  }

  /** Activates this version of the file. */
  activate(script: OriginalScript): void {
    if (this.#scripts.get(script.file) === script) return;
    this.#scripts.set(script.file, script);
    this.#sandbox = undefined;
  }

  /** The same for a file without an active version; otherwise the active version stays. */
  introduce(script: OriginalScript): void {
    if (!this.#scripts.has(script.file)) this.activate(script);
  }

  remove(script: OriginalScript): void {
    if (this.#scripts.get(script.file) !== script) return;
    this.#scripts.delete(script.file);
    this.#sandbox = undefined;
  }

  /** The shared state, with all scripts run. */
  sandbox(): Sandbox {
    this.#sandbox ??= this.#make();
    return this.#sandbox;
  }

  /** Drops a state after a kill or a change of a script. */
  discard(): void {
    this.restarts++;
    this.#sandbox = undefined;
  }

  failureOf(file: string): string | undefined {
    return this.#failures.get(file);
  }

  /** A fresh state with the given script last, after all others, to see whether and what it loads. */
  probe(
    script: OriginalScript,
    withOthers: boolean,
  ): { sandbox: Sandbox; result: TValue; before: ReadonlyMap<string, unknown> } {
    const sandbox = makeOriginalSandbox(this.typeMemoryBytes);
    if (withOthers) this.#runAll(sandbox, script.file);
    const before = globalsOf(sandbox);
    return { sandbox, result: sandbox.runChunk(script.source, script.file), before };
  }

  #make(): Sandbox {
    const sandbox = makeOriginalSandbox(this.typeMemoryBytes);
    this.#failures.clear();
    // No call may remove the server's functions for the other scripts. Scripts may set their own globals at any time.
    const given = new Set(globalsOf(sandbox).keys());
    this.#runAll(sandbox, undefined);
    sandbox.freezeLibraries();
    sandbox.freezeGlobals(given);
    return sandbox;
  }

  #runAll(sandbox: Sandbox, except: string | undefined): void {
    for (const { file, source } of this.#scripts.values()) {
      if (file === except) continue;
      try {
        sandbox.runChunk(source, file);
      } catch (error) {
        this.#failures.set(file, errorLine((error as MethodError).message));
      }
    }
  }
}

/** Global values by name. */
function globalsOf(sandbox: Sandbox): Map<string, unknown> {
  const globals = new Map<string, unknown>();
  for (const { key, value } of sandbox.globals.strong.values()) {
    const name = key.value as { text?: string };
    if (name.text !== undefined) globals.set(name.text, value.value);
  }
  return globals;
}
