// Limits how many connections a server accepts in a second, those that it refuses included: each takes 25 us of CPU time, and the processors may be
// those of the data threads. Meanwhile the kernel keeps some connections waiting and drops further ones, whose clients try again after a second.
//
// Node cannot pause a listening server. It is closed instead, while a copy of its descriptor keeps the socket: the address stays in use, and
// clients that wait are not lost. Linux only; elsewhere nothing is limited.

import { Server } from 'node:net';
import { serverDescriptor } from '../../transport/net/stream-handle.js';
import { declareFunctions } from '../c-library.js';

/** A browser opens six, a scraper one. Accepting these takes 6 ms of CPU time, or 0.6 %. */
export const MOST_ACCEPTED_A_SECOND = 256;
const SECOND_MS = 1000;

/** Connections that the kernel keeps waiting: a pause is followed by those of half a second at most. */
export const WAITING_CONNECTIONS = 128;

/** A copy of a descriptor that programs which this process starts do not get. */
const F_DUPFD_CLOEXEC = 1030;

/** Call once the server listens. `onPause` is called for each pause. */
export async function limitAccepts(server: Server, onPause: () => void): Promise<void> {
  const copy = await declareFunctions((library) => {
    const fcntl = library.func('int fcntl(int fd, int command, int from)');
    return (descriptor: number): number => fcntl(descriptor, F_DUPFD_CLOEXEC, 0) as number;
  });
  const kept = copy?.(serverDescriptor(server)) ?? -1;
  if (copy === undefined || kept < 0) return;
  let accepted = 0;
  let secondBeganMs = performance.now();
  const resume = () => {
    const fd = copy(kept);
    // Without a free descriptor the next second may have one.
    if (fd < 0) setTimeout(resume, SECOND_MS);
    else server.listen({ fd, backlog: WAITING_CONNECTIONS });
  };
  const count = () => {
    const nowMs = performance.now();
    if (nowMs - secondBeganMs >= SECOND_MS) {
      secondBeganMs = nowMs;
      accepted = 0;
    }
    if (++accepted < MOST_ACCEPTED_A_SECOND || !server.listening) return;
    onPause();
    // That of an HTTP server would close its connections and end their time limits.
    Server.prototype.close.call(server);
    // Timers may be a millisecond early: the next connection would be one more of this second, and make another pause.
    setTimeout(resume, Math.ceil(secondBeganMs + SECOND_MS - nowMs) + 1);
  };
  server.on('connection', count);
  server.on('drop', count);
}
