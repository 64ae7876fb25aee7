// A client for programs: methods of objects as functions, with the types that their declarations give. It escapes keys and arguments, sends
// calls without waiting for the replies before them, and connects again after a lost connection. It repeats no call, since a call whose
// reply was lost may have run.

import { CallConnection, type ConnectionOptions } from './call-connection.js';
import { bytesOf, type CallArgument, keyOfAnyLength, MAX_KEY_BYTES } from './key-of-call.js';
import { type Declaration, inOrder, type NamedArguments } from './named-arguments.js';
import type { CallReply } from './replies.js';
import type { Calls, DeclaredType } from './typed-calls.js';

export interface ClientOptions extends ConnectionOptions {
  /** The prefix of virtual keys, if the server has --virtual-prefix-required. */
  readonly prefix?: string;
  /** How the bytes of results become strings: as UTF-8, which is the default, or each byte as one character. */
  readonly encoding?: 'utf8' | 'latin1';
}

/** An error line: the call was wrong or refused (CLIENT_ERROR), or the server could not serve it (SERVER_ERROR). */
export class CallError extends Error {
  override readonly name = 'CallError';
  /** The first word of the line. */
  readonly code: string;

  constructor(line: string) {
    super(line);
    this.code = line.split(' ', 1)[0] ?? '';
  }
}

/** The value of a call on a missing object, for types with `missing: 'value'`. */
const MISSING_VALUE = 'ERROR_CACHE_MISS';

/** The connection is made by the first call, and closed by `close`, without which it keeps the process running. */
export function connect(options: ClientOptions = {}): ObjectClient {
  return new ObjectClient(options);
}

export class ObjectClient {
  #connection: CallConnection | undefined;
  #opening: Promise<CallConnection> | undefined;
  #isClosed = false;
  /** Read from the server when a type is first called, and again on a new connection or after a call that was refused. */
  readonly #declarations = new Map<string, Promise<Declaration>>();

  constructor(private readonly options: ClientOptions) {}

  /** The methods of a type: `client.type<typeof gcra>('gcra').take('ann', { burst: 10, count: 100, period_ms: 60_000 })`. Each resolves with
   * the text of the result, or with undefined for a miss. It rejects with a CallError for an error line, with a TypeError for wrong names
   * or missing arguments, and with another Error if no reply came. */
  type<T extends DeclaredType = DeclaredType>(name: string): Calls<T> {
    // A promise that resolves with this object must not take it for another promise.
    const get = (_target: object, method: string | symbol) =>
      typeof method === 'symbol' || method === 'then'
        ? undefined
        : (key: string | Uint8Array, given: NamedArguments = {}) => this.#call(name, method, key, given);
    return new Proxy({}, { get }) as Calls<T>;
  }

  /** Calls whose replies are due are rejected. */
  close(): void {
    this.#isClosed = true;
    this.#connection?.close();
  }

  async #call(
    type: string,
    method: string,
    key: string | Uint8Array,
    given: NamedArguments,
  ): Promise<string | undefined> {
    const declaration = await this.#declarationOf(type);
    const args = inOrder(declaration, method, given);
    const { value, error } = await this.#ask(this.#requestOf(type, method, key, args));
    if (error !== undefined) {
      // The type may have been changed.
      this.#declarations.delete(type);
      throw new CallError(error);
    }
    if (value === undefined || (declaration.missing === 'value' && value === MISSING_VALUE)) return undefined;
    return this.options.encoding === 'latin1' ? value : Buffer.from(value, 'latin1').toString('utf8');
  }

  #declarationOf(type: string): Promise<Declaration> {
    let declaration = this.#declarations.get(type);
    if (declaration === undefined) {
      declaration = this.#readDeclaration(type);
      this.#declarations.set(type, declaration);
      declaration.catch(() => this.#declarations.delete(type));
    }
    return declaration;
  }

  async #readDeclaration(type: string): Promise<Declaration> {
    const { value, error } = await this.#ask(this.#requestOf('cacheismo', 'declaration', type, []));
    if (error !== undefined) throw new CallError(error);
    if (value === undefined)
      throw new Error('the server calls no methods for such keys; see --no-objects and --virtual-prefix');
    return JSON.parse(value) as Declaration;
  }

  /** Where the key would be too long the last argument is sent as a data block, by the one storage command that returns results. */
  #requestOf(type: string, method: string, key: string | Uint8Array, args: readonly CallArgument[]): Buffer {
    const { prefix = '' } = this.options;
    const whole = prefix + keyOfAnyLength(type, method, key, args);
    if (whole.length <= MAX_KEY_BYTES) return Buffer.from(`get ${whole}\r\n`);
    const shorter = prefix + keyOfAnyLength(type, method, key, args.slice(0, -1));
    if (shorter.length > MAX_KEY_BYTES || args.length === 0) {
      throw new RangeError(
        `${type}:${method}: key and arguments, without the last one, take ${shorter.length} of at most ${MAX_KEY_BYTES} bytes`,
      );
    }
    const block = bytesOf(args[args.length - 1], args.length);
    return Buffer.concat([Buffer.from(`ms ${shorter} ${block.length} v\r\n`), block, Buffer.from('\r\n')]);
  }

  async #ask(request: Buffer): Promise<CallReply> {
    const connection = this.#connection?.isOpen ? this.#connection : await this.#open();
    return await connection.ask(request);
  }

  #open(): Promise<CallConnection> {
    if (this.#isClosed) return Promise.reject(new Error('the client was closed'));
    this.#opening ??= this.#openAnother().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openAnother(): Promise<CallConnection> {
    const connection = await CallConnection.open(this.options);
    // The server may have been started again, with other types.
    if (this.#connection !== undefined) this.#declarations.clear();
    this.#connection = connection;
    if (this.#isClosed) connection.close();
    return connection;
  }
}
