// Reads a file of a folder of object types once, as a whole. It refuses everything but regular files of limited size inside the folder.

import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, type Stats } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { LoadError } from './load-error.js';

export interface ContainingFolder {
  readonly path: string;
  /** The folder's name in messages to users: `scripts`, `app/scripts`. */
  readonly label: string;
}

export interface ContainedFile {
  readonly bytes: Buffer;
  /** Identifies the content that was read; taken before reading. */
  readonly status: Stats;
  /** Whether the path itself is a link. */
  readonly isLink: boolean;
}

/** A choice: a file is read into memory as a whole, and types are far smaller. The budget for loading a script allows some 700 KB. */
const MAX_FILE_BYTES = 1024 * 1024;

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** `scripts/set.lua`. */
export function shownName({ path: directory, label }: ContainingFolder, path: string): string {
  // Most files lie directly in the folder.
  const inside = path.startsWith(directory + sep) ? path.slice(directory.length + 1) : relative(directory, path);
  return join(label, inside);
}

/** The file without a byte order mark; undefined when there is no such file. Throws LoadError; `outside` is the reason for a path that
 * leads out of the folder. */
export function readContained(folder: ContainingFolder, path: string, outside: string): ContainedFile | undefined {
  const shown = shownName(folder, path);
  try {
    const { file, isLink } = openContained(folder, path, () => new LoadError(shown, undefined, outside));
    try {
      const status = fstatSync(file);
      return { bytes: readWhole(file, status, shown), status, isLink };
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    if (thrown instanceof LoadError) throw thrown;
    if (isMissing(thrown)) return undefined;
    throw new LoadError(shown, undefined, `cannot be read: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}

/** Opening a pipe without O_NONBLOCK would wait for a writer. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** A file directly in the folder is inside it unless it is a link, which the kernel refuses to open. Only other paths are resolved. */
function openContained(
  folder: ContainingFolder,
  path: string,
  escaped: () => LoadError,
): { readonly file: number; readonly isLink: boolean } {
  if (dirname(path) === folder.path) {
    try {
      return { file: openSync(path, FLAGS | constants.O_NOFOLLOW), isLink: false };
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ELOOP') throw thrown;
    }
  }
  const resolved = realpathSync.native(path);
  if (!resolved.startsWith(realpathSync.native(folder.path) + sep)) throw escaped();
  // By its resolved path: the link may lead elsewhere by now.
  return { file: openSync(resolved, FLAGS | constants.O_NOFOLLOW), isLink: true };
}

function readWhole(file: number, status: Stats, shown: string): Buffer {
  if (!status.isFile()) throw new LoadError(shown, undefined, 'is not a regular file');
  if (status.size > MAX_FILE_BYTES) throw new LoadError(shown, undefined, `is larger than ${MAX_FILE_BYTES} bytes`);
  const bytes = Buffer.allocUnsafeSlow(status.size);
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = readSync(file, bytes, length, bytes.length - length, length);
  }
  const whole = bytes.subarray(0, length);
  return whole.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ? whole.subarray(BYTE_ORDER_MARK.length)
    : whole;
}

function isMissing(thrown: unknown): boolean {
  const { code } = thrown as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
