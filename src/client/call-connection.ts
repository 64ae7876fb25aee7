// A connection that calls methods one after another, for `cacheismo call`, for tests of types and for tools. Other programs should use a
// memcached client with the keys of key-of-call.ts.

import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface CallOptions {
  readonly host?: string;
  readonly port?: number;
  /** The limit for each reply, including the login's. */
  readonly timeoutMs?: number;
  /** If given, it is sent with a `set` and becomes the method's last argument; the reply is then a word such as STORED. */
  readonly data?: string | Uint8Array;
  /** Log in first, to a server with -Y. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Use TLS. `ca` has the certificates, in PEM format, of the authorities that may have signed the server's; by default Node's own
   * list. */
  readonly tls?: { readonly ca?: string };
}

export interface CallReply {
  /** The value as a byte string; undefined for a miss or an error. */
  readonly value: string | undefined;
  /** The line of an error. */
  readonly error: string | undefined;
}

const DEFAULT_PORT = 11211;
/** A choice: a call has 50 ms by default, so a server that is not overloaded replies long before this. */
const DEFAULT_TIMEOUT_MS = 5000;
const MAX_KEY_BYTES = 250;
const LINE_END = Buffer.from('\r\n');

/** Calls one method. Rejects when the server cannot be reached, does not accept the user, or its reply is not memcached's protocol. */
export async function callMethod(virtualKey: string, options: CallOptions = {}): Promise<CallReply> {
  const request = requestOf(virtualKey, options.data);
  const connection = await CallConnection.open(options);
  try {
    return await connection.ask(request);
  } finally {
    connection.close();
  }
}

export class CallConnection {
  #received: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (data) => {
      this.#received = Buffer.concat([this.#received, data]);
      this.#wake();
    });
    const fail = (error: Error): void => {
      this.#failure ??= error;
      this.#wake();
    };
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the server closed the connection')));
  }

  static async open(options: CallOptions = {}): Promise<CallConnection> {
    const { host = '127.0.0.1', port = DEFAULT_PORT, timeoutMs = DEFAULT_TIMEOUT_MS, tls, user } = options;
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = tls === undefined ? connect({ host, port }) : connectTls({ ...tls, ...name, host, port });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    const connection = new CallConnection(socket);
    if (user !== undefined) await connection.#logIn(user.name, user.password);
    return connection;
  }

  /** Rejects as `callMethod` does. The calls of one connection must not overlap. */
  call(virtualKey: string, data?: string | Uint8Array): Promise<CallReply> {
    return this.ask(requestOf(virtualKey, data));
  }

  close(): void {
    this.socket.destroy();
  }

  /** Sends a whole request and returns the reply to it. */
  async ask(request: Uint8Array): Promise<CallReply> {
    this.socket.write(request);
    for (;;) {
      const reply = parseReply(this.#received);
      if (reply !== undefined) {
        this.#received = Buffer.alloc(0);
        return reply;
      }
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** A server that requires no login stores the value, so it is sent as already expired: no client can read the password. */
  async #logIn(name: string, password: string): Promise<void> {
    if (/[\s:]/.test(name) || name === '' || /[\r\n]/.test(password) || password === '') {
      this.close();
      throw new Error('a user has a name without blanks and colons, and a password of one line');
    }
    const { error } = await this.ask(storage(Buffer.from('login'), '-1', Buffer.from(`${name} ${password}`)));
    if (error === undefined) return;
    this.close();
    throw new Error(`the user ${name} is not accepted: ${error}`);
  }
}

/** The bytes of a key. Throws for one that no memcached server accepts. */
export function keyBytes(virtualKey: string): Buffer {
  const key = Buffer.from(virtualKey, 'utf8');
  if (key.length === 0 || key.length > MAX_KEY_BYTES || /[\s\p{Cc}]/u.test(virtualKey)) {
    throw new Error('a key has 1 to 250 bytes and no blanks; write %20 for a blank in an argument');
  }
  return key;
}

function requestOf(virtualKey: string, data: string | Uint8Array | undefined): Buffer {
  const key = keyBytes(virtualKey);
  if (data === undefined) return Buffer.concat([Buffer.from('get '), key, LINE_END]);
  return storage(key, '0', typeof data === 'string' ? Buffer.from(data, 'utf8') : data);
}

function storage(key: Buffer, exptime: string, block: Uint8Array): Buffer {
  const rest = Buffer.from(` 0 ${exptime} ${block.length}\r\n`);
  return Buffer.concat([Buffer.from('set '), key, rest, block, LINE_END]);
}

/** Undefined while the reply is incomplete. */
function parseReply(received: Buffer): CallReply | undefined {
  const lineEnd = received.indexOf(LINE_END);
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
