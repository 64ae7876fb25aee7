// The text of options for people: in the help and in the README's table.

import type { Option, OptionNames, OptionSchema } from './option.js';
import { OPTIONS } from './option-table.js';

/** `-p --port <number>`. */
export function flagsOf({ name, short, argument }: OptionNames): string {
  return `${short === undefined ? '' : `-${short} `}--${name}${argument === undefined ? '' : ` <${argument}>`}`;
}

export function summaryOf({ summary, schema }: Option): string {
  return schema.enum === undefined ? summary : `${summary}: ${schema.enum.join(', ')}`;
}

/** Empty if there is no default. */
export function showDefault({ default: value, unit }: OptionSchema): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return unit === 'bytes' ? `${Number(value) / 1024 ** 2}m` : String(value);
}

/** The README's table. */
export function optionTable(): string {
  const rows = OPTIONS.map((option) => {
    const shown = option.argument === undefined ? '' : showDefault(option.schema);
    return `| \`${flagsOf(option)}\` | ${shown} | ${summaryOf(option)} |`;
  });
  return ['| option | default | meaning |', '|---|---|---|', ...rows].join('\n');
}
