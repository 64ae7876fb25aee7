// Prepares the path of a Unix socket: removes the file of a server that has died, and refuses the path of one that is running.

import { lstatSync, unlinkSync } from 'node:fs';
import { createConnection } from 'node:net';
import { ListenError } from './transport-options.js';

/** What `sockaddr_un` holds besides the final NUL: 108 bytes on Linux, 104 on other systems. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

export async function clearSocketPath(path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new ListenError(`cannot listen on ${path}: the path of a Unix socket is at most ${MAX_PATH_BYTES} bytes`);
  }
  if (path.includes('\0')) throw new ListenError('cannot listen on a path that holds a NUL');
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new ListenError(`cannot listen on ${path}: it exists and is not a socket`);
  const answer = await probe(path);
  if (answer === 'connected') throw new ListenError(`cannot listen on ${path}: another server is listening there`);
  if (answer === 'ENOENT') return;
  if (answer !== 'ECONNREFUSED')
    throw new ListenError(`cannot listen on ${path}: cannot tell whether it is in use (${answer})`);
  unlinkSync(path);
}

/** "connected", or the code of the error. */
function probe(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

/** Runs `bind` under an umask, so that no client can connect before a chmod restricts the file. */
export function withFileMode<T>(mode: number, bind: () => T): T {
  const before = process.umask(~mode & 0o777);
  try {
    return bind();
  } finally {
    process.umask(before);
  }
}
