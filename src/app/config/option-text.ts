// Turns an option's text into the value that its schema describes. Text that cannot be read is left as it is, so that the schema's check
// refuses it like any other wrong value.

import type { OptionSchema } from './option.js';

type OptionValue = string | number | boolean | readonly string[];

const SUFFIX_BYTES: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
const UNIT_BYTES = { bytes: 1, MiB: 1024 ** 2 } as const;

const TRUE_WORDS = ['1', 'true', 'yes', 'on'];
const FALSE_WORDS = ['0', 'false', 'no', 'off'];

export function readOptionText(text: string, schema: OptionSchema): OptionValue {
  switch (schema.type) {
    case 'integer':
      return readInteger(text, schema.unit);
    case 'boolean':
      return TRUE_WORDS.includes(text) ? true : FALSE_WORDS.includes(text) ? false : text;
    case 'array':
      return text.split(',').map((part) => part.trim());
    case 'string':
      return text;
  }
}

/** Decimal digits, perhaps with a minus sign: no exponent, blank or hexadecimal. */
function readInteger(text: string, unit: OptionSchema['unit']): number | string {
  const match = /^(-?\d{1,15})([kmg]?)$/i.exec(text);
  if (match === null) return text;
  const [, digits, suffix] = match as unknown as [string, string, string];
  if (suffix === '') return Number(digits);
  if (unit === undefined) return text;
  const value = (Number(digits) * SUFFIX_BYTES[suffix.toLowerCase()]) / UNIT_BYTES[unit];
  return Number.isInteger(value) ? value : text;
}

/** A value of a file: already typed, but sizes and lists may be text there too. */
export function readFileValue(value: unknown, schema: OptionSchema): unknown {
  if (typeof value === 'string') return readOptionText(value, schema);
  if (schema.type === 'string' && typeof value === 'number') return String(value);
  return value;
}
