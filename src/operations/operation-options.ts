// Settings of a thread's operations and protocols. The user's options: app/config.

import { NO_NOTES, type Notes } from '../base/notes.js';
import type { LimitRefusal } from '../store/memory-limit.js';

/** A range of the arena's bytes that a thread reads, writes or computes in. */
export interface Window {
  readonly at: number;
  readonly size: number;
}

/** The start of the scratch window holds a storage command's key, a decoded key, and the last short result (base/reply-text.ts). */
const KEY_ROOM_BYTES = 1024;
/** After a storage command's key and a decoded key (protocols/text/text-context.ts). */
const REPLY_TEXT_OFFSET = 512;

/** Where the bytes of the last short text are. */
export function replyTextAt({ at }: Window): number {
  return at + REPLY_TEXT_OFFSET;
}

/** The rest of the scratch window, for data that lasts for one operation at most. */
export function workWindow({ at, size }: Window): Window {
  return { at: at + KEY_ROOM_BYTES, size: size - KEY_ROOM_BYTES };
}

/** Rows of a listing: name and value. */
export type StatRows = Iterable<readonly [name: string, value: string | number]>;

export interface MemoryLimitChange {
  readonly fromBytes: number;
  readonly toBytes: number;
  readonly refusal: LimitRefusal | undefined;
}

export interface OperationOptions {
  /** The text after VERSION in the reply to `version`. */
  readonly version: string;
  readonly casEnabled: boolean;
  readonly flushEnabled: boolean;
  readonly shutdownEnabled: boolean;
  /** Whether `watch` is allowed. */
  readonly watchEnabled: boolean;
  /** Bytes of events that a watcher may be behind before it loses the oldest; at most the size of the ring. */
  readonly watcherLagBytes: number;
  /** Whether commands that list keys are allowed. */
  readonly dumpEnabled: boolean;
  /** Whether requests are sampled for `stats hotkeys`. */
  readonly requestsSampled: boolean;
  /** Whether `debugtime` exists. */
  readonly debugCommands: boolean;
  /** Milliseconds that one run may take before it yields to other connections. */
  readonly runBudgetMs: number;
  /** Rows of `stats settings`, in memcached's names. */
  readonly settings: () => StatRows;
  /** Rows of `stats` and `stats transport` that only the application knows, such as max_connections. */
  readonly serverStats: () => StatRows;
  /** Rows of `stats transport` and `stats objects` about the configuration. */
  readonly ownSettings: (topic: 'transport' | 'objects') => StatRows;
  /** Rows that plain `stats` leaves out because their feature is not in use. */
  readonly hiddenStatistics: ReadonlySet<string>;
  /** The delimiter after the prefix of a key, for `stats detail`, and whether counting is on from the start. */
  readonly prefixDelimiter: string;
  readonly prefixesCounted: boolean;
  /** Whether `stats sizes` counts. */
  readonly sizesTracked: boolean;
  /** Rows of `stats conns`. */
  readonly connections: (asking: number) => StatRows;
  /** Called with the level of `verbosity`. */
  readonly setVerbosity: (level: number) => void;
  /** Told that a client has set the memory limit, or why it could not. */
  readonly onMemoryLimit: (change: MemoryLimitChange) => void;
  /** Reloads the TLS certificates; returns the reason for a failure in one line, or undefined. Omitted without TLS. */
  readonly refreshCertificates?: () => string | undefined;
  /** The log of refused requests, and of all requests with -vv. */
  readonly notes: Notes;
}

export const DEFAULT_OPERATION_OPTIONS: OperationOptions = {
  version: '0',
  casEnabled: true,
  flushEnabled: true,
  shutdownEnabled: false,
  watchEnabled: true,
  watcherLagBytes: Number.POSITIVE_INFINITY,
  dumpEnabled: true,
  requestsSampled: true,
  debugCommands: false,
  runBudgetMs: 5,
  settings: () => [],
  serverStats: () => [],
  ownSettings: () => [],
  hiddenStatistics: new Set([
    'idle_kicks',
    'ssl_new_sessions',
    'ssl_handshake_errors',
    'time_since_server_cert_refresh',
  ]),
  prefixDelimiter: ':',
  prefixesCounted: false,
  sizesTracked: false,
  connections: () => [],
  setVerbosity: () => {},
  onMemoryLimit: () => {},
  notes: NO_NOTES,
};
