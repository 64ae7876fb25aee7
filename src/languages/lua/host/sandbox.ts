// A Lua state with an environment made from an allow-list. Each type has one of its own; all scripts in the original's style share one.

import { ArgumentError, MethodError, NotAnObjectError, RefusalError } from '../../../tables/call-errors.js';
import { OutOfMemoryError } from '../../../tables/table-store.js';
import { makeLibrary, makeValue, pushValue, setTableField, textValue } from '../libraries/host-functions.js';
import { makeJsonLibrary } from '../libraries/json.js';
import { BASE_FUNCTIONS } from '../libraries/library-base.js';
import { COROUTINE_FUNCTIONS } from '../libraries/library-coroutine.js';
import { makeMathLibrary } from '../libraries/library-math.js';
import { OBJECT_FUNCTIONS } from '../libraries/library-object.js';
import { OS_FUNCTIONS } from '../libraries/library-os.js';
import { compile, PROTECT_FUNCTIONS, refuseNativeErrors } from '../libraries/library-protect.js';
import { installStringMethods, makeStringLibrary } from '../libraries/library-string.js';
import { TABLE_FUNCTIONS, unpack } from '../libraries/library-table.js';
import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable, TValue } from '../vm/fengari-types.js';
import { errorLine, errorText } from '../vm/lua-error.js';
import { meter } from '../vm/meter.js';
import { NATIVE, OK, TABLE, THREAD } from '../vm/tags.js';
import { callWithoutYield } from '../vm/vm-calls.js';
import { activeCall } from './active-call.js';
import { freeze } from './frozen.js';
import { DEFAULT_TYPE_MEMORY_BYTES, KeptMemory } from './kept-memory.js';
import { log } from './lua-call-handle.js';
import type { ModuleSource, ScriptModule } from './module-source.js';
import { ScriptModules } from './script-modules.js';
import { baseName, scriptText } from './script-text.js';
import '../vm/vm.js';
import { rawField } from '../vm/vm-access.js';

const { lstate, ltable, ldo } = fengari;
/** Of a state with its first frame and an empty stack, as for a coroutine. */
const THREAD_STEPS = 32;
const THREAD_BYTES = 1200;
/** Registry index of the globals. */
const GLOBALS = 2;
/** A stack that grew beyond this is truncated after the call, so that it keeps nothing alive. */
const KEPT_STACK_BYTES = 64 * 1024;

interface SandboxOptions {
  readonly compileText?: typeof compile | undefined;
  /** Memory that scripts may keep outside of objects between calls. */
  readonly typeMemoryBytes?: number | undefined;
  /** What `require` finds; without it there is no `require`. */
  readonly modules?: ModuleSource | undefined;
}

export class Sandbox {
  private readonly compileText: typeof compile;
  readonly L: LuaState;
  readonly globals: LuaTable;
  readonly #libraries: Readonly<Record<string, LuaTable>>;
  /** The roots of everything that scripts can reach in a later call. */
  readonly #roots: TValue[];
  readonly #kept: KeptMemory;
  readonly #modules: ScriptModules | undefined;

