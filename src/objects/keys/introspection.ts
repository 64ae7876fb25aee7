// The built-in type `cacheismo`: describes the loaded object types and lists keys in bounded slices. It changes no object. Counters of the
// server: the `stats` command (src/app/statistics).

import { type Arena, BYTE_VIEW_BYTES } from '../../arena/memory.js';
import type { Clock } from '../../base/clock.js';
import { latin1 } from '../../base/latin1.js';
import type { Budget } from '../../tables/budget.js';
import { ArgumentError } from '../../tables/call-errors.js';
import { convertArguments } from '../arguments/convert-arguments.js';
import type { CallStatistics } from '../calls/call-statistics.js';
import type { FailureRing } from '../calls/failure-ring.js';
import type { StoreItems } from '../calls/store-items.js';
import { nameOf, type Suspensions, troubleOf } from '../calls/suspensions.js';
import type { InvocationContext, LoadedMethod, LoadedType } from '../types/loaded-type.js';
import { apiVersion, type ParameterSchema, type Parameters } from '../types/object-type.js';
import { planParameters } from '../types/parameter-plan.js';
import type { RegisteredType } from '../types/registered-type.js';
import type { Registry } from '../types/registry.js';
import { declarationOf } from './declaration.js';

export const BUILT_IN_NAME = 'cacheismo';

/** One reply of a listing covers at most this many buckets of the index, at one step each, and ends early after about this many bytes. A
 * choice: at about 0.1 us for a cache miss, a slice takes half a millisecond. */
const BUCKETS_A_SLICE = 4096;
const SLICE_BYTES = 32 * 1024;

interface IntrospectionParts {
  readonly failures?: FailureRing;
  readonly arena: Arena;
  readonly clock: Clock;
  readonly items: StoreItems;
  readonly keysListed?: boolean;
}

export function describeCacheismo(parts: IntrospectionParts, registry: Registry, suspensions: Suspensions): LoadedType {
  const methods = [
    describing('types', 'the loaded object types, one per line', {}, () => listTypes(registry)),
    describing('methods', 'the methods of a type, one per line', { type: { type: 'string' } }, ([name]) =>
      listMethods(loaded(registry, name), parts.clock.unixMs),
    ),
    describing('declaration', 'the methods of a type, as JSON for programs', { type: { type: 'string' } }, ([name]) =>
      declarationOf(loaded(registry, name).type),
    ),
    describing('errors', 'the last failures of methods with their stacks, the newest first', {}, () =>
      listFailures(parts.failures),
    ),
    describing(
      'keys',
      'keys that start with a prefix, in slices; the last line has the key of the next slice, or end',
      { prefix: { type: 'string' }, cursor: { type: 'integer', default: 0, minimum: 0, maximum: 0xffff_ffff } },
      ([prefix, cursor], { budget }) => {
        if (parts.keysListed === false) throw new ArgumentError('listing keys is disabled (-X)');
        return listKeys(parts, budget, prefix as string, cursor as number);
      },
    ),
    describing(
      'allow',
      'lets a method that is refused for its kills run again; a storage command only',
      { type: { type: 'string' }, method: { type: 'string', default: '' } },
      ([type, method], { request }) =>
        allow(registry, suspensions, `${type}:${method}`.replace(/:$/, ''), request.dataLength !== undefined),
      true,
    ),
  ];
  return {
    name: BUILT_IN_NAME,
    summary: 'the loaded types and the stored keys',
    language: 'typescript',
    file: 'built in',
    methods: new Map(methods.map((method) => [method.name, method])),
    dispose: () => {},
  };
}

function describing(
  name: string,
  summary: string,
  parameters: Parameters,
  answer: (values: readonly unknown[], call: InvocationContext) => string,
  isForOperators = false,
): LoadedMethod {
  const plan = planParameters(parameters);
  return {
    name,
    summary,
    access: 'none',
    isForOperators,
    plan,
    run: (_self, args, call) => answer(convertArguments(plan, args), call),
  };
}

function loaded(registry: Registry, name: unknown): RegisteredType {
  const found = registry.find(name as string);
  if (found === undefined) throw new ArgumentError(`type ${String(name)} is not loaded`);
  return found;
}

