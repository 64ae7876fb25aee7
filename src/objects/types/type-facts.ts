// Object types as data, for people who look into the server: a page of them, or one with its methods.

import { percentile } from '../../base/time-histogram.js';
import type { CallStatistics } from '../calls/call-statistics.js';
import type { Language } from './loaded-type.js';
import type { ParameterSchema } from './object-type.js';
import type { RegisteredType } from './registered-type.js';
import type { Registry } from './registry.js';

interface CallCounts {
  readonly calls: number;
  readonly errors: number;
  readonly kills: number;
}

interface TypeRow extends CallCounts {
  readonly name: string;
  readonly summary: string;
  readonly file: string;
  readonly language: Language;
  /** Counts the loads of the type. */
  readonly version: number;
  readonly loadedAtUnixMs: number;
}

interface TypeErrorRow {
  readonly file: string;
  /** Null if the error has no place in the file. */
  readonly line: number | null;
  readonly message: string;
  readonly atUnixMs: number;
  /** The version that keeps running; null if there is none. */
  readonly runningVersion: number | null;
}

export interface TypePage {
  readonly types: readonly TypeRow[];
  readonly count: number;
  /** The name after which the next page begins; null after the last. */
  readonly next: string | null;
  readonly errors: readonly TypeErrorRow[];
  readonly errorCount: number;
}

interface MethodFacts extends CallCounts {
  readonly name: string;
  readonly summary: string;
  readonly access: string;
  readonly isSuspended: boolean;
  /** Of the calls that were timed; 0 if none was. */
  readonly p50Seconds: number;
  readonly p99Seconds: number;
  readonly p999Seconds: number;
  readonly parameters: readonly {
    readonly name: string;
    readonly optional: boolean;
    readonly schema: ParameterSchema;
  }[];
}

export interface TypeFacts extends TypeRow {
  /** Of the content of its objects. */
  readonly contentVersion: number;
  readonly isPinned: boolean;
  readonly uses: readonly string[];
  readonly methods: readonly MethodFacts[];
}

/** Errors on a page of types. */
const MOST_ERRORS = 100;

/** Types in the order of their names, after one of them. */
export function typePage(registry: Registry, after: string, most: number): TypePage {
  const called = new Map(registry.calledTypes().map(([type, statistics]) => [type.name, statistics]));
  const later = registry.list().filter(({ name }) => name > after);
  const shown = later.slice(0, most);
  const errors = registry.errors();
  return {
    types: shown.map((type) => rowOf(type, called.get(type.name) ?? [])),
    count: registry.list().length,
    next: later.length > most ? (shown.at(-1)?.name ?? null) : null,
    errors: errors.slice(0, MOST_ERRORS).map(({ file, message, atUnixMs }) => ({
      file,
      line: lineOf(file, message),
      message,
      atUnixMs,
      runningVersion: registry.fromFile(file)?.version ?? null,
    })),
    errorCount: errors.length,
  };
}

export function typeFacts(registry: Registry, name: string): TypeFacts | undefined {
  const found = registry.find(name);
  if (found === undefined) return undefined;
  const methods = found.methodList.map(({ method, statistics }): MethodFacts => {
    const { times } = statistics;
    return {
      name: method.name,
      summary: method.summary,
      access: method.access,
      ...countsOf([statistics]),
      isSuspended: statistics.isSuspended,
      p50Seconds: percentile(times, 0.5),
      p99Seconds: percentile(times, 0.99),
      p999Seconds: percentile(times, 0.999),
      parameters: method.plan.parameters.map(({ name: parameter, optional, schema }) => ({
        name: parameter,
        optional,
        schema,
      })),
    };
  });
  return {
    ...rowOf(found, found.statistics()),
    contentVersion: found.contentVersion,
    isPinned: found.isPinned,
    uses: found.type.uses ?? [],
    methods,
  };
}

function rowOf({ type, version, loadedAtUnixMs }: RegisteredType, statistics: readonly CallStatistics[]): TypeRow {
  const { name, summary, file, language } = type;
  return { name, summary, file, language, version, loadedAtUnixMs, ...countsOf(statistics) };
}

function countsOf(statistics: readonly CallStatistics[]): CallCounts {
  const sum = (read: (one: CallStatistics) => number) => statistics.reduce((all, one) => all + read(one), 0);
  return { calls: sum(({ calls }) => calls), errors: sum(({ errors }) => errors), kills: sum(({ kills }) => kills) };
}

/** Messages begin with the file, and the line if there is one: `scripts/set.lua:12: ...`. */
function lineOf(file: string, message: string): number | null {
  const line = message.startsWith(`${file}:`) ? /^(\d+)/.exec(message.slice(file.length + 1))?.[1] : undefined;
  return line === undefined ? null : Number(line);
}
