// Ends the process whatever its threads are doing: a looping thread, a stuck write or a handler of Node's cannot delay it.

import { type Libc, loadLibc } from '../transport/epoll/libc.js';
import type { LogWriter } from './log-writer.js';

/** The server must end, for a reason that the message gives completely, such as the death of a thread. */
export class FatalError extends Error {
  override readonly name = 'FatalError';
}

/** A log whose reader is stuck must not delay the end noticeably; a reader that works takes far less. */
const LAST_LINES_MS = 300;

/** Writes as much of the log as its reader accepts, and ends. */
export async function endWithLog(writer: LogWriter, code: number, libc: Libc | undefined): Promise<void> {
  await writer.flush(LAST_LINES_MS);
  const known = libc ?? (writer.isWriting ? await loadLibc() : undefined);
  endProcess(code, typeof known === 'string' ? undefined : known, writer.isWriting);
}

/** Node's own exit waits for threads and for unfinished writes; the C library's does not. Without the library a process whose writes are
    stuck can only be killed. */
function endProcess(code: number, libc: Libc | undefined, isStuck: boolean): void {
  if (libc !== undefined) libc.exit(code);
  if (isStuck) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}