function listTypes(registry: Registry): string {
  const lines = registry.listWithStatistics().map(([registered, statistics]) => {
    const { name, language, file, version = 1 } = registered.type;
    const loaded = new Date(registered.loadedAtUnixMs).toISOString();
    const more = `${kept(registered.type)}${used(registered.type)}${version === 1 ? '' : ` objects of version ${version}`}`;
    return `${name} ${language} ${file} version ${registered.version} loaded ${loaded} ${figures(statistics)}${more}`;
  });
  for (const error of registry.errors()) {
    const version = registry.fromFile(error.file)?.version;
    const rest = version === undefined ? 'not loaded' : `version ${version} keeps running`;
    lines.push(`error ${error.message} (${rest})`);
  }
  return [`apiVersion ${apiVersion}`, ...lines].join('\r\n');
}

function kept({ keptBytes, restarts }: LoadedType): string {
  return keptBytes === undefined ? '' : ` keeps ${keptBytes} bytes restarts ${restarts ?? 0}`;
}

function used({ uses = [] }: LoadedType): string {
  return uses.length === 0 ? '' : ` uses ${uses.join(' ')}`;
}

function listMethods({ methodList }: RegisteredType, nowMs: number): string {
  return methodList
    .map((entry) => {
      const { name, access, plan, summary } = entry.method;
      const parameters = plan.parameters.map(({ name: parameter, optional, schema, defaultValue }) => {
        const shown = `${parameter} ${kindOf(schema)}`;
        return optional ? `[${shown} = ${String(defaultValue)}]` : shown;
      });
      const about = summary === '' ? '' : ` - ${summary}`;
      return `${name} ${access} (${parameters.join(', ')}) ${figures([entry.statistics])}${troubleOf(entry, nowMs)}${about}`;
    })
    .join('\r\n');
}

function listFailures(failures: FailureRing | undefined): string {
  const lines = (failures?.list() ?? []).flatMap(({ atUnixMs, line, stack }) => [
    `${new Date(atUnixMs).toISOString()} ${line}`,
    ...stack.split('\n').filter((frame) => frame.trim() !== ''),
  ]);
  return [...lines, 'end'].join('\r\n');
}

function kindOf(schema: ParameterSchema): string {
  return schema.enum === undefined ? schema.type : schema.enum.join('|');
}

function figures(statistics: readonly CallStatistics[]): string {
  let calls = 0;
  let errors = 0;
  let timedMs = 0;
  let timedCalls = 0;
  for (const method of statistics) {
    calls += method.calls;
    errors += method.errors;
    const { count, sumSeconds } = method.times;
    timedMs += sumSeconds * 1000;
    timedCalls += count;
  }
  const mean = timedCalls === 0 ? 0 : (timedMs * 1000) / timedCalls;
  return `calls ${calls} errors ${errors} mean ${mean.toFixed(1)} us`;
}

/** The reply to `set cacheismo:allow`. A retrieval must not change anything, so only storage commands lift a suspension. */
function allow(registry: Registry, suspensions: Suspensions, name: string, isStorage: boolean): string {
  if (!isStorage) throw new ArgumentError(`send it as a storage command: set cacheismo:allow 0 0 ${name.length}`);
  const [type = '', method = ''] = name.split(':', 2);
  const registered = registry.find(type)?.methodList.find((entry) => entry.method.name === method);
  if (registered === undefined) throw new ArgumentError(`there is no method ${name}`);
  return suspensions.lift(registered) ? `${nameOf(registered)} is allowed` : `${nameOf(registered)} is not refused`;
}

function listKeys({ arena, clock, items }: IntrospectionParts, budget: Budget, prefix: string, cursor: number): string {
  const lines: string[] = [];
  let length = 0;
  let bucket = cursor;
  for (let looked = 0; looked < BUCKETS_A_SLICE && length < SLICE_BYTES; looked++) {
    budget.charge(1);
    bucket = items.scan(bucket, (item) => {
      budget.charge(1);
      const expiresAt = items.expiresAt(item);
      if (expiresAt !== 0 && expiresAt <= clock.now) return;
      const position = items.keyPosition(item);
      const key = latin1(arena.viewOf(position), position % BYTE_VIEW_BYTES, items.keyLength(item));
      if (!key.startsWith(prefix)) return;
      lines.push(key);
      length += key.length + 2;
    });
    if (bucket === 0) return [...lines, 'end'].join('\r\n');
  }
  return [...lines, `more ${BUILT_IN_NAME}:keys:${escaped(prefix)}:${bucket}`].join('\r\n');
}

/** The prefix as an argument of a virtual key. */
function escaped(prefix: string): string {
  return prefix.replace(/[%:]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
