// The first steps of the pipeline for one file: reads it, transforms it where needed, and identifies the type that it defines. That runs
// code of the file, which may loop or die, so it is done in the loader's thread, which has limits.

import { join } from 'node:path';
import type { ScriptLoader } from '../languages/lua/host/load-script.js';
import { type ModuleSource, modulePath } from '../languages/lua/host/module-source.js';
import { makeBundle, readModule, type Transform } from '../languages/typescript/bundle.js';
import { examineNativeType } from '../languages/typescript/typescript-type.js';
import { type ContainedFile, readContained, shownName } from '../objects/types/contained-file.js';
import { LoadError } from '../objects/types/load-error.js';
import { type GivenSettings, NOTHING_GIVEN, settingsOf } from '../objects/types/type-settings.js';
import { signatureFrom, signatureOf } from './file-signature.js';
import { readTypeFile, type TypeFolder } from './type-file.js';
import type { TypeSource } from './type-source.js';

interface Failure {
  readonly file: string;
  readonly line: number | undefined;
  readonly reason: string;
}

/** Paths and the signatures of their files when they were read; ABSENT for paths that did not exist. */
export type Dependencies = readonly (readonly [path: string, signature: string])[];

/** What a file defines, or why it defines nothing. */
export interface Examined {
  readonly path: string;
  /** The file itself and all files that were read or looked up on its behalf. */
  readonly depends: Dependencies;
  /** Whether the path is a link; undefined when the file could not be read. */
  readonly isLink?: boolean;
  readonly source?: TypeSource;
  readonly failure?: Failure;
  /** The reason why it defines no type, which is no error. */
  readonly helper?: string;
  /** There is no such file. */
  readonly isMissing?: boolean;
}

export interface ExamineTools {
  readonly scripts: () => ScriptExaminer | Promise<ScriptExaminer>;
  readonly transform: () => Transform | Promise<Transform>;
  /** What the configuration sets for types. */
  readonly settings?: GivenSettings;
  /** Called before code of the file runs. */
  readonly running?: () => void;
}

type ScriptExaminer = Pick<ScriptLoader, 'examine'>;

export async function examineFile(folder: TypeFolder, path: string, tools: ExamineTools): Promise<Examined> {
  const depends: [string, string][] = [];
  try {
    // 1. Read.
    const read = readTypeFile(folder, path);
    if (read === undefined) return { path, depends: [[path, signatureOf(path)]], isMissing: true };
    const { bytes, status, isLink } = read;
    depends.push([path, signatureFrom(status)]);
    // 2. and 3. Identify and transform: a script is run unchanged, a plugin after its transformation to JavaScript.
    const found =
      folder.language === 'lua'
        ? examineScript(folder, path, bytes, depends, await tools.scripts(), tools)
        : examinePlugin(folder, path, bytes, depends, await tools.transform(), tools);
    return { path, depends, isLink, ...found };
  } catch (thrown) {
    if (depends.length === 0) depends.push([path, signatureOf(path)]);
    return { path, depends, failure: failureOf(shownName(folder, path), thrown) };
  }
}

function examineScript(
  folder: TypeFolder,
  path: string,
  text: Uint8Array,
  depends: [string, string][],
  scripts: ScriptExaminer,
  { running, settings: given = NOTHING_GIVEN }: ExamineTools,
): Pick<Examined, 'source' | 'helper'> {
  const file = shownName(folder, path);
  running?.();
  const script = scripts.examine(text, file, moduleFiles(folder, depends));
  if ('helper' in script) return script;
  return { source: { language: 'lua', rank: folder.rank, settings: settingsOf(script, given), ...script } };
}

/** The files that scripts of a folder can require. */
function moduleFiles(folder: TypeFolder, depends: [string, string][]): ModuleSource {
  return {
    find(name) {
      const path = join(folder.path, modulePath(name));
      const outside = `lies outside of ${folder.label}: nothing else is read`;
      const file = noted(depends, path, () => readContained(folder, path, outside));
      return file === undefined ? undefined : { name, text: file.bytes };
    },
    whyMissing: (name) => `there is no ${shownName(folder, join(folder.path, modulePath(name)))}`,
  };
}

/** Notes a file on which the type depends, whether or not it can be read. */
function noted(
  depends: [string, string][],
  path: string,
  read: () => ContainedFile | undefined,
): ContainedFile | undefined {
  const unread = depends.push([path, signatureOf(path)]) - 1;
  const file = read();
  if (file !== undefined) depends[unread] = [path, signatureFrom(file.status)];
  return file;
}

function examinePlugin(
  folder: TypeFolder,
  path: string,
  text: Buffer,
  depends: [string, string][],
  transform: Transform,
  { running, settings: given = NOTHING_GIVEN }: ExamineTools,
): Pick<Examined, 'source' | 'helper'> {
  const bundle = makeBundle(path, folder, transform, (module) => {
    return module === path ? { bytes: text } : noted(depends, module, () => readModule(folder, module));
  });
  for (const missing of bundle.missing) depends.push([missing, signatureOf(missing)]);
  running?.();
  const type = examineNativeType(bundle);
  if ('helper' in type) return type;
  const file = shownName(folder, path);
  const { name, config } = type;
  const settings = settingsOf({ name, file, config }, given);
  return { source: { language: 'typescript', name, file, rank: folder.rank, config, settings, bundle } };
}

export function failureOf(file: string, thrown: unknown): Failure {
  if (thrown instanceof LoadError) return { file: thrown.file, line: thrown.line, reason: thrown.reason };
  let reason = 'threw a value that cannot be shown';
  try {
    reason = thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    // Its conversion to a string throws as well.
  }
  return { file, line: undefined, reason };
}
