// The first steps of the pipeline for one file: reads it, transforms it where needed, and identifies the type that it defines. That runs
// code of the file, which may loop or die, so it is done in the loader's thread, which has limits.

import type { ScriptLoader } from '../languages/lua/host/load-script.js';
import { makeBundle, readModule, type Transform } from '../languages/typescript/bundle.js';
import { examineNativeType } from '../languages/typescript/typescript-type.js';
import { shownName } from '../objects/types/contained-file.js';
import { LoadError } from '../objects/types/load-error.js';
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
        ? examineScript(folder, path, bytes, await tools.scripts(), tools)
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
  scripts: ScriptExaminer,
  { running }: ExamineTools,
): Pick<Examined, 'source' | 'helper'> {
  const file = shownName(folder, path);
  running?.();
  const script = scripts.examine(text, file);
  return 'helper' in script ? script : { source: { language: 'lua', rank: folder.rank, ...script } };
}

function examinePlugin(
  folder: TypeFolder,
  path: string,
  text: Buffer,
  depends: [string, string][],
  transform: Transform,
  { running }: ExamineTools,
): Pick<Examined, 'source' | 'helper'> {
  const bundle = makeBundle(path, folder, transform, (module) => {
    if (module === path) return { bytes: text };
    const unread = depends.push([module, signatureOf(module)]) - 1;
    const read = readModule(folder, module);
    if (read !== undefined) depends[unread] = [module, signatureFrom(read.status)];
    return read;
  });
  for (const missing of bundle.missing) depends.push([missing, signatureOf(missing)]);
  running?.();
  const type = examineNativeType(bundle);
  if ('helper' in type) return type;
  const { name, file } = type;
  type.dispose();
  return { source: { language: 'typescript', name, file, rank: folder.rank, bundle } };
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
