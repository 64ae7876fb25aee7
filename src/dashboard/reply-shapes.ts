// The replies of the API that the page uses, as far as it uses them.

import type { ShownBytes } from './shown-text.js';

interface Times {
  /** Of what was timed; 0 if nothing was. */
  readonly p50Seconds: number;
  readonly p99Seconds: number;
  readonly p999Seconds: number;
}

interface RecentTimes extends Times {
  /** Of the last ten seconds. */
  readonly recentP50Seconds: number;
  readonly recentP99Seconds: number;
}

interface Counts {
  readonly calls: number;
  readonly errors: number;
  readonly kills: number;
}

export interface Stats {
  readonly unixMs: number;
  readonly version: string;
  readonly values: Readonly<Record<string, number>>;
  readonly commands: readonly (RecentTimes & {
    readonly command: string;
    readonly requests: number;
    readonly errors: number;
  })[];
  readonly methods: readonly (RecentTimes & Counts & { readonly type: string; readonly method: string })[];
}

export interface LogLine {
  readonly number: number;
  readonly unixMs: number;
  readonly level: string;
  readonly message: string;
}

export interface Reload {
  readonly unixMs: number;
  readonly file: string;
  readonly outcome: 'loaded' | 'failed' | 'removed' | 'helper';
  readonly message: string;
}

export interface TypeRow extends Counts {
  readonly name: string;
  readonly summary: string;
  readonly file: string;
  readonly language: string;
  readonly version: number;
  readonly loadedAtUnixMs: number;
}

export interface FailedFile {
  readonly file: string;
  readonly line: number | null;
  readonly message: string;
  readonly atUnixMs: number;
  readonly runningVersion: number | null;
}

export interface TypePage {
  readonly types: readonly TypeRow[];
  readonly count: number;
  readonly next: string | null;
  readonly errors: readonly FailedFile[];
  readonly errorCount: number;
}

interface Schema {
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object';
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  readonly schema: Schema;
}

export interface Method extends Counts, Times {
  readonly name: string;
  readonly summary: string;
  readonly access: string;
  readonly isSuspended: boolean;
  readonly parameters: readonly Parameter[];
}

export interface TypeFacts extends TypeRow {
  readonly contentVersion: number;
  readonly isPinned: boolean;
  readonly uses: readonly string[];
  readonly methods: readonly Method[];
}

export interface ItemRow {
  readonly key: ShownBytes;
  readonly isObject: boolean;
  /** Of the value of a plain item; all memory of an object. */
  readonly bytes: number;
  readonly ttlSeconds: number | null;
  readonly idleSeconds: number;
  readonly clientFlags: number;
}

export interface ItemPage {
  readonly objects: readonly ItemRow[];
  readonly next: number | null;
}

export interface ItemView extends ItemRow {
  readonly totalBytes: number;
  readonly from: number;
  readonly part: ShownBytes;
  readonly next: number | null;
  /** Why the content of an object cannot be shown. */
  readonly error?: string;
}

export interface CallReply {
  readonly outcome: string;
  readonly value: ShownBytes;
  readonly totalBytes: number;
}

export interface Failure {
  readonly atUnixMs: number;
  readonly line: string;
  readonly stack: string;
}

export interface HotKeys {
  readonly isOn: boolean;
  readonly keys: readonly {
    readonly key: ShownBytes;
    readonly holds: 'nothing' | 'object' | 'item';
    readonly sharePercent: number;
    readonly readsPerSecond: number;
    readonly writesPerSecond: number;
  }[];
}

export interface BigKeys {
  readonly isOn: boolean;
  readonly keys: readonly {
    readonly key: ShownBytes;
    readonly holds: 'object' | 'item';
    readonly bytes: number;
    readonly idleSeconds: number;
  }[];
}

export interface SlowCalls {
  readonly count: number;
  readonly calls: readonly {
    readonly atUnixMs: number;
    readonly type: string;
    readonly method: string;
    readonly key: ShownBytes;
    /** Of each argument; null for one that was left out. */
    readonly argumentBytes: readonly (number | null)[];
    readonly steps: number;
    readonly milliseconds: number;
    readonly isFailed: boolean;
  }[];
}

export interface Curve {
  readonly isOn: boolean;
  readonly gets: number;
  readonly keysSampled: number;
  readonly sampledOneIn: number;
  readonly sizes: readonly { readonly factor: number; readonly bytes: number; readonly hitRatio: number }[];
}
