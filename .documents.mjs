// Generates the documents from the rows of options: the README's table and schemas/config.schema.json. Run by
// `npm run documents`; tests check that both match the rows.

import { readFileSync, writeFileSync } from 'node:fs';
import { makeConfigSchema } from './dist/app/config/config-schema.js';
import { optionTable } from './dist/app/config/option-documents.js';

const readme = readFileSync('README.md', 'utf8');
const between = /(<!-- options -->\n)[\s\S]*?(<!-- \/options -->)/;
writeFileSync(
  'README.md',
  readme.replace(between, (_, start, end) => `${start}${optionTable()}\n${end}`),
);
writeFileSync('schemas/config.schema.json', `${JSON.stringify(makeConfigSchema(), null, 2)}\n`);
