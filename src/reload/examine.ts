// Examines one file: reads it, compiles it, runs it and checks what it defines. It may take as long as its author likes, so it is done
// where nobody waits: in the loader's thread, which has a limit. Not for files that are to serve already.

import type { ScriptLoader } from '../languages/lua/host/load-script.js';
import { type Bundle, makeBundle, type Transform } from '../languages/typescript/bundle.js';
import { examineNativeType } from '../languages/typescript/typescript-type.js';
import { LoadError } from '../objects/types/load-error.js';
import { signatureOf } from './file-signature.js';
import { readTypeFile, shownName, type TypeFolder } from './type-file.js';
import type { TypeSource } from './type-source.js';

export interface Failure {
  readonly file: string;
  readonly line: number | undefined;
  readonly reason: string;
}

/** What a file came to. */
export interface Examined {
  readonly path: string;
  /** All that it was made of or looked for, by path, as it was when it was read. */
  readonly depends: Readonly<Record<string, string>>;
  readonly source?: TypeSource;
  readonly failure?: Failure;
  /** Why it defines no type and need not. */
  readonly helper?: string;
  /** There is no such file. */
  readonly isMissing?: boolean;
}

export interface ExamineTools {
  readonly scripts: () => Promise<Pick<ScriptLoader, 'examine'>>;
  readonly transform: () => Promise<Transform>;
  /** Called before code of the file is run. */
  readonly running?: () => void;
}

export async function examineFile(folder: TypeFolder, path: string, tools: ExamineTools): Promise<Examined> {
  const depends: Record<string, string> = {};
  const note = (read: string): void => {
    depends[read] ??= signatureOf(read);
  };
  note(path);
  try {
    const text = readTypeFile(folder, path);
    if (text === false) return { path, depends, isMissing: true };
    const found =
      folder.language === 'lua'
        ? await examineScript(folder, path, text, tools)
        : await examinePlugin(folder, path, note, tools);
    return { path, depends, ...found };
  } catch (thrown) {
    return { path, depends, failure: failureOf(shownName(folder, path), thrown) };
  }
}

async function examineScript(
  folder: TypeFolder,
  path: string,
  text: Uint8Array,
  { scripts, running }: ExamineTools,
): Promise<Pick<Examined, 'source' | 'helper'>> {
  const loader = await scripts();
  const file = shownName(folder, path);
  running?.();
  const definition = loader.examine(text, file);
  if ('helper' in definition) return definition;
  return { source: { language: 'lua', name: definition.data.name, file, rank: folder.rank, text, definition } };
}

async function examinePlugin(
  folder: TypeFolder,
  path: string,
  note: (read: string) => void,
  { transform, running }: ExamineTools,
): Promise<Pick<Examined, 'source' | 'helper'>> {
  const bundle: Bundle = makeBundle(path, folder, await transform(), note);
  for (const missing of bundle.missing) note(missing);
  running?.();
  const type = examineNativeType(bundle);
  if ('helper' in type) return type;
  const { name, file } = type;
  type.dispose();
  return { source: { language: 'typescript', name, file, rank: folder.rank, bundle } };
}

export function failureOf(file: string, thrown: unknown): Failure {
  if (thrown instanceof LoadError) return { file: thrown.file, line: thrown.line, reason: thrown.reason };
  let reason = 'threw what cannot be shown';
  try {
    reason = thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    // Not even that.
  }
  return { file, line: undefined, reason };
}
