// Run by the build: transforms the plugins that ship. Not part of the server.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fingerprint, PREPARED_FILE, readPreparedCode } from './prepared-code.js';

const PLUGINS = new URL('../../plugins/', import.meta.url);

const names = readdirSync(PLUGINS).filter((name) => name.endsWith('.ts'));
const sources = names.map((name) => ({ name, source: readFileSync(new URL(name, PLUGINS), 'utf8') }));
const known = readPreparedCode();

if (sources.some(({ source }) => known[fingerprint(source)] === undefined)) {
  // Loaded only when there is something to do.
  const { transform } = await import('./transform.js');
  const prepared = sources.map(({ name, source }) => {
    const transformed = transform(source, name);
    if (!('code' in transformed)) throw new Error(`plugins/${name}:${transformed.line}: ${transformed.reason}`);
    return [fingerprint(source), transformed.code];
  });
  writeFileSync(PREPARED_FILE, JSON.stringify(Object.fromEntries(prepared)));
}
