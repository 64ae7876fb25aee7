// The declaration of a type as JSON, for programs that pass arguments by name: `get cacheismo:declaration:set`. It is ASCII; strings in it are
// byte strings, as everywhere in the interface of object types.

import { commonMethodsOf } from '../types/common-methods.js';
import type { LoadedType } from '../types/loaded-type.js';
import type { ParameterPlan } from '../types/parameter-plan.js';

/** Parameters are a list, since their order is that of the arguments in a key. */
export function declarationOf(type: LoadedType): string {
  const { name, missing = 'miss' } = type;
  const methods = [...type.methods.values(), ...commonMethodsOf(type)].map(({ name: method, access, plan }) => [
    method,
    { access, parameters: plan.parameters.map(parameter) },
  ]);
  return inAscii(JSON.stringify({ name, missing, methods: Object.fromEntries(methods) }));
}

/** With its whole schema, so that a program can check an argument before it sends it. */
function parameter({ name, schema, defaultValue }: ParameterPlan): object {
  return { name, ...schema, default: defaultValue };
}

function inAscii(json: string): string {
  return json.replace(/[^\0-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
