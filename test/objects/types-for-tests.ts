// Small object types made in a test, in the form in which plugins are loaded.

import { nativeType } from '../../src/languages/typescript/typescript-type.js';
import type { LoadedMethod, LoadedType } from '../../src/objects/types/loaded-type.js';
import type { AnyMethod, ObjectType } from '../../src/objects/types/object-type.js';
import { ANY_ARGUMENTS } from '../../src/objects/types/parameter-plan.js';

/** A type like that of a plugin file. */
export function typeOf(
  name: string,
  methods: Record<string, AnyMethod>,
  file = `plugins/${name}.ts`,
  more: Partial<ObjectType> = {},
): LoadedType {
  return nativeType(file, { name, methods, ...more });
}

/** The result of a method that is done. */
export function after<T>(_done: unknown, result: T): T {
  return result;
}

/** A type of a script in the original's style. */
export function originalType(name: string, methods: Record<string, LoadedMethod['run']>): LoadedType {
  const loaded = Object.entries(methods).map(([method, run]): [string, LoadedMethod] => [
    method,
    { name: method, summary: '', access: 'original', plan: ANY_ARGUMENTS, run },
  ]);
  return {
    name,
    summary: '',
    language: 'lua',
    file: `scripts/${name}.lua`,
    methods: new Map(loaded),
    dispose: () => {},
  };
}
