// The interface of object types, the only thing that a plugin sees. A type is a named set of methods over a table;
// Lua scripts return the same shape.
//
// Strings here are byte strings: each character is one byte (0 to 255), lengths count bytes. `utf8Encode` and `utf8Decode` of the
// call context convert text beyond ASCII.

import type {
  ByteArray,
  Direction,
  Key,
  Literal,
  OrderedIndex,
  Ranked,
  Scalar,
  Table,
  Ties,
} from '../../tables/table.js';
import type {
  Arguments,
  CheckedParameters,
  ParameterSchema,
  Parameters,
  SettingSchema,
  SettingSchemas,
} from './parameter-schema.js';

export type {
  Arguments,
  ByteArray,
  Direction,
  Key,
  Literal,
  OrderedIndex,
  ParameterSchema,
  Parameters,
  Ranked,
  Scalar,
  SettingSchema,
  Table,
  Ties,
};

/**
 * The version of this interface, in Lua and in TypeScript, shown by `get cacheismo:types`. It rises by one when a type that works
 * could stop working or could behave differently: a member is removed, renamed, changes its meaning or refuses values that it accepted.
 * New optional members, new types of parameters and clearer messages do not change it. The changelog names each change.
 */
export const apiVersion = 1;

/** Plain data of any shape, including interfaces and null; no promises and no functions. */
export type PlainData = object & { readonly then?: never; readonly bind?: never };

/** A byte string is sent unchanged, a number in its shortest decimal form, anything else as JSON. Null and undefined are a miss. */
export type Result =
  | Scalar
  | { readonly [key: string]: unknown }
  | readonly unknown[]
  | PlainData
  | Table
  | null
  | undefined;

/** A value without a place in the cache: the result of a method that another one has called. */
export type Value = Scalar | null | readonly Value[] | { readonly [key: string]: Value };

/** A table whose fields are known: `defineType<{ left: number }>`. */
export interface TypedTable<Content> extends Omit<Table, 'get' | 'set' | 'child' | 'add'> {
  get<Name extends keyof Content & Key>(key: Name): FieldOf<Content[Name]> | undefined;
  set<Name extends keyof Content & Key>(key: Name, value: Content[Name]): void;
  child<Name extends keyof Content & Key>(key: Name): TableOf<Content[Name]>;
  add<Name extends NumberIn<Content>>(key: Name, by: number): number;
}

/** A nested list whose elements are known: `defineType<{ names: string[] }>`. */
export interface TypedList<Element> extends Omit<Table, 'get' | 'set' | 'child' | 'push' | 'pop' | 'shift' | 'splice'> {
  get(key: number): FieldOf<Element> | undefined;
  set(key: number, value: Element): void;
  child(key: number): TableOf<Element>;
  push(...values: readonly Element[]): number;
  pop(): Element | undefined;
  shift(): Element | undefined;
  splice(start: number, removed?: number, ...values: readonly Element[]): Element[];
}

type FieldOf<Value> = Value extends Scalar ? Value : TableOf<Value>;
type TableOf<Value> = Value extends readonly (infer Element)[]
  ? TypedList<Element>
  : Value extends object
    ? TypedTable<Value>
    : never;
type NumberIn<Content> = {
  [Name in keyof Content & Key]: Content[Name] extends number | undefined ? Name : never;
}[keyof Content & Key];

/** The content of a type that does not declare any. */
export interface AnyContent {
  readonly [CONTENT]: 'any';
}

/** `self` of a type with that content. */
type Self<Content> = [Content] extends [AnyContent]
  ? Table
  : [keyof Content & Key] extends [never]
    ? Table
    : TypedTable<Content>;

/** Carries the content's type from `defineType` to `method`; it does not exist at run time. */
declare const CONTENT: unique symbol;
/** The same for the settings. */
declare const CONFIG: unique symbol;

/** The settings of a type by name. */
export type Settings = Readonly<Record<string, unknown>>;

/** The compiler infers undefined where `defineType` is given no type of the settings. */
type Known<Config> = [Config] extends [undefined] ? Settings : Config;

export type Words = readonly (string | number)[];

/** The text of words with a blank between each two. */
export type Joined<Values extends Words> = Values extends readonly [infer First extends string | number]
  ? `${First}`
  : Values extends readonly [infer First extends string | number, ...infer Rest extends Words]
    ? `${First} ${Joined<Rest>}`
    : string;

