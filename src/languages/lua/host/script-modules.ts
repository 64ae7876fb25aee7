// `require` in scripts: runs each module once in a state, and returns its value. Modules run in the state of their type, so what they keep
// counts as kept by the type. The text of modules: module-source.ts.

import { argumentError, checkText, makeValue, pushText, pushValue, textValue } from '../libraries/host-functions.js';
import type { compile } from '../libraries/library-protect.js';
import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable, Native, TValue } from '../vm/fengari-types.js';
import { raise, raiseString } from '../vm/lua-error.js';
import type { LuaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { BOOLEAN, NIL, TABLE } from '../vm/tags.js';
import { rawField } from '../vm/vm-access.js';
import { callWithoutYield } from '../vm/vm-calls.js';
import { type ModuleSource, modulePath, type ScriptModule } from './module-source.js';
import { scriptText } from './script-text.js';

const { ltable } = fengari;

const NAME = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*$/;
/** Lua shows 59 bytes of a chunk's name in messages: `lib/`, this name and `.lua`. */
const LONGEST_NAME = 48;
/** Steps of checking and finding a name. */
const LOOKUP_STEPS = 10;

export class ScriptModules {
  /** The modules that ran, in the order in which they were required. */
  readonly required: ScriptModule[] = [];
  /** The values of modules by name. */
  private readonly loaded: LuaTable;
  /** The names of modules that run, each required by the one before it. */
  readonly #running: string[] = [];
  #isClosed = false;
  /** Whether a script has called `require`. */
  isUsed = false;

  constructor(
    L: LuaState,
    private readonly source: ModuleSource,
    private readonly compileText: typeof compile,
  ) {
    this.loaded = ltable.luaH_new(L);
  }

  /** The root of all that modules keep. */
  get root(): TValue {
    return makeValue(TABLE, this.loaded);
  }

  /** No further module is loaded: a call cannot wait for one to run, and it would see frozen globals. */
  close(): void {
    this.#isClosed = true;
  }

  readonly require: Native = (L) => {
    this.isUsed = true;
    const name = checkText(L, 1, 'require');
    if (name.length > LONGEST_NAME || !NAME.test(name)) {
      argumentError(L, 1, 'require', "a name such as 'money' or 'money.rates' expected");
    }
    meter.charge(LOOKUP_STEPS);
    const known = rawField(L, this.loaded, textValue(name));
    if (known.type !== NIL) return pushValue(L, known);
    const refuse = (reason: string) => raise(L, `require '${name}': ${reason}`);
    if (this.#isClosed) refuse('modules load with the script: call require at its top level');
    if (this.#running.includes(name)) {
      refuse(`modules require each other in a circle: ${[...this.#running, name].join(' -> ')}`);
    }
    const module = this.source.find(name);
    if (module === undefined) return refuse(this.source.whyMissing(name));
    this.required.push(module);
    return this.#run(L, module);
  };

  /** Leaves the module's value on the stack. */
  #run(L: LuaState, { name, text }: ScriptModule): number {
    const off = L.top;
    this.#running.push(name);
    try {
      if (!this.compileText(L, scriptText(text), `@${modulePath(name)}`)) {
        raiseString(L, L.stack[L.top - 1].value as LuaString);
      }
      pushText(L, name);
      callWithoutYield(L, off, 1);
    } finally {
      this.#running.pop();
    }
    L.top = off + 1;
    const value = L.stack[off];
    // As in Lua: a module that returns nothing is true.
    if (value.type === NIL) value.setfrom(makeValue(BOOLEAN, true));
    ltable.luaH_setfrom(L, this.loaded, textValue(name), value);
    return 1;
  }
}
