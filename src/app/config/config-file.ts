// Configuration from a JSON or YAML file: the one given by --config, else the first one found in the working directory.

import { existsSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { type LilconfigResult, type Loader, lilconfig } from 'lilconfig';
import { withoutByteOrderMark } from '../../base/byte-order-mark.js';
import { reasonOf } from '../../base/error-reason.js';
import { readWholeFile } from '../../base/whole-file.js';
import { EXIT, StartError } from '../start-error.js';
import { type ConfigSource, emptySource } from './config-source.js';
import { readOptions } from './file-options.js';

const SEARCH_PLACES = ['json', 'yaml', 'yml']
  .map((extension) => `cacheismo.config.${extension}`)
  .concat('.cacheismorc');

/** The YAML library is loaded only if there is a file to read, which saves memory otherwise. */
const loadYaml: Loader = async (_path, content) =>
  (await import('yaml')).parse(withoutByteOrderMark(content)) as unknown;

const LOADERS: Readonly<Record<string, Loader>> = {
  '.json': (_path, content) => JSON.parse(withoutByteOrderMark(content)) as unknown,
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

async function findFile(path: string | undefined, directory: string): Promise<LilconfigResult> {
  const search = lilconfig('cacheismo', { searchPlaces: SEARCH_PLACES, stopDir: directory, loaders: LOADERS });
  if (path !== undefined && !(extname(path) in LOADERS) && extname(path) !== '') {
    throw new StartError(`--config ${path}: must be a file ending in .json, .yaml or .yml`);
  }
  const first = path ?? SEARCH_PLACES.find((place) => existsSync(resolve(directory, place)));
  try {
    // lilconfig would read a device without end.
    if (first !== undefined) readWholeFile(resolve(directory, first));
    return path === undefined ? await search.search(directory) : await search.load(resolve(directory, path));
  } catch (error) {
    const file = path === undefined ? (first ?? 'configuration file') : `--config ${path}`;
    // The YAML library ends the line with a colon, and shows the text of the file in the next ones.
    throw new StartError(`${file}: ${reasonOf(error).replace(/:$/, '')}`, EXIT.usage, { cause: error });
  }
}
