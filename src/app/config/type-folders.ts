// The directories that object types are loaded from, in the order of their weight: those of the user, then those that ship.

import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PACKAGE_ROOT } from '../../base/package-root.js';
import type { Language } from '../../objects/types/loaded-type.js';
import type { TypeFolder } from '../../reload/type-file.js';

/** The name before files that ship, where a user's directory has the same name as theirs. */
const PACKAGE_NAME = 'cacheismo';

interface TypeDirectories {
  /** The user's directories as absolute paths; empty if the user gave none. */
  readonly scripts: readonly string[];
  readonly plugins: readonly string[];
}

/** A user's directories have the lower ranks, in which scripts shadow plugins and the first directory the next. Types that ship are
    always loaded; any other type of the same name shadows them. Of those that ship in both languages the one in TypeScript is served, since
    its calls take less time. */
export function typeFolders({ scripts, plugins }: TypeDirectories, workingDirectory: string): readonly TypeFolder[] {
  const wanted: { path: string; language: Language; ships: boolean }[] = [];
  const add = (path: string, language: Language, ships = false): void => {
    const isKnown = wanted.some((known) => known.language === language && realPath(known.path) === realPath(path));
    if (!isKnown) wanted.push({ path, language, ships: ships || isShipped(path) });
  };
  const orDefault = (given: readonly string[], name: string): readonly string[] =>
    given.length > 0 ? given : [join(workingDirectory, name)].filter((path) => existsSync(path) && !isShipped(path));
  for (const path of orDefault(scripts, 'scripts')) add(path, 'lua');
  for (const path of orDefault(plugins, 'plugins')) add(path, 'typescript');
  add(`${PACKAGE_ROOT}plugins`, 'typescript', true);
  add(`${PACKAGE_ROOT}scripts`, 'lua', true);
  const given = wanted.filter(({ ships }) => !ships).map(({ path }) => path);
  return wanted.map(({ path, language, ships }, rank) => {
    return { path, language, rank, ships, label: ships ? shippedLabel(path, given) : labelOf(path, given) };
  });
}

/** The shortest end of the path that distinguishes it from the other paths: `scripts`, or `app/scripts`. */
function labelOf(path: string, given: readonly string[]): string {
  let label = basename(path);
  let above = dirname(path);
  const isShared = () => given.some((other) => other !== path && other.endsWith(`/${label}`));
  while (isShared() && above !== dirname(above)) {
    label = join(basename(above), label);
    above = dirname(above);
  }
  return label;
}

function shippedLabel(path: string, given: readonly string[]): string {
  const name = basename(path);
  return given.some((other) => basename(other) === name) ? join(PACKAGE_NAME, name) : name;
}

function isShipped(path: string): boolean {
  return dirname(realPath(path)) === realPath(PACKAGE_ROOT);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
