// The messages between the load process and a benchmark: a plan and its result.

import type { KeyDistribution } from './random.js';

/** `memcached` is its text protocol, `binary` its other one. */
export type Protocol = 'memcached' | 'binary' | 'redis';

/**
 * `mix` sends `setShare` of its requests as sets; `mget` asks for 20 keys at once; `fill` sets each key once, in order.
 * `call` sends `calls` by turns, with a number drawn for each turn; `callEach` takes each number once, in order.
 * `dialogue` sends `calls` one after the other, each after the reply to the one before, with a number for all of them; all replies are
 * checked. `dialogueEach` takes each number once.
 */
export type Mode = 'get' | 'set' | 'mix' | 'mget' | 'fill' | 'call' | 'callEach' | 'dialogue' | 'dialogueEach';

/**
 * The words of a request. A run of # stands for the number of the turn, with as many digits as there are #; a ~ stands for a random
 * integer from 0 to 999. In a dialogue, @2 stands for the second word of the last reply.
 */
export type Call = readonly string[];

export interface RequestPlan {
  readonly protocol: Protocol;
  readonly mode: Mode;
  /** Number of the first key; keys are `key:` and eight digits. */
  readonly firstKey: number;
  readonly keys: number;
  readonly valueBytes: number;
  readonly setShare: number;
  readonly distribution: KeyDistribution;
  /** For `call`, `callEach` and dialogues. */
  readonly calls?: readonly Call[];
  /** For dialogues: for each call the texts of which a right reply begins with one. */
  readonly replies?: readonly (readonly string[])[];
}

export interface LoadPlan {
  readonly port: number;
  /** The process whose CPU time is read at both ends of the round; 0 for none. */
  readonly serverPid: number;
  readonly requests: RequestPlan;
  readonly connections: number;
  readonly pipeline: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Requests per second offered whatever the server's throughput (open loop); 0 sends as fast as replies arrive. */
  readonly offeredPerSecond: number;
  readonly client: 'epoll' | 'net';
}

export interface LoadResult {
  readonly operations: number;
  readonly seconds: number;
  readonly errors: number;
  /** Values found; a multi-get finds up to 20. */
  readonly hits: number;
  readonly serverCpuNanoseconds: number;
  /** Share of one core that the load process used. */
  readonly loadCpuShare: number;
  /** Latency of whole pipeline batches, a compressed HDR histogram in units of 100 ns. */
  readonly latency: string;
}

export type LoadAnswer = { readonly result: LoadResult } | { readonly error: string };

export const KEY_BYTES = 12;
export const KEYS_PER_MULTI_GET = 20;