  constructor({ compileText = compile, typeMemoryBytes = DEFAULT_TYPE_MEMORY_BYTES, modules }: SandboxOptions = {}) {
    this.compileText = compileText;
    meter.beginLoading();
    this.L = lstate.lua_newstate();
    const { L } = this;
    L.l_G.atnativeerror = refuseNativeErrors;
    installStringMethods(L);
    this.globals = ltable.luaH_getint(L.l_G.l_registry.value as LuaTable, GLOBALS).value as LuaTable;
    for (const [name, native] of Object.entries({ ...BASE_FUNCTIONS, ...PROTECT_FUNCTIONS, print: log, unpack })) {
      this.setGlobal(name, makeValue(NATIVE, native));
    }
    this.setGlobal('_G', makeValue(TABLE, this.globals));
    this.#roots = [makeValue(TABLE, this.globals), makeValue(THREAD, L)];
    this.#kept = new KeptMemory(typeMemoryBytes, this.#roots);
    this.setGlobal('_VERSION', textValue('Lua 5.3'));
    const libraries = {
      string: makeStringLibrary(L),
      table: makeLibrary(L, TABLE_FUNCTIONS),
      math: makeMathLibrary(L),
      os: makeLibrary(L, OS_FUNCTIONS),
      coroutine: makeLibrary(L, COROUTINE_FUNCTIONS),
      object: makeLibrary(L, OBJECT_FUNCTIONS),
      json: makeJsonLibrary(L),
    };
    for (const [name, library] of Object.entries(libraries)) this.setGlobal(name, makeValue(TABLE, library));
    this.#libraries = libraries;
    if (modules === undefined) return;
    this.#modules = new ScriptModules(L, modules, compileText);
    this.#roots.push(this.#modules.root);
    this.setGlobal('require', makeValue(NATIVE, this.#modules.require));
  }

  /** The modules that scripts have required. */
  get required(): readonly ScriptModule[] {
    return this.#modules?.required ?? [];
  }

  get requiresModules(): boolean {
    return this.#modules?.isUsed === true;
  }

  /** Freezes the libraries after the scripts have run, so that no call changes them for later ones. */
  freezeLibraries(): void {
    for (const [name, library] of Object.entries(this.#libraries)) freeze(this.L, library, name);
  }

  /** Freezes the globals: all of them if each type has its own, or only these if scripts share them. Modules are loaded before that. */
  freezeGlobals(only?: ReadonlySet<string>): void {
    this.#modules?.close();
    freeze(this.L, this.globals, '_G', only);
  }

  /** Functions that the host calls. */
  addRoots(functions: Iterable<TValue>): void {
    this.#roots.push(...functions);
  }

  setGlobal(name: string, value: TValue): void {
    setTableField(this.L, this.globals, name, value);
  }

  getGlobal(name: string): TValue {
    return rawField(this.L, this.globals, textValue(name));
  }

  /** Compiles and runs a script's text under the loading budget; its first result. Throws MethodError with `name:line: reason`, the
      name without its folder. */
  runChunk(source: Uint8Array, file: string): TValue {
    meter.beginLoading();
    const { L } = this;
    L.top = 1;
    if (!this.compileText(L, scriptText(source), `@${baseName(file)}`))
      throw new MethodError(errorLine(errorText(L.stack[L.top - 1])));
    return this.call(L.stack[L.top - 1], () => {});
  }

  /** Calls a function with the arguments that `pushArguments` pushes; returns its first result, which is valid until the next call. Throws
      MethodError when the script fails, or the error that ended the call otherwise; then the state must not be used again. */
  call(func: TValue, pushArguments: (L: LuaState) => void, L = this.L): TValue {
    L.top = 1;
    pushValue(L, func);
    pushArguments(L);
    return this.finishCall(L);
  }

  /** Calls the function in the stack's first slot with the arguments after it. */
  finishCall(L: LuaState): TValue {
    const { ci, nny } = L;
    let status: number;
    try {
      status = ldo.luaD_pcall(L, callFirst, 1, 1, 0);
    } catch (thrown) {
      // Fengari forgets its frames only after errors of its own.
      L.ci = ci;
      L.nny = nny;
      L.top = 1;
      throw thrown;
    }
    if (meter.fatal !== undefined) throw meter.fatal;
    const result = L.stack[1];
    L.top = 1;
    if (status !== OK) throw new MethodError(errorLine(errorText(result)));
    return result;
  }

  /** A stack of its own, for a call while another one is under way in this state. */
  makeThread(): LuaState {
    meter.charge(THREAD_STEPS);
    meter.chargeBytes(THREAD_BYTES);
    const thread = lstate.lua_newthread(this.L);
    this.L.top--;
    thread.nCcalls = activeCall.nativeCalls;
    return thread;
  }

  /** Bytes that scripts keep in this state outside of objects. */
  get keptBytes(): number {
    return this.#kept.measure();
  }

  /** Records the memory that the ended call allocated, and truncates a large stack, unless an outer call uses it. False when the state must not be used again: it may be
      inconsistent if the call was ended from outside. */
  settle(usedBytes: number, isNested = false): boolean {
    meter.finish();
    if (usedBytes > KEPT_STACK_BYTES && !isNested) {
      const { stack } = this.L;
      const { length } = stack;
      stack.length = 2;
      stack.length = length;
    }
    return (meter.fatal === undefined || isExpected(meter.fatal)) && this.#kept.note(usedBytes);
  }
}

function callFirst(L: LuaState, off: number): void {
  callWithoutYield(L, off, 1);
}

/** Errors with which the host rejects a request cleanly. Clients can cause them, so they must not cost a state. */
function isExpected(error: unknown): boolean {
  return (
    error instanceof MethodError ||
    error instanceof ArgumentError ||
    error instanceof NotAnObjectError ||
    error instanceof RefusalError ||
    error instanceof OutOfMemoryError
  );
}
