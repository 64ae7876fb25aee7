// What tests of object types see of a cache: plain types, which the package's declarations contain. The cache itself: cache-in-process.ts.

export interface TestCacheOptions {
  /** Files of object types, and directories of them, as paths or as URLs such as `new URL('visits.lua', import.meta.url).href`; by default
      `scripts` and `plugins` of the working directory. The types that ship are always there, as on a server. */
  readonly types?: readonly string[];
  /** Options of the server by their long names, as in its configuration file, such as `{ 'call-steps': 10_000 }`, and settings of
      types: `{ types: { quota: { limit: 10 } } }`. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** What a call has used. */
export interface CallUse {
  /** Instructions of Lua, accesses to fields, pieces of work inside functions of the server. `--call-steps` limits them. */
  readonly steps: number;
  /** Bytes of strings, results and JSON that the call made. `--call-bytes` limits them. */
  readonly bytes: number;
  /** Changes of fields. */
  readonly writes: number;
}

export interface KillReport {
  /** How often the call was ended. */
  readonly kills: number;
  /** The result when it was not. */
  readonly value: string | undefined;
}

/** A cache without a server, with the same store, types and protocol. Its clock moves only when the test moves it. */
export interface TestCache {
  /** Calls the method that a key names, such as `visits:add:today:ann`. `data` becomes its last argument. Resolves with the method's result as a
      byte string, and with undefined for a miss. Rejects with the error line that a client would get, and for a key that names no method. */
  call(key: string, data?: string | Uint8Array): Promise<string | undefined>;
  /** Sends whole requests of the text protocol, such as `get greeting\r\n`, and resolves with the reply as a byte string. */
  send(requests: string | Uint8Array): Promise<string>;
  /** Loads types again or adds others, as saving their files does in a server: objects stay, and are migrated if the type has a new version. */
  load(types: readonly string[]): Promise<void>;
  /** Lets time pass: items expire, `call.now` and `call.monotonicMs` rise. */
  advance(milliseconds: number): void;
  /** Sets the date without letting time pass. At the start it is 1 January 2026, 00:00 UTC. */
  setUnixTime(seconds: number): void;
  /** The content of an object as `get type$key` shows it, parsed; undefined if there is none. */
  object(type: string, key: string): unknown;
  /** The bytes of a plain value, as a byte string; undefined if there is none. */
  value(key: string): string | undefined;
  /** What the last call used. */
  readonly last: CallUse;
  /** Lines that the server would have logged, `call.log` included. */
  readonly logged: readonly string[];
  /** Makes a call again and again, ending it at its first access to a field, its second, and so on, until it ends by itself; so it succeeds once.
      Rejects if an ended call has changed anything in the cache. */
  killAtEachStep(key: string, data?: string | Uint8Array): Promise<KillReport>;
  /** Frees what the types hold. The cache cannot be used any more. */
  close(): void;
}
