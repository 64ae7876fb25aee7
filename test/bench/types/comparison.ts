// What is compared: the calls of a type that ships, and what users of Redis run for the same today. Data only; rounds.ts measures it.

import { createHash } from 'node:crypto';
import type { Call } from '../load/plan.js';

export const TYPESCRIPT = 'TypeScript';
export const LUA = 'Lua';
export const REDIS = 'redis';
export const EVALSHA = 'redis EVALSHA';

/** A request, and the texts of which a right reply begins with one: the value in our protocol, the whole reply in that of Redis. */
export interface Step {
  readonly call: Call;
  readonly replies: readonly string[];
}

/** A server, and the requests that are sent to it one after the other for each number. */
export interface Side {
  readonly name: string;
  readonly server: 'typescript' | 'lua' | 'redis';
  readonly steps: readonly Step[];
}

/** What is required of ours, divided by the figure of the peer. */
export interface Bar {
  readonly figure: 'throughput' | 'CPU';
  readonly required: number;
}

/** By the name of a side and by pipeline. What is not listed is measured and not judged. */
export type Bars = Readonly<Record<string, Readonly<Record<number, Bar>>>>;

export interface Comparison {
  readonly name: string;
  readonly ours: readonly Side[];
  readonly peer: Side;
  readonly bars: Bars;
  /** The numbers that requests take. */
  readonly first?: number;
  readonly numbers: number;
  /** Runs before the rounds of each pipeline. */
  readonly before?: Filling;
}

/** Data that is stored before the rounds: the requests for each number from 0. */
export interface Filling {
  readonly count: number;
  readonly ours?: readonly Step[];
  readonly redis?: readonly Step[];
  readonly bytes?: Bytes;
}

/** What the data of a filling take. */
export interface Bytes {
  readonly what: string;
  /** How many of them are stored. */
  readonly count: number;
  readonly atMost?: number;
  /** Keys of Redis, and how many of them they hold. */
  readonly redis?: { readonly keys: readonly string[]; readonly count: number };
}

/** What is measured on servers of its own. */
export interface Group {
  readonly name: string;
  /** Of Redis. */
  readonly scripts: readonly string[];
  readonly fillings: readonly Filling[];
  readonly comparisons: readonly Comparison[];
}

export function step(call: Call | string, ...replies: readonly string[]): Step {
  return { call: typeof call === 'string' ? call.split(' ') : call, replies };
}

/** A call of a type that ships. */
export function get(key: string, ...replies: readonly string[]): Step {
  return step(['get', key], ...replies);
}

/** A call of a script: the keys, and the arguments. */
export function evalsha(
  source: string,
  keys: readonly string[],
  args: readonly string[],
  ...replies: readonly string[]
): Step {
  const hash = createHash('sha1').update(source).digest('hex');
  return step(['EVALSHA', hash, String(keys.length), ...keys, ...args], ...replies);
}

export function typescript(...steps: readonly Step[]): Side {
  return { name: TYPESCRIPT, server: 'typescript', steps };
}

export function lua(...steps: readonly Step[]): Side {
  return { name: LUA, server: 'lua', steps };
}

export function redis(name: string, ...steps: readonly Step[]): Side {
  return { name, server: 'redis', steps };
}

/** The same bar at pipelines 1 and 16. */
export function atBoth(figure: Bar['figure'], required: number): Readonly<Record<number, Bar>> {
  return { 1: { figure, required }, 16: { figure, required } };
}

/** Any number that is not negative. */
export const DIGITS = [...'0123456789'];
