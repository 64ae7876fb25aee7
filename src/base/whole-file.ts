// Reads a file that an option or an argument names, as a whole. A device may never end, and opening a pipe waits for its writer.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A choice: some 100,000 users with hashes; certificates, tokens, configurations and dialogues are far smaller. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Throws an error of the OS, or one whose message is what is wrong with the file. */
export function readWholeFile(path: string): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(file);
    if (status.isDirectory()) throw new Error('is a directory');
    if (!status.isFile()) throw new Error('is not a regular file');
    if (status.size > MAX_FILE_BYTES) throw new Error(`is larger than ${MAX_FILE_BYTES} bytes`);
    return readBytes(file, status.size);
  } finally {
    closeSync(file);
  }
}

/** A file that grows meanwhile is read as far as it was at first. */
function readBytes(file: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  for (let read = -1; read !== 0 && length < size; length += read) {
    read = readSync(file, bytes, length, size - length, length);
  }
  return bytes.subarray(0, length);
}
