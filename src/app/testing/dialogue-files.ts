// Finds the dialogues of given paths, and runs each with the type next to it: `set.dialogue` with `set.lua` or `set.ts`. What a dialogue
// is: dialogue.ts.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { reasonOf } from '../../base/error-reason.js';
import { readWholeFile } from '../../base/whole-file.js';
import type { GivenSettings } from '../../objects/types/type-settings.js';
import { isPassedOver, stem } from '../../reload/type-file.js';
import { projectSettings } from '../config/project-settings.js';
import { CacheInProcess } from './cache-in-process.js';
import { DialogueError, type Difference, parseDialogue, runDialogue } from './dialogue.js';

type Report = (line: string) => void;

const ENDING = '.dialogue';
const TYPE_ENDINGS = ['.lua', '.ts'];
/** A dialogue without a request would pass whatever its type does. */
const EMPTY = 'has no request; write > get TYPE:METHOD:KEY, and below it the reply';
const DEFAULT_FOLDERS = ['scripts', 'plugins'];

/** Whether every reply was as expected. Never rejects: what is wrong with a file is reported with its name. */
export async function runDialogueFiles(paths: readonly string[], report: Report): Promise<boolean> {
  const { files, mistakes } = findDialogues(paths, report);
  for (const mistake of mistakes) report(mistake);
  if (files.length === 0) return false;
  let settings: GivenSettings;
  try {
    settings = await projectSettings();
  } catch (thrown) {
    report(thrown instanceof Error ? thrown.message : String(thrown));
    return false;
  }
  let failed = mistakes.length;
  let exchanges = 0;
  for (const file of files) {
    const result = await runFile(file, settings);
    exchanges += result.exchanges;
    if (result.lines.length > 0) failed++;
    for (const line of result.lines) report(line);
  }
  const what = `${counted(files.length, 'dialogue')}, ${counted(exchanges, 'exchange')}`;
  report(failed === 0 ? `${what}: all replies are as expected` : `${what}: ${counted(failed, 'file')} failed`);
  return failed === 0;
}

/** The directories of given paths, or of the default ones. */
export function directoriesOf(paths: readonly string[]): string[] {
  return [...new Set(orDefault(paths).map((path) => (isDirectory(path) ? path : dirname(path))))];
}

function orDefault(paths: readonly string[]): readonly string[] {
  return paths.length > 0 ? paths : DEFAULT_FOLDERS.filter(isDirectory);
}

function findDialogues(paths: readonly string[], report: Report) {
  const files = new Set<string>();
  const mistakes: string[] = [];
  for (const path of orDefault(paths)) {
    if (isDirectory(path)) {
      const names = readdirSync(path).sort();
      for (const name of names) {
        if (extname(name) === ENDING) files.add(join(path, name));
        else if (isTypeName(name) && !names.includes(`${stem(name)}${ENDING}`)) {
          report(`${join(path, name)}: there is no ${stem(name)}${ENDING} next to it`);
        }
      }
      continue;
    }
    const file = join(dirname(path), `${stem(path)}${ENDING}`);
    if (existsSync(file)) files.add(file);
    else mistakes.push(`${file}: there is no such file; cacheismo new writes one next to a new type`);
  }
  if (files.size === 0 && mistakes.length === 0) {
    const where = orDefault(paths).join(', ') || 'scripts and plugins of this directory';
    mistakes.push(`no dialogue (NAME${ENDING} next to NAME.lua or NAME.ts) was found in ${where}`);
  }
  return { files: [...files], mistakes };
}

function isTypeName(name: string): boolean {
  return TYPE_ENDINGS.includes(extname(name)) && !isPassedOver(name);
}

async function runFile(
  file: string,
  settings: GivenSettings,
): Promise<{ exchanges: number; lines: readonly string[] }> {
  const failure = (line: number | undefined, reason: string) => ({
    exchanges: 0,
    lines: [`${file}${line === undefined ? '' : `:${line}`}: ${reason}`],
  });
  const types = TYPE_ENDINGS.map((ending) => join(dirname(file), stem(file) + ending)).filter(existsSync);
  if (types.length === 0) return failure(undefined, `there is no ${stem(file)}.lua and no ${stem(file)}.ts next to it`);
  let cache: CacheInProcess | undefined;
  try {
    // The bytes of the file are those that clients send.
    const steps = parseDialogue(readText(file));
    if (!steps.some(({ kind }) => kind === 'exchange')) return failure(undefined, EMPTY);
    cache = await CacheInProcess.create({ types }, { directory: dirname(file), settings });
    const differences = await runDialogue(steps, cache);
    const exchanges = steps.filter(({ kind }) => kind === 'exchange').length;
    return { exchanges, lines: differences.flatMap((difference) => shown(file, difference)) };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return thrown instanceof DialogueError ? failure(thrown.line, reason) : { exchanges: 0, lines: [reason] };
  } finally {
    cache?.close();
  }
}

function readText(file: string): string {
  try {
    return readWholeFile(file).toString('latin1');
  } catch (error) {
    throw new Error(`${file}: ${reasonOf(error)}`, { cause: error });
  }
}

const NOTHING = '(no further line)';

function shown(file: string, { line, request, expected, got, isUnfinished }: Difference): readonly string[] {
  const waits = isUnfinished ? '; the request is not complete: a data block follows in a line of its own' : '';
  return [
    `${file}:${line}: another reply to ${request}`,
    `  expected: ${expected ?? NOTHING}`,
    `  got:      ${got ?? NOTHING}${waits}`,
  ];
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
