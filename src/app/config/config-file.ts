// Configuration from a JSON or YAML file: the one given by --config, else the first one found in the working directory.

import { basename, extname, resolve } from 'node:path';
import { type LilconfigResult, type Loader, lilconfig } from 'lilconfig';
import { EXIT, reasonOf, StartError } from '../start-error.js';
import { type ConfigSource, emptySource, expandExtended, takeWithoutRow } from './config-source.js';
import { nearName } from './near-name.js';
import { findOption, OPTIONS } from './option-table.js';
import { readFileValue } from './option-text.js';

const SEARCH_PLACES = ['json', 'yaml', 'yml']
  .map((extension) => `cacheismo.config.${extension}`)
  .concat('.cacheismorc');

/** The YAML library is loaded only if there is a file to read, which saves memory otherwise. */
const loadYaml: Loader = async (_path, content) => (await import('yaml')).parse(withoutMark(content)) as unknown;

const LOADERS: Readonly<Record<string, Loader>> = {
  '.json': (_path, content) => JSON.parse(withoutMark(content)) as unknown,
  '.yaml': loadYaml,
  '.yml': loadYaml,
  noExt: loadYaml,
};

export async function readConfigFile(path: string | undefined, directory: string): Promise<ConfigSource> {
  const found = await findFile(path, directory);
  if (found === null || found.isEmpty) return emptySource();
  const file = path ?? basename(found.filepath);
  return { ...readOptions(found.config, file), file: found.filepath };
}

/** Options by name, as a file has them. `file` is its name in messages. */
export function readOptions(content: unknown, file: string): ConfigSource {
  const source = emptySource();
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new StartError(`${file}: must hold options by name, such as memory-limit: 256`);
  }
  for (const [name, value] of Object.entries(content)) {
    const label = `${file}: ${name}`;
    if (takeWithoutRow(source, name, label, showValue(value))) continue;
    const schema = findOption(name)?.schema;
    if (schema === undefined) throw new StartError(`${label}: unknown option${suggestion(name)}`);
    else source.values.set(name, { value: readFileValue(value, schema), text: showValue(value), label });
  }
  return expandExtended(source);
}

async function findFile(path: string | undefined, directory: string): Promise<LilconfigResult> {
  const search = lilconfig('cacheismo', { searchPlaces: SEARCH_PLACES, stopDir: directory, loaders: LOADERS });
  if (path !== undefined && !(extname(path) in LOADERS) && extname(path) !== '') {
    throw new StartError(`--config ${path}: must be a file ending in .json, .yaml or .yml`);
  }
  try {
    return path === undefined ? await search.search(directory) : await search.load(resolve(directory, path));
  } catch (error) {
    const file = path === undefined ? 'configuration file' : `--config ${path}`;
    throw new StartError(`${file}: ${reasonOf(error)}`, EXIT.usage, { cause: error });
  }
}

/** Some editors begin a file with a byte order mark. */
function withoutMark(content: string): string {
  return content.startsWith('\uFEFF') ? content.slice(1) : content;
}

function showValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function suggestion(name: string): string {
  const near = nearName(
    name,
    OPTIONS.map((option) => option.name),
  );
  return near === undefined ? '' : `; did you mean ${near}?`;
}
