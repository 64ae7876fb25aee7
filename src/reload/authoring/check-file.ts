// Loads and validates files without a server, for `cacheismo check`: in a thread with limits, like the server.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { MODULE_FOLDER } from '../../languages/lua/host/module-source.js';
import { BUILT_IN_NAME } from '../../objects/keys/introspection.js';
import { shownName } from '../../objects/types/contained-file.js';
import { LoadError } from '../../objects/types/load-error.js';
import type { LoadedType } from '../../objects/types/loaded-type.js';
import type { Examined } from '../examine.js';
import type { FileToExamine } from '../load-worker-messages.js';
import type { Loader } from '../loader.js';
import { isPassedOver, isTypeFile, type TypeFolder } from '../type-file.js';
import { type LuaMaker, makeType } from '../type-source.js';

interface Checked {
  /** As the user has written it, such as `scripts/set.lua`. */
  readonly file: string;
  /** Undefined for a file that failed, and for one of a directory that defines no type. */
  readonly name?: string;
  /** One line for each method, such as `put write (member string)`. */
  readonly methods?: readonly string[];
  /** The lines to show. */
  readonly failures?: readonly string[];
  /** The reason why a file of a directory is skipped. */
  readonly helper?: string;
}

/** Checks the given files, and in given directories all files that may define types. */
export async function checkFiles(paths: readonly string[], loader: Loader, scripts: LuaMaker): Promise<Checked[]> {
  const checked: Checked[] = [];
  const files: (FileToExamine & { readonly isNamed: boolean })[] = [];
  for (const path of paths) {
    const full = resolve(path);
    if (statSync(full, { throwIfNoEntry: false })?.isDirectory()) {
      const found = readdirSync(full).filter((name) => /\.(lua|ts)$/.test(name) && !isPassedOver(name));
      for (const name of found.sort()) files.push({ ...fileAt(join(full, name), path), isNamed: false });
      if (found.length === 0) checked.push({ file: path, failures: [`${path}: holds no .lua and no .ts file`] });
      continue;
    }
    const file = fileAt(full, dirname(path));
    const { folder } = file;
    const reason = whyNoType(folder, full);
    if (reason === undefined) files.push({ ...file, isNamed: true });
    else checked.push({ file: path, failures: [new LoadError(shownName(folder, full), undefined, reason).message] });
  }
  const holders = new Map<string, string>();
  let index = 0;
  await loader.examine(files, (results) => {
    for (const result of results) {
      const file = files[index++];
      if (file !== undefined) checked.push(checkOne(file, result, scripts, holders));
    }
  });
  return checked;
}

/** The type that a file defines. Rejects with LoadError. */
export async function loadFile(path: string, loader: Loader, scripts: LuaMaker): Promise<LoadedType> {
  const file = fileAt(resolve(path));
  const examined = await loader.examineOne(file);
  const { source, failure, helper = 'does not exist' } = examined ?? {};
  if (source !== undefined) return makeType(source, scripts, true);
  throw new LoadError(failure?.file ?? shownName(file.folder, file.path), failure?.line, failure?.reason ?? helper);
}

/** Why a path cannot be that of a type; undefined if it can. */
function whyNoType(folder: TypeFolder, path: string): string | undefined {
  if (!existsSync(path)) return 'does not exist';
  return isTypeFile(folder, path) ? undefined : 'is neither a .lua nor a .ts object type';
}

/** `label` is the directory as the user has written it. */
function fileAt(path: string, label: string = basename(dirname(path))): FileToExamine {
  const directory = dirname(path);
  const language = extname(path) === '.lua' ? 'lua' : 'typescript';
  const folder: TypeFolder = { path: directory, language, label, rank: 0 };
  return { path, folder };
}

function checkOne(
  { path, folder, isNamed }: FileToExamine & { readonly isNamed: boolean },
  { source, failure, helper, isMissing }: Examined,
  scripts: LuaMaker,
  holders: Map<string, string>,
): Checked {
  const file = shownName(folder, path);
  try {
    if (failure !== undefined) throw new LoadError(failure.file, failure.line, failure.reason);
    if (isMissing) throw new LoadError(file, undefined, 'does not exist');
    if (source === undefined) {
      if (isNamed) throw new LoadError(file, undefined, `${helper ?? 'defines no object type'}${hintFor(folder)}`);
      return { file, helper: helper ?? 'defines no object type' };
    }
    const { name, language } = source;
    if (name === BUILT_IN_NAME) throw new LoadError(file, undefined, `type name ${name} is taken by the server`);
    const holder = holders.get(`${language}:${name}`);
    if (holder !== undefined) throw new LoadError(file, undefined, `type ${name} is already defined by ${holder}`);
    holders.set(`${language}:${name}`, file);
    const type = makeType(source, scripts, false);
    const methods = methodsOf(type);
    type.dispose();
    return { file, name, methods };
  } catch (thrown) {
    return { file, failures: [thrown instanceof Error ? thrown.message : String(thrown)] };
  }
}

function hintFor({ path }: TypeFolder): string {
  return basename(path) === MODULE_FOLDER ? '; a module is checked with the types that use it' : '';
}

function methodsOf({ methods }: LoadedType): string[] {
  return [...methods.values()].map(({ name, access, plan }) => {
    const parameters = plan.parameters.map((parameter) => {
      const shown = `${parameter.name} ${parameter.schema.type}`;
      return parameter.optional ? `[${shown} = ${String(parameter.defaultValue)}]` : shown;
    });
    return `${name} ${access} (${parameters.join(', ')})`;
  });
}