export interface CallContext<Config = Settings> {
  /** Unix time in seconds, with fractions of a millisecond. */
  readonly now: number;
  /** The object's key, without the type. */
  readonly key: string;
  readonly type: string;
  /** The settings of the type: the values under `types` of the configuration file, else the defaults of its `config`. Frozen. */
  readonly config: Config;
  /** Ends the call on purpose, because the client should not have made it: `CLIENT_ERROR type:method: message`. All writes are undone,
      nothing is logged, and `stats` counts it separately from failures. */
  refuse(message: string): never;
  /** Another object of a loaded type: to read or, with `write`, to change, undefined when there is none. With `upsert` there is always one: if
      need be a new, empty one, which is stored only if it is not empty after the call. */
  open(type: string, key: string, access: 'upsert'): Table;
  open(type: string, key: string, access?: 'read' | 'write'): Table | undefined;
  /** Whether there is an object of a loaded type. Unlike opening it, this does not count as its use, so that it is evicted no later. */
  exists(type: string, key: string): boolean;
  /** A new, empty object, which replaces the one at the key. */
  create(type: string, key: string): Table;
  /** Removes another object, or the call's own when called without arguments; whether there was one. Its tables, `self` included, cannot be
      used any more. */
  remove(): boolean;
  remove(type: string, key: string): boolean;
  /** Calls a method, of this type or of another one, on the object at the key, within this call: the same budget, the same time, and one
      outcome for both. A failure in it ends this call, too, and cannot be caught. The arguments are given by name. The result is a copy;
      undefined when there is no such object, or the method returns nothing. */
  invoke(type: string, method: string, key: string, args?: Readonly<Record<string, unknown>>): Value | undefined;
  /** The bytes of a plain value, which clients store by `set`; undefined if there is none. */
  value(key: string): string | undefined;
  /** Stores a plain value when the call succeeds. It expires after that many seconds, or never. */
  setValue(key: string, bytes: string, seconds?: number): void;
  /** Deletes a plain value when the call succeeds; whether there was one. */
  deleteValue(key: string): boolean;
  /** Sets the object's time to live in seconds; 0 lets it live until evicted. Takes effect when the call succeeds. */
  expire(seconds: number): void;
  /** Keeps the object from being evicted until it expires or is deleted, from the end of the call on, within `--pinned-limit`. */
  pin(): void;
  /** Takes a pin of an earlier call back: the object may be evicted again. */
  unpin(): void;
  /** Unix time in milliseconds: the instant of `now`. */
  readonly unixMs: number;
  /** Milliseconds since the start of the server, or of the one whose dump it has loaded, for durations: setting the machine's date does not
      change it. */
  readonly monotonicMs: number;
  /** A whole number larger than all that any call has got from this server, also after a restart (unless the machine's date was set back):
      for versions and tokens. */
  sequence(): number;
  /** At least 0 and below 1. Not for secrets. */
  random(): number;
  /** A key of a table, such as `self`, each with the same probability; undefined if it is empty. In a table that is a large part of the cache it
      takes a microsecond, and with n entries in the cache never more than about the square root of n steps. */
  randomKey(table: Pick<Table, 'keys'>): Key | undefined;
  /** The first 64 bits of MurmurHash3 x86_128 of a byte string, as two whole numbers of 32 bits: the same on all servers. */
  hash64(bytes: string): readonly [high: number, low: number];
  /** For upsert methods, and for read methods with `missing: 'empty'`: whether there was no object at the key, so that `self` is empty. */
  readonly isNew: boolean;
  /** For create methods: whether there was an object at the key, which the new one replaces. */
  readonly existed: boolean;
  /** For create methods: makes no object; an existing one is kept. */
  abandon(): void;
  /** Seconds left, or undefined when it does not expire. */
  readonly ttlSeconds: number | undefined;
  /** The most bytes that a method can return (`-I`): a stored value that is returned later has to fit together with the rest of that reply. */
  readonly resultLimitBytes: number;
  /** The values with a blank between each two: for replies of several numbers, in half the time of a template. */
  words<const Values extends Words>(...values: Values): Joined<Values>;
  log(message: string): void;
  utf8Encode(text: string): string;
  utf8Decode(bytes: string): string;
}

/** A type whose methods read settings by name has to declare them. */
type DeclaredSettings<Config> = string extends keyof Config ? unknown : { readonly config: SettingSchemas<Config> };

/** create: `self` is a new, empty table that replaces any existing object; read and write: the object must exist; upsert: `self` is the
    object, or a new, empty one if there is none, which is kept if something was written to it. */
