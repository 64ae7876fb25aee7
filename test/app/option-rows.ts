// Rows of the README's table of options, as they follow from the schema. Not for the help that the command prints.

import type { ConfigSchema } from '../../src/app/config/config-schema.js';
import type { Option } from '../../src/app/config/option-table.js';

export function optionRows(options: readonly Option[], { properties }: ConfigSchema): string[] {
  return options.map(({ name, short, argument }) => {
    const schema = properties[name];
    const flags = `${short === undefined ? '' : `-${short} `}--${name}${argument === undefined ? '' : ` <${argument}>`}`;
    const choices = schema?.enum === undefined ? '' : `: ${schema.enum.join(', ')}`;
    const shown = argument === undefined ? '' : showDefault(schema?.default, schema?.unit);
    return `| \`${flags}\` | ${shown} | ${schema?.description}${choices} |`;
  });
}

function showDefault(value: unknown, unit: string | undefined): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return unit === 'bytes' ? `${Number(value) / 1024 ** 2}m` : String(value);
}
