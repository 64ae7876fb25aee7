// An object type of a script in the original's style: recognised by the global table of functions that it sets, called with the command,
// the keys and the raw arguments.

import { LoadError } from '../../../objects/types/load-error.js';
import type { InvocationContext, LoadedMethod, LoadedType } from '../../../objects/types/loaded-type.js';
import { ANY_ARGUMENTS } from '../../../objects/types/parameter-plan.js';
import type { ArgumentSlices } from '../../../tables/argument-slices.js';
import { MethodError } from '../../../tables/call-errors.js';
import { activeCall } from '../host/active-call.js';
import type { Sandbox } from '../host/sandbox.js';
import { isFunction, textValue } from '../libraries/host-functions.js';
import type { LuaTable, TValue } from '../vm/fengari-types.js';
import { LuaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { STRING, TABLE } from '../vm/tags.js';
import { rawField } from '../vm/vm-access.js';
import { pushSlot } from '../vm/vm-calls.js';
import { CommandHandle } from './legacy-command.js';
import type { LegacyScripts, OriginalScript } from './legacy-scripts.js';

const TYPE_NAME = /^[a-z][a-z0-9_]{0,31}$/;
const METHOD_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,31}$/;

/** The definition in a script in the original's style. */
export interface OriginalDefinition {
  readonly name: string;
  readonly methods: readonly string[];
}

/** `sandbox` and `before`: a state in which the script has just run, and the globals from before. Undefined when it sets no table of
    functions. Throws LoadError when it sets several. */
export function originalDefinition(
  file: string,
  sandbox: Sandbox,
  before: ReadonlyMap<string, unknown>,
): OriginalDefinition | undefined {
  const tables = functionTables(sandbox, before);
  if (tables.size === 0) return undefined;
  const baseName = file.replace(/^.*\//, '').replace(/\.lua$/, '');
  const name = tables.has(baseName) ? baseName : tables.size === 1 ? [...tables.keys()][0] : undefined;
  if (name === undefined) {
    throw new LoadError(file, undefined, `sets ${tables.size} tables of functions, none named ${baseName}`);
  }
  return { name, methods: tables.get(name) as string[] };
}

export class LegacyType implements LoadedType {
  readonly language = 'lua';
  readonly summary = "a script in the original's style";
  readonly name: string;
  readonly file: string;
  readonly methods: ReadonlyMap<string, LoadedMethod>;

  constructor(
    private readonly scripts: LegacyScripts,
    private readonly script: OriginalScript,
    { name, methods }: OriginalDefinition,
  ) {
    this.file = script.file;
    this.name = name;
    this.methods = new Map(methods.map((method) => [method, this.#method(method)]));
    scripts.introduce(script);
  }

  get keptBytes(): number {
    return this.scripts.keptBytes;
  }

  get restarts(): number {
    return this.scripts.restarts;
  }

  dispose(): void {
    this.scripts.remove(this.script);
  }

  #method(name: string): LoadedMethod {
    return {
      name,
      summary: '',
      access: 'original',
      plan: ANY_ARGUMENTS,
      run: (_self, spans, call) => {
        this.#run(name, spans, call);
        return undefined;
      },
    };
  }

  #run(name: string, spans: ArgumentSlices, call: InvocationContext): void {
    const { budget } = call;
    const bytesBefore = budget.bytesLeft;
    this.scripts.activate(this.script);
    const { sandbox, func } = this.#function(name);
    meter.begin(budget);
    activeCall.begin(call);
    try {
      const last = call.request.dataLength === undefined ? undefined : spans.string(spans.count - 1);
      sandbox.call(func, (L) => {
        pushSlot(L).setuvalue(new CommandHandle(call, last));
        pushSlot(L).setsvalue(new LuaString(null, call.request.virtualKey));
        pushSlot(L).setsvalue(new LuaString(null, call.key));
        for (let index = 0; index < spans.count; index++) {
          pushSlot(L).setsvalue(new LuaString(null, spans.string(index)));
        }
      });
    } finally {
      activeCall.end();
      if (!sandbox.settle(bytesBefore - budget.bytesLeft)) this.scripts.discard();
    }
  }

  /** Looked up for each call, since scripts may replace their functions. A function that a script has removed exists again in a new
      state. */
  #function(name: string): { readonly sandbox: Sandbox; readonly func: TValue } {
    const sandbox = this.scripts.sandbox();
    const func = this.#found(sandbox, name);
    if (func !== undefined) return { sandbox, func };
    const failure = this.scripts.failureOf(this.file);
    if (failure !== undefined) throw new MethodError(failure);
    this.scripts.discard();
    const fresh = this.scripts.sandbox();
    const again = this.#found(fresh, name);
    if (again !== undefined) return { sandbox: fresh, func: again };
    throw new MethodError(this.scripts.failureOf(this.file) ?? `${this.name}.${name} is no function any more`);
  }

  #found(sandbox: Sandbox, name: string): TValue | undefined {
    const table = sandbox.getGlobal(this.name);
    if (table.type !== TABLE) return undefined;
    const func = rawField(sandbox.L, table.value as LuaTable, textValue(name));
    return isFunction(func) ? func : undefined;
  }
}

/** Names of the functions of each global table that a script set. */
function functionTables(sandbox: Sandbox, before: ReadonlyMap<string, unknown>): Map<string, string[]> {
  const tables = new Map<string, string[]>();
  for (const { key, value } of sandbox.globals.strong.values()) {
    if (key.type !== STRING || value.type !== TABLE) continue;
    const name = (key.value as LuaString).text;
    if (!TYPE_NAME.test(name) || before.get(name) === value.value) continue;
    const functions = [...(value.value as LuaTable).strong.values()].filter((field) => isFunction(field.value));
    const names = functions.map((field) => (field.key.type === STRING ? (field.key.value as LuaString).text : ''));
    const methods = names.filter((method) => METHOD_NAME.test(method));
    if (methods.length > 0) tables.set(name, methods);
  }
  return tables;
}
