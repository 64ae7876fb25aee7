// The part `types` of the configuration file: settings of object types, which no flag and no variable of the environment can give. Their values
// are checked by the types when these are loaded (objects/types/type-settings.ts).

import type { GivenSettings } from '../../objects/types/type-settings.js';
import { StartError } from '../start-error.js';

export const TYPES = 'types';

/** For schemas/config.schema.json. */
export const TYPES_SCHEMA = {
  description: 'settings of object types by the names of the types; each type checks its own (in this file only)',
  type: 'object',
  additionalProperties: { type: 'object' },
};

/** `file` is its name in messages. */
export function readTypeSettings(value: unknown, file: string): GivenSettings {
  if (!isRecord(value))
    throw new StartError(`${file}: types: must hold settings by type, such as quota: { limit: 10 }`);
  const wrong = Object.keys(value).find((name) => !isRecord(value[name]));
  if (wrong !== undefined)
    throw new StartError(`${file}: types.${wrong}: must hold settings by name, such as limit: 10`);
  return { file, types: value as GivenSettings['types'] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
