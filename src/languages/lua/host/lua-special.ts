// Ordered indexes and byte arrays of an object as scripts see them: objects with methods, `board:set("ann", 7)`. A handle dies with its call. The
// methods of each: lua-ordered-index.ts, lua-byte-array.ts.

import { withArticle } from '../../../base/article.js';
import type { Scalar } from '../../../objects/types/object-type.js';
import { MethodError } from '../../../tables/call-errors.js';
import type { StoredBytes, StoredIndex, StoredTable } from '../../../tables/table-store.js';
import { argument, argumentError, pushNil, typeName } from '../libraries/host-functions.js';
import type { LuaState, LuaTable, Native, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { type LuaString, luaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { BOOLEAN, NIL, STRING, TYPE_MASK, TYPE_NUMBER, USERDATA } from '../vm/tags.js';
import { Userdata } from '../vm/userdata.js';
import { pushSlot } from '../vm/vm-calls.js';
import { activeCall } from './active-call.js';

/** Steps of a method, in addition to those that the index or array charges. */
const METHOD_STEPS = 11;
/** The text of a short argument is made in preallocated memory. */
const FREE_TEXT_BYTES = 16 * 1024;

type AnyMethod<Target> = (target: Target, ...args: unknown[]) => unknown;
export type SpecialMethod<Target> = (target: Target, ...args: never[]) => unknown;

/** One kind of these objects: what is said of it, and its methods by the names under which scripts find them. */
export interface SpecialKind {
  readonly noun: string;
  readonly natives: ReadonlyMap<string, Native>;
  /** What to do instead of setting a field, and of listing fields. */
  readonly setAdvice: string;
  readonly listAdvice: string;
}

/** Pushes a result; returns how many values it is. */
type Pusher = (L: LuaState, result: unknown) => number;

/** Pushes a result that is one value. */
export function pushScalar(L: LuaState, value: Scalar): number {
  const slot = pushSlot(L);
  if (typeof value === 'string') slot.setsvalue(luaString(value));
  else if (typeof value === 'number') slot.setfltvalue(value);
  else slot.setbvalue(value);
  return 1;
}

/** The methods as functions that scripts call. */
export function nativesOf<Target extends StoredIndex | StoredBytes>(
  noun: string,
  methods: Readonly<Record<string, SpecialMethod<Target>>>,
  targetOf: (L: LuaState, value: unknown) => Target | undefined,
  pusherOf: (name: string) => Pusher,
): ReadonlyMap<string, Native> {
  const nativeOf = (name: string, method: SpecialMethod<Target>): Native => {
    const push = pusherOf(name);
    return (L) => {
      meter.charge(METHOD_STEPS);
      const target = targetOf(L, argument(L, 1).value);
      if (target === undefined) {
        return argumentError(L, 1, name, `${noun} expected, got ${typeName(argument(L, 1))}; call it with a colon`);
      }
      const first = plainValue(L, argument(L, 2));
      const second = plainValue(L, argument(L, 3));
      const third = plainValue(L, argument(L, 4));
      const fourth = plainValue(L, argument(L, 5));
      const fifth = plainValue(L, argument(L, 6));
      const result = attempt(L, () => (method as AnyMethod<Target>)(target, first, second, third, fourth, fifth));
      return push(L, result);
    };
  };
  return new Map(Object.entries(methods).map(([name, method]) => [name, nativeOf(name, method)]));
}

/** What the index or array refuses becomes an error that the script may catch. */
export function attempt<T>(L: LuaState, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MethodError) raise(L, error.message);
    throw error;
  }
}

/** What the tables of the cache check: a scalar, nothing, another index or array, or an object of any kind, which it refuses. */
export function plainValue(L: LuaState, value: TValue): unknown {
  if (value.type === STRING) return textOf(value.value as LuaString);
  if ((value.type & TYPE_MASK) === TYPE_NUMBER || value.type === BOOLEAN) return value.value;
  if (value.type === USERDATA && value.value instanceof LuaSpecial) return value.value.view(L);
  return value.type === NIL ? undefined : {};
}

function textOf(value: LuaString): string {
  const length = value.tsslen();
  if (length > FREE_TEXT_BYTES) meter.chargeBytes(length);
  return value.text;
}

export abstract class LuaSpecial<
  Target extends StoredIndex | StoredBytes = StoredIndex | StoredBytes,
> extends Userdata {
  readonly luaType = 'userdata';
  readonly #call: number;

  // V8 searches for the constructor of the base each time if the class has none of its own.
  constructor() {
    super();
    this.#call = activeCall.number;
  }

  protected abstract readonly target: Target;
  protected abstract get kind(): SpecialKind;

  override get functionNames(): readonly string[] {
    return [...this.kind.natives.keys()];
  }

  get metatable(): LuaTable | null {
    return null;
  }

  /** The index or array, while its call runs. */
  view(L: LuaState): Target {
    if (this.#call !== activeCall.number)
      raise(L, `${withArticle(this.kind.noun)} of an earlier call was kept and used`);
    return this.target;
  }

  toJson(L: LuaState): string {
    return attempt(L, () => this.view(L).toJson());
  }

  override storedTable(L: LuaState): StoredTable | undefined {
    return attempt(L, () => this.view(L).toPlain());
  }

  index(L: LuaState, key: TValue, result: TValue): void {
    const { natives, noun } = this.kind;
    const name = key.type === STRING ? (key.value as LuaString).text : '';
    const native = natives.get(name);
    if (native === undefined) {
      raise(L, `${withArticle(noun)} has no method '${name.slice(0, 50)}'; it has ${[...natives.keys()].join(', ')}`);
    }
    result.setfvalue(native);
  }

  newIndex(L: LuaState): void {
    raise(L, `${withArticle(this.kind.noun)} has no fields; ${this.kind.setAdvice}`);
  }

  next(L: LuaState): number {
    return pushNil(L);
  }

  pairs(L: LuaState): number {
    return raise(L, `${withArticle(this.kind.noun)} has no list of fields; ${this.kind.listAdvice}`);
  }
}