export type Access = 'create' | 'read' | 'write' | 'upsert';

/** How a method opens another object. */
export type OpenAccess = 'read' | 'write' | 'upsert';

export interface Method<
  P extends Parameters = Parameters,
  Content = AnyContent,
  Config = Settings,
  R extends Result = Result,
> {
  readonly access: Access;
  readonly summary?: string;
  /** For methods that end something, such as handing out a job or cancelling an order: where pinned objects take all of `--pinned-limit`, those
      that the call finds may take a tenth more. The default is false. */
  readonly reserve?: boolean;
  /** In the order in which clients give them. */
  readonly parameters?: P;
  readonly [CONTENT]?: Content;
  readonly [CONFIG]?: Config;
  /** Synchronous. A create method that returns null or undefined makes no object. A thrown error undoes all writes. */
  run(self: Self<Content>, args: Arguments<P>, call: CallContext<Known<Config>>): R;
}

/** A method with any parameters. */
export interface AnyMethod<Content = AnyContent, Config = Settings> {
  readonly access: Access;
  readonly summary?: string;
  readonly reserve?: boolean;
  readonly parameters?: Parameters;
  readonly [CONTENT]?: Content;
  readonly [CONFIG]?: Config;
  run(self: Self<Content>, args: never, call: CallContext<Known<Config>>): Result;
}

/** What a call on a missing object returns: `miss` is `END` to a retrieval, `value` is the value `ERROR_CACHE_MISS`; both are
    `NOT_FOUND` to a storage command. With `empty`, methods that read run on an empty table, with `call.isNew`; for others it is a `miss`. */
export type Missing = 'value' | 'miss' | 'empty';

/** Whether objects of the type may be evicted: `pinned` ones leave by their expiry or by being deleted only. All of them together take
    at most `--pinned-limit`; a call that needs more fails, unless its method has a `reserve`. */
export type Retention = 'evictable' | 'pinned';

/** The methods of a type by name. */
export type Methods<Content = AnyContent, Config = Settings> = Readonly<Record<string, AnyMethod<Content, Config>>>;

/** `All` has the methods with their arguments and results, which `cacheismo/client` makes the types of calls of. */
export interface ObjectType<
  Content = AnyContent,
  Config = Settings,
  All extends Methods<Content, Config> = Methods<Content, Config>,
> {
  /** [a-z][a-z0-9_]* */
  readonly name: string;
  readonly summary?: string;
  /** The default is `miss`. */
  readonly missing?: Missing;
  /** The default is `evictable`. */
  readonly retention?: Retention;
  /** The settings that operators may change in the configuration file, each with its schema. */
  readonly config?: SettingSchemas<Known<Config>>;
  /** Of the objects' content, from 1, the default, to 7. `migrate` changes an object of an older version in the first call that opens it. */
  readonly version?: number;
  migrate?(self: Table, from: number): void;
  readonly methods: All;
}

/** Takes no part in inference. Unlike NoInfer it is gone once the type is known, so that the types of calls can be made of it. */
type Inferred<T> = [T][T extends unknown ? 0 : never];

/** Infers the types of a method's arguments from its parameters' schemas, of its result from `run`, and of `self` from the content given to
    `defineType`. */
export function method<
  const P extends Parameters = Record<never, never>,
  Content = AnyContent,
  Config = Settings,
  R extends Result = Result,
>(
  definition: Method<P, Content, Config, R> & { readonly parameters?: CheckedParameters<P> },
): Method<Inferred<P>, Content, Config, Inferred<R>> {
  return definition;
}

/** With a content, such as `defineType<{ left: number }>()({ ... })`, `self.get('left')` is a number or undefined. The second type is that of
    `call.config`. The compiler infers the types of the methods in the second pair of parentheses, since it infers either all types of a
    call or none. */
export function defineType<Content = AnyContent, Config = Settings>(): <All extends Methods<Content, Config>>(
  definition: ObjectType<Content, Config, All> & DeclaredSettings<Known<Config>>,
) => ObjectType<Content, Config, All>;
/** Without a content; or with one, if no program needs the types of the methods. */
export function defineType<
  Content = AnyContent,
  Config = Settings,
  All extends Methods<Content, Config> = Methods<Content, Config>,
>(definition: ObjectType<Content, Config, All> & DeclaredSettings<Known<Config>>): ObjectType<Content, Config, All>;
export function defineType(definition?: object): unknown {
  return definition ?? ((later: object) => later);
}
