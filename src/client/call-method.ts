// Calls one method over a plain socket, for `cacheismo call` and for tests of types. It opens a connection for each call, so it is not
// meant as a client for programs.

import { connect } from 'node:net';

export interface CallOptions {
  readonly host?: string;
  readonly port?: number;
  readonly timeoutMs?: number;
  /** If given, it is sent with a `set` and becomes the method's last argument; the reply is then a word such as STORED. */
  readonly data?: string;
}

export interface CallReply {
  /** The value as a byte string; undefined for a miss or an error. */
  readonly value: string | undefined;
  /** The line of an error. */
  readonly error: string | undefined;
}

const DEFAULT_PORT = 11211;
const DEFAULT_TIMEOUT_MS = 5000;
const MAX_KEY_BYTES = 250;

/** Rejects when the server cannot be reached or its reply is not memcached's protocol. */
export function callMethod(virtualKey: string, options: CallOptions = {}): Promise<CallReply> {
  const { host = '127.0.0.1', port = DEFAULT_PORT, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const key = Buffer.from(virtualKey, 'utf8');
  if (key.length === 0 || key.length > MAX_KEY_BYTES || /[\s\p{Cc}]/u.test(virtualKey)) {
    return Promise.reject(new Error('a key has 1 to 250 bytes and no blanks; write %20 for a blank in an argument'));
  }
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let received = Buffer.alloc(0);
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    socket.on('connect', () => socket.write(requestOf(key, options.data)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      const reply = parseReply(received);
      if (reply === undefined) return;
      resolve(reply);
      socket.destroy();
    });
  });
}

function requestOf(key: Buffer, data: string | undefined): Buffer {
  if (data === undefined) return Buffer.concat([Buffer.from('get '), key, Buffer.from('\r\n')]);
  const block = Buffer.from(data, 'utf8');
  return Buffer.concat([Buffer.from('set '), key, Buffer.from(` 0 0 ${block.length}\r\n`), block, Buffer.from('\r\n')]);
}

/** Undefined while the reply is incomplete. */
export function parseReply(received: Buffer): CallReply | undefined {
  const lineEnd = received.indexOf('\r\n');
  if (lineEnd < 0) return undefined;
  const line = received.toString('latin1', 0, lineEnd);
  if (line === 'END' || line === 'NOT_FOUND' || line === 'NOT_STORED') return { value: undefined, error: undefined };
  if (line === 'STORED') return { value: line, error: undefined };
  const length = /^VALUE \S+ \d+ (\d+)$/.exec(line)?.[1];
  if (length === undefined) return { value: undefined, error: line };
  const valueAt = lineEnd + 2;
  const valueEnd = valueAt + Number(length);
  if (received.length < valueEnd + '\r\nEND\r\n'.length) return undefined;
  return { value: received.toString('latin1', valueAt, valueEnd), error: undefined };
}
