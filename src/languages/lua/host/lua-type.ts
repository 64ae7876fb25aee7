// Object types written in Lua: loads a script that returns a type's definition, and calls its methods. Scripts in the
// original's style are recognised and loaded in src/languages/lua/legacy.

import { checkCount } from '../../../objects/arguments/convert-arguments.js';
import type { InvocationContext, LoadedMethod, LoadedType, RawResult } from '../../../objects/types/loaded-type.js';
import {
  checkManifest,
  type Manifest,
  type ManifestData,
  type ManifestMethod,
  planManifest,
} from '../../../objects/types/manifest.js';
import type { Missing, Retention, Settings } from '../../../objects/types/object-type.js';
import type { MethodPlan } from '../../../objects/types/parameter-plan.js';
import { NOTHING_GIVEN, settingsOf } from '../../../objects/types/type-settings.js';
import type { ArgumentSlices } from '../../../tables/argument-slices.js';
import { MethodError } from '../../../tables/call-errors.js';
import { JsonText } from '../../../tables/json-text.js';
import type { StoredTable } from '../../../tables/table-store.js';
import type { LuaState, TValue } from '../vm/fengari-types.js';
import { meter } from '../vm/meter.js';
import { STRING } from '../vm/tags.js';
import { pushSlot } from '../vm/vm-calls.js';
import { activeCall } from './active-call.js';
import { ArgumentsTable } from './arguments-table.js';
import { readDefinition } from './definition.js';
import { CallHandle } from './lua-call-handle.js';
import { resultOf } from './lua-result.js';
import { LuaTableProxy } from './lua-table-proxy.js';
import { type ModuleSource, modulePath, NO_MODULES, recordedModules, type ScriptModule } from './module-source.js';
import { Sandbox } from './sandbox.js';
import { giveConfig } from './script-config.js';
import { besideOf, loading } from './script-failure.js';

/** A script's text and the definition that examining it has found. */
interface LuaTypeSource {
  readonly name: string;
  readonly file: string;
  readonly text: Uint8Array;
  /** Called at most once, when the type is first used. */
  readonly definition: () => ManifestData;
  readonly modules: readonly ScriptModule[];
  /** Undefined if it declares none. */
  readonly settings: Settings | undefined;
}

/** Runs a script that returns its definition, and makes its type. Throws LoadError. */
export function loadLuaType(
  text: Uint8Array,
  file: string,
  typeMemoryBytes?: number,
  modules: ModuleSource = NO_MODULES,
): LuaType {
  const sandbox = new Sandbox({ modules });
  const { data, mistakes } = loading(file, () => readDefinition(file, sandbox.runChunk(text, file)));
  checkManifest(file, data, mistakes, { language: 'lua', text });
  const definition = data as ManifestData;
  const { name, config } = definition;
  const settings = settingsOf({ name, file, config }, NOTHING_GIVEN);
  const source = { name, file, text, definition: () => definition, modules: sandbox.required, settings };
  const type = new LuaType(source, typeMemoryBytes);
  type.ready();
  return type;
}

/** The `call` of every method: it refers to the running call. */
const CALL_HANDLE = new CallHandle();

/** The data of a method that stays between calls, until the script's state is replaced. */
class MethodState {
  /** The script's function, once it has been called. */
  run: TValue | undefined;

  constructor(
    readonly name: string,
    readonly plan: MethodPlan,
    readonly table = new ArgumentsTable(plan),
  ) {}

  forget(): void {
    this.run = undefined;
    this.table.forget();
  }
}

/** Everything is created on first use: of thousands of types a thread calls few. */
export class LuaType implements LoadedType {
  readonly language = 'lua';
  readonly name: string;
  readonly file: string;
  restarts = 0;
  #plan: { readonly manifest: Manifest; readonly methods: ReadonlyMap<string, LoadedMethod> } | undefined;
  #sandbox: Sandbox | undefined;
  #runs: ReadonlyMap<string, TValue> | undefined;
  #migrate: TValue | undefined;
  #methods: readonly MethodState[] = [];

  constructor(
    private readonly source: LuaTypeSource,
    private readonly typeMemoryBytes: number | undefined,
  ) {
    this.name = source.name;
    this.file = source.file;
  }

  get summary(): string {
    return this.#planned().manifest.summary;
  }

  get missing(): Missing {
    return this.#planned().manifest.missing;
  }

  get retention(): Retention {
    return this.#planned().manifest.retention;
  }

  get version(): number {
    return this.#planned().manifest.version;
  }

  get methods(): ReadonlyMap<string, LoadedMethod> {
    return this.#planned().methods;
  }

  get uses(): readonly string[] {
    return this.source.modules.map(({ name }) => besideOf(this.file, modulePath(name)));
  }

  get keptBytes(): number {
    return this.#sandbox?.keptBytes ?? 0;
  }

