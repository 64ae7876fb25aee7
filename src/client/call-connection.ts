// A connection for calls of methods: `cacheismo call`, tests of types and object-client.ts use it. Requests are sent as they come, and
// replies arrive in the same order. It does not connect again; object-client.ts does.

import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { MAX_KEY_BYTES } from './key-of-call.js';
import { type CallReply, parseReply } from './replies.js';

export interface ConnectionOptions {
  readonly host?: string;
  readonly port?: number;
  /** The path of a Unix socket, instead of host and port. */
  readonly unixSocket?: string;
  /** How long the server may send nothing while a reply is due, the login's included. */
  readonly timeoutMs?: number;
  /** Log in first, to a server with -Y. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Use TLS. `ca` has the certificates, in PEM format, of the authorities that may have signed the server's; by default Node's own
   * list. */
  readonly tls?: { readonly ca?: string };
}

export interface CallOptions extends ConnectionOptions {
  /** If given, it is sent with a `set` and becomes the method's last argument; the reply is then a word such as STORED. */
  readonly data?: string | Uint8Array;
}

interface Pending {
  resolve(reply: CallReply): void;
  reject(failure: Error): void;
}

const DEFAULT_PORT = 11211;
/** A choice: a call has 50 ms by default, so a server that is not overloaded replies long before this. */
const DEFAULT_TIMEOUT_MS = 5000;
const NOTHING = Buffer.alloc(0);
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
  #received: Buffer = NOTHING;
  /** Requests without a reply, in the order in which they were sent. */
  readonly #pending: Pending[] = [];
  #failure: Error | undefined;
  /** Requests of this turn of the event loop are sent together. */
  #isCollecting = false;

  private constructor(
    private readonly socket: Socket,
    private readonly timeoutMs: number,
  ) {
    socket.setNoDelay();
    socket.on('data', (data) => this.#receive(data));
    socket.on('timeout', () => this.#fail(new Error(`no answer within ${timeoutMs} ms`)));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static async open(options: ConnectionOptions = {}): Promise<CallConnection> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, user } = options;
    const connection = new CallConnection(connectTo(options), timeoutMs);
    if (user !== undefined) await connection.#logIn(user);
    return connection;
  }

  /** Whether requests can still be sent. */
  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  /** Rejects as `callMethod` does. */
  call(virtualKey: string, data?: string | Uint8Array): Promise<CallReply> {
    return this.ask(requestOf(virtualKey, data));
  }

  /** Calls whose replies are due are rejected. */
  close(): void {
    this.#fail(new Error('the connection was closed by this program'));
  }

  /** Sends a whole request and returns the reply to it. */
  ask(request: Uint8Array): Promise<CallReply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      if (this.#pending.push({ resolve, reject }) === 1) this.socket.setTimeout(this.timeoutMs);
      this.#collect();
      this.socket.write(request);
    });
  }

  #collect(): void {
    if (this.#isCollecting) return;
    this.#isCollecting = true;
    this.socket.cork();
    process.nextTick(() => {
      this.#isCollecting = false;
      this.socket.uncork();
    });
  }

  #receive(data: Buffer): void {
    this.#received = this.#received.length === 0 ? data : Buffer.concat([this.#received, data]);
    for (;;) {
      const parsed = this.#pending.length === 0 ? undefined : parseReply(this.#received);
      if (parsed === undefined) break;
      this.#received = this.#received.subarray(parsed.length);
      this.#pending.shift()?.resolve(parsed.reply);
    }
    if (this.#pending.length === 0) this.socket.setTimeout(0);
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    this.socket.destroy();
    for (const { reject } of this.#pending.splice(0)) reject(this.#failure);
  }

  async #logIn(user: { readonly name: string; readonly password: string }): Promise<void> {
    try {
      const { error } = await this.ask(loginRequest(user));
      if (error !== undefined) throw new Error(`the user ${user.name} is not accepted: ${error}`);
    } catch (failure) {
      this.close();
      throw failure;
    }
  }
}

/** A socket to the server, without a login.
    @internal Declarations for users name no type of Node, so that they need no `@types/node`. */
export function connectTo({ host = '127.0.0.1', port = DEFAULT_PORT, tls, unixSocket }: ConnectionOptions): Socket {
  if (unixSocket !== undefined) return connect(unixSocket);
  if (tls === undefined) return connect({ host, port });
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ ...tls, ...name, host, port });
}

const LOGIN_KEY = Buffer.from('_cacheismo_login_');

/** Throws for a name or password that no server accepts. A server that requires no login stores the value, so it is sent as already
    expired: no client can read the password. That removes the item of this key, so the key is one that no application has.
    @internal */
export function loginRequest({ name, password }: { readonly name: string; readonly password: string }): Buffer {
  if (/[\s:]/.test(name) || name === '' || /[\r\n]/.test(password) || password === '') {
    throw new Error('a user has a name without blanks and colons, and a password of one line');
  }
  return storage(LOGIN_KEY, '-1', Buffer.from(`${name} ${password}`));
}

/** The bytes of a key. Throws for one that no memcached server accepts.
    @internal */
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
