// The built-in type `cacheismo`, which describes the object types that are loaded and lists keys in bounded slices. It reads
// and changes nothing of any object. Not for the stats command.

import { type Arena, BYTE_VIEW_BYTES } from '../arena/memory.js';
import type { Clock } from '../base/clock.js';
import { ArgumentError } from './errors.js';
import type { FailureRing } from './failure-ring.js';
import type { ItemStore } from './item-store.js';
import { latin1 } from './latin1.js';
import { convertArguments, type LoadedMethod, type LoadedType, planParameters } from './loaded-type.js';
import { apiVersion, type ParameterSchema, type Parameters } from './object-type.js';
import type { RegisteredMethod, RegisteredType, Registry } from './registry.js';

export const BUILT_IN_NAME = 'cacheismo';

/** A listing looks at so many buckets of the index, and stops early at so many bytes. */
const BUCKETS_A_SLICE = 4096;
const SLICE_BYTES = 32 * 1024;

interface IntrospectionParts {
  readonly failures?: FailureRing;
  readonly arena: Arena;
  readonly clock: Clock;
  readonly items: ItemStore;
  readonly keysListed?: boolean;
}

export function describeCacheismo(parts: IntrospectionParts, registry: Registry): LoadedType {
  const methods = [
    describing('types', 'the loaded object types, one a line', {}, () => listTypes(registry)),
    describing('methods', 'the methods of a type, one a line', { type: { type: 'string' } }, ([name]) => {
      const found = registry.find(name as string);
      if (found === undefined) throw new ArgumentError(`type ${String(name)} is not loaded`);
      return listMethods(found);
    }),
    describing('errors', 'the last failures of methods with their stacks, the newest first', {}, () =>
      listFailures(parts.failures),
    ),
    describing(
      'keys',
      'keys that start with a prefix, in slices; the last line says how to go on, or end',
      { prefix: { type: 'string' }, cursor: { type: 'integer', default: 0, minimum: 0, maximum: 0xffff_ffff } },
      ([prefix, cursor]) => {
        if (parts.keysListed === false) throw new ArgumentError('listing keys is disabled (-X)');
        return listKeys(parts, prefix as string, cursor as number);
      },
    ),
  ];
  return {
    name: BUILT_IN_NAME,
    summary: 'what is loaded and stored here',
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
  answer: (values: readonly unknown[]) => string,
): LoadedMethod {
  const plan = planParameters(parameters);
  return { name, summary, access: 'none', plan, run: (_self, args) => answer(convertArguments(plan, args)) };
}

function listTypes(registry: Registry): string {
  const lines = registry.list().map((registered) => {
    const { name, language, file } = registered.type;
    const loaded = new Date(registered.loadedAtUnixMs).toISOString();
    return `${name} ${language} ${file} version ${registered.version} loaded ${loaded} ${figures(registered.methodList)}${kept(registered.type)}`;
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

function listMethods({ methodList }: RegisteredType): string {
  return methodList
    .map((entry) => {
      const { name, access, plan, summary } = entry.method;
      const parameters = plan.parameters.map(({ name: parameter, optional, schema, defaultValue }) => {
        const shown = `${parameter} ${kindOf(schema)}`;
        return optional ? `[${shown} = ${String(defaultValue)}]` : shown;
      });
      const refused = entry.statistics.refused ? ' refused' : '';
      const about = summary === '' ? '' : ` - ${summary}`;
      return `${name} ${access} (${parameters.join(', ')}) ${figures([entry])}${refused}${about}`;
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

function figures(methods: readonly RegisteredMethod[]): string {
  let calls = 0;
  let errors = 0;
  let timedMs = 0;
  let timedCalls = 0;
  for (const { statistics } of methods) {
    calls += statistics.calls;
    errors += statistics.errors;
    timedMs += statistics.timedMs;
    timedCalls += statistics.timedCalls;
  }
  const mean = timedCalls === 0 ? 0 : (timedMs * 1000) / timedCalls;
  return `calls ${calls} errors ${errors} mean ${mean.toFixed(1)} us`;
}

function listKeys({ arena, clock, items }: IntrospectionParts, prefix: string, cursor: number): string {
  const lines: string[] = [];
  let length = 0;
  let bucket = cursor;
  for (let looked = 0; looked < BUCKETS_A_SLICE && length < SLICE_BYTES; looked++) {
    bucket = items.scan(bucket, (item) => {
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