  dispose(): void {
    this.#sandbox = undefined;
    this.#runs = undefined;
    this.#migrate = undefined;
    for (const method of this.#methods) method.forget();
  }

  /** Runs the script now, so that the first call does not have to. Throws LoadError. */
  ready(): void {
    if (this.#sandbox === undefined) this.#start();
  }

  #planned(): { readonly manifest: Manifest; readonly methods: ReadonlyMap<string, LoadedMethod> } {
    if (this.#plan !== undefined) return this.#plan;
    const manifest = planManifest(this.file, this.source.definition());
    const states: MethodState[] = [];
    const methods = manifest.methods.map((method) => {
      const state = new MethodState(method.name, method.plan);
      states.push(state);
      return [method.name, this.#method(method, state)] as const;
    });
    this.#methods = states;
    this.#plan = { manifest, methods: new Map(methods) };
    return this.#plan;
  }

  /** Runs the script in a fresh state. */
  #start(): void {
    const { text, file, modules, settings } = this.source;
    const sandbox = new Sandbox({ typeMemoryBytes: this.typeMemoryBytes, modules: recordedModules(modules) });
    for (const method of this.#methods) method.forget();
    const { runs, migrate } = loading(file, () => readDefinition(file, sandbox.runChunk(text, file)));
    sandbox.addRoots(migrate === undefined ? runs.values() : [...runs.values(), migrate]);
    if (settings !== undefined) sandbox.addRoots([giveConfig(sandbox.L, settings)]);
    sandbox.freezeLibraries();
    sandbox.freezeGlobals();
    this.#sandbox = sandbox;
    this.#runs = runs;
    this.#migrate = migrate;
  }

  /** Drops the state; the next call starts with the state after loading. A nested call may have dropped it before. */
  #discardIf(sandbox: Sandbox): void {
    if (this.#sandbox !== sandbox) return;
    this.dispose();
    this.restarts++;
  }

  #method({ name, summary, access, usesReserve, plan }: ManifestMethod, state: MethodState): LoadedMethod {
    return {
      name,
      summary,
      access,
      usesReserve,
      plan,
      run: (self, spans, call) => {
        if (spans.count < plan.minimum || spans.count > plan.maximum) checkCount(plan, spans.count);
        return this.#run(state, self, spans, call);
      },
    };
  }

  #runOf(name: string): TValue {
    const run = this.#runs?.get(name);
    if (run === undefined) throw new MethodError('the script did not define this method when it was run again');
    return run;
  }

  #run(method: MethodState, self: StoredTable | undefined, spans: ArgumentSlices, call: InvocationContext): RawResult {
    this.ready();
    const sandbox = this.#sandbox as Sandbox;
    if (call.isNested) return this.#runNested(sandbox, method, self, spans, call);
    const { L } = sandbox;
    const { budget } = call;
    const bytesBefore = budget.bytesLeft;
    meter.begin(budget);
    activeCall.begin(call);
    try {
      const args = method.table.fill(L, spans);
      L.top = 1;
      method.run ??= this.#runOf(method.name);
      pushSlot(L).setfrom(method.run);
      pushSlot(L).setuvalue(new LuaTableProxy(self as StoredTable));
      pushSlot(L).sethvalue(args);
      pushSlot(L).setuvalue(CALL_HANDLE);
      return resultOf(sandbox, sandbox.finishCall(L), L);
    } finally {
      activeCall.end();
      if (!sandbox.settle(bytesBefore - budget.bytesLeft)) this.#discardIf(sandbox);
    }
  }

  /** The same for a method that another one has called, while this state may be in use: on a stack and with a table of arguments of its own.
      A table as its result stays apart from a text. */
  #runNested(
    sandbox: Sandbox,
    method: MethodState,
    self: StoredTable | undefined,
    spans: ArgumentSlices,
    call: InvocationContext,
  ): RawResult {
    const { budget } = call;
    const bytesBefore = budget.bytesLeft;
    const { nativeCalls } = activeCall;
    meter.begin(budget);
    activeCall.begin(call);
    try {
      const L = sandbox.makeThread();
      const args = new ArgumentsTable(method.plan).fill(L, spans);
      method.run ??= this.#runOf(method.name);
      pushSlot(L).setfrom(method.run);
      pushSlot(L).setuvalue(new LuaTableProxy(self as StoredTable));
      pushSlot(L).sethvalue(args);
      pushSlot(L).setuvalue(CALL_HANDLE);
      const value = sandbox.finishCall(L);
      const isText = value.type === STRING;
      const result = resultOf(sandbox, value, L);
      return typeof result === 'string' && !isText ? new JsonText(result) : result;
    } finally {
      activeCall.end(nativeCalls);
      if (!sandbox.settle(bytesBefore - budget.bytesLeft, true)) this.#discardIf(sandbox);
    }
  }

  /** Runs the script's `migrate`, possibly while a method of this or of another script runs. */
  migrate(self: StoredTable, from: number, call: InvocationContext): void {
    const run = () => this.#runMigrate(self, from, call);
    if (activeCall.context === undefined) run();
    else activeCall.within(run);
  }

  #runMigrate(self: StoredTable, from: number, call: InvocationContext): void {
    this.ready();
    const sandbox = this.#sandbox as Sandbox;
    const { budget } = call;
    const bytesBefore = budget.bytesLeft;
    const { nativeCalls } = activeCall;
    meter.begin(budget);
    activeCall.begin(call);
    try {
      if (this.#migrate === undefined) throw new MethodError('the script did not define it when it was run again');
      const pushArguments = (L: LuaState) => {
        pushSlot(L).setuvalue(new LuaTableProxy(self));
        pushSlot(L).setfltvalue(from);
      };
      sandbox.call(this.#migrate, pushArguments, sandbox.makeThread());
    } finally {
      activeCall.end(nativeCalls);
      if (!sandbox.settle(bytesBefore - budget.bytesLeft, true)) this.#discardIf(sandbox);
    }
  }
}
