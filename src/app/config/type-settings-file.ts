// `types` of the configuration file as settings of object types, which no flag and no variable of the environment can give. Their values are
// checked by the types when these are loaded (objects/types/type-settings.ts). A list of names is the option --types instead.

import type { GivenSettings } from '../../objects/types/type-settings.js';
import { StartError } from '../start-error.js';
import type { OptionSchema } from './option.js';

export const TYPES = 'types';

/** The schema of the option's value in a file, for schemas/config.schema.json. */
export function withTypeSettings({ type, items, ...others }: OptionSchema & { readonly description: string }): object {
  const description = `${others.description}; or their settings by the names of the types, each of which checks its own`;
  const settings = { type: 'object', additionalProperties: { type: 'object' } };
  return { ...others, description, anyOf: [{ type, items }, settings] };
}

/** Undefined for a value of the option. `file` is its name in messages. */
export function readTypeSettings(value: unknown, file: string): GivenSettings | undefined {
  if (!isRecord(value)) return undefined;
  const wrong = Object.keys(value).find((name) => !isRecord(value[name]));
  if (wrong !== undefined)
    throw new StartError(`${file}: types.${wrong}: must hold settings by name, such as limit: 10`);
  return { file, types: value as GivenSettings['types'] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
