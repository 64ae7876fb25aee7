// The form in which a loaded object type is called, whatever its language: what the folders of src/languages make, and what
// the registry and the invocation use. Authors of types see object-type.ts.

import type { ArgumentSlices } from '../../tables/argument-slices.js';
import type { Budget } from '../../tables/budget.js';
import type { JsonText } from '../../tables/json-text.js';
import type { StoredTable } from '../../tables/table-store.js';
import type { ItemAccess } from '../calls/item-access.js';
import type {
  Access,
  CallContext,
  Literal,
  Missing,
  OpenAccess,
  Retention,
  Scalar,
  Settings,
  Table,
  Value,
} from './object-type.js';
import type { MethodPlan } from './parameter-plan.js';

export type Language = 'lua' | 'typescript';

export interface LoadedType {
  readonly name: string;
  readonly summary: string;
  readonly language: Language;
  /** As shown to users, such as `scripts/set.lua`. */
  readonly file: string;
  /** The result of a call on a missing object; a miss is the default. */
  readonly missing?: Missing;
  /** Whether its objects may be evicted, which is the default. */
  readonly retention?: Retention;
  /** The version of the content of its objects, which is 1 if it is not given. */
  readonly version?: number;
  /** Changes an object that an older version of the type has written. Types of version 1 have none. */
  migrate?(self: StoredTable, from: number, call: InvocationContext): void;
  readonly methods: ReadonlyMap<string, LoadedMethod>;
  /** Its settings, frozen; undefined if it declares none. */
  readonly config?: Settings | undefined;
  /** Files of modules that it shares with other types, as shown to users. */
  readonly uses?: readonly string[];
  /** Scripts only: bytes that the script keeps outside of objects in this thread, and how often its state was reset. */
  readonly keptBytes?: number | undefined;
  readonly restarts?: number | undefined;
  /** Called once, after another version or type has replaced it, when no call runs. */
  dispose(): void;
}

/** `none`: a method of no object; all parts of the virtual key are its arguments. For the built-in type only.
    `original`: a function of a script in the original's style. It gets no `self`, opens its objects through the call, gets its
    arguments without %XX decoding, and writes its own reply to `call.reply`. */
type MethodAccess = Access | 'original' | 'none';

export interface LoadedMethod {
  readonly name: string;
  readonly summary: string;
  readonly access: MethodAccess;
  /** Built-in type only: a client needs the right to administer the server. */
  readonly isForOperators?: boolean;
  /** Its calls may use the reserve of pinned objects. */
  readonly usesReserve?: boolean;
  readonly plan: MethodPlan;
  /** Arguments are bytes; `convertArguments(plan, args)` makes JavaScript values of them, with the plan's checks. A method
      without parameters beyond plain strings may take the spans as they are after `checkCount(plan, args.count)`.
      `self` is undefined for `original` and `none` only. */
  run(self: StoredTable | undefined, args: ArgumentSlices, call: InvocationContext): RawResult;
}

/** What a method may return. */
export type RawResult = Scalar | Uint8Array | Literal | Table | JsonText | null | undefined;

/** The request that led to the call, for scripts in the original's style. */
interface RequestFacts {
  /** The command, such as `get` or `set`. */
  readonly command: string;
  readonly virtualKey: string;
  readonly clientFlags: number;
  /** As the client sent it; 0 when it sent none. */
  readonly exptimeSeconds: number;
  readonly noReply: boolean;
  /** The data block of a storage command is also the last argument; undefined for retrievals. */
  readonly dataLength: number | undefined;
}

/** The reply of a script in the original's style, collected until the call commits. */
export interface LegacyReply {
  /** `VALUE key flags length`, the bytes, line end. */
  value(key: string, clientFlags: number, bytes: string | Uint8Array): void;
  /** Raw bytes, for scripts that format their own lines. */
  text(bytes: string | Uint8Array): void;
}

/** The call as the runtimes see it. One instance serves all calls of a thread; it must not be kept. */
export interface InvocationContext extends Omit<CallContext, 'open' | 'create' | 'remove' | 'invoke'> {
  readonly budget: Budget;
  /** Whether another method has called the one that runs. */
  readonly isNested: boolean;
  /** What methods in TypeScript get as `call`. */
  readonly forPlugins: CallContext;
  open(type: string, key: string, access?: OpenAccess): StoredTable | undefined;
  create(type: string, key: string): StoredTable;
  remove(type?: string, key?: string): boolean;
  invoke(type: string, method: string, key: string, args?: unknown): Value | undefined;
  /** The same for any name of a type, loaded or not; for the original's style. */
  openAny(type: string, key: string, access: 'read' | 'write'): StoredTable | undefined;
  /** A new, empty object that replaces any item at the key when the call commits. For the original's style. */
  createAny(type: string, key: string): StoredTable;
  /** Plain items for `getHashMap()`. Changes wait for the commit. */
  readonly items: ItemAccess;
  readonly request: RequestFacts;
  readonly reply: LegacyReply;
}
