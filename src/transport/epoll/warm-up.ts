// Makes a transport serve requests of its own before it accepts clients, so that the first client does not wait for V8 to compile the code.
// The caller's last requests must delete what the others have stored.

import type { WarmUpRequests } from '../../protocols/protocol.js';
import { AF_UNIX, type Libc, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from './libc.js';

interface Served {
  readonly libc: Libc;
  adopt(descriptor: number): void;
  turn(maxWaitMs: number): void;
}

/** A choice: enough calls for V8's baseline compiler, and few enough to take some milliseconds. */
const ROUNDS = 60;
const REPLY_BYTES = 4096;

/** The replies to all requests must be shorter than REPLY_BYTES. Does nothing if no socket can be opened. */
export function serveOwnClient(transport: Served, { requests, last }: WarmUpRequests): void {
  const { libc } = transport;
  const buffer = Buffer.allocUnsafeSlow(REPLY_BYTES);
  const at = libc.addressOf(buffer);
  if (libc.socketPair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, at) !== 0) return;
  const [served, client] = [buffer.readInt32LE(0), buffer.readInt32LE(4)];
  transport.adopt(served);
  const serve = (request: Uint8Array) => {
    libc.sendBytes(client, request, request.length, 0);
    transport.turn(0);
    libc.read(client, at, REPLY_BYTES);
  };
  for (let round = 0; round < ROUNDS; round++) requests.forEach(serve);
  serve(last);
  libc.close(client);
  transport.turn(0);
}
