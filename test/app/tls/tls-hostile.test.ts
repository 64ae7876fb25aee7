// A hostile TLS client that calls OpenSSL directly. Linux only, where the server's data threads call OpenSSL too.

import { connect as connectPlain, type Socket } from 'node:net';
import koffi from 'koffi';
import { afterAll, describe, expect, test } from 'vitest';
import { loadOpenssl } from '../../../src/transport/tls/openssl.js';
import { TestClient } from '../../transport/client.js';
import { certificateFolder, issue, keyText } from '../../transport/tls/certificates.js';
import { type ServerProcess, startProcess } from '../server-process.js';

const openssl = await loadOpenssl();
const folder = certificateFolder();
const server = issue({ name: 'server' });
const files = `ssl_chain_cert=${folder.put('chain.pem', server.certificate)},ssl_key=${folder.put('key.pem', keyText(server))}`;

afterAll(() => folder[Symbol.dispose]());

const REQUESTED = 1;
const BUFFER_BYTES = 64 * 1024;

describe.runIf(process.platform === 'linux' && typeof openssl !== 'string')('a client that changes its keys', () => {
  test('thousands of times gets its reply, and other clients are served meanwhile', async () => {
    await using running = await startProcess(['-t', '1', '--no-objects', '-Z', '-o', files]);
    const tls = { ca: server.certificate };
    const neighbour = await TestClient.connect({ host: '127.0.0.1', port: running.port, tls });
    const client = await RawClient.connect(running);
    for (let round = 0; round < 10; round++) {
      client.changeKeys(300);
      expect(await neighbour.ask('get a\r\n', 'END\r\n')).toBe('END\r\n');
      expect(await client.ask('get b\r\n')).toBe('END\r\n');
    }
    client.close();
  });
});

/** OpenSSL on a socket that Node has connected and does not read. */
class RawClient {
  readonly #library = koffi.load(null);
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  readonly #at = Number(koffi.address(this.#buffer));
  readonly #connect = this.#library.func('int SSL_connect(uintptr_t ssl)');
  readonly #read = this.#library.func('int SSL_read(uintptr_t ssl, uintptr_t to, int length)');
  readonly #write = this.#library.func('int SSL_write(uintptr_t ssl, uintptr_t from, int length)');
  readonly #updateKey = this.#library.func('int SSL_key_update(uintptr_t ssl, int type)');
  readonly #handshake = this.#library.func('int SSL_do_handshake(uintptr_t ssl)');
  readonly #ssl: number;

  private constructor(private readonly socket: Socket) {
    const method = this.#library.func('uintptr_t TLS_client_method()')();
    const context = this.#library.func('uintptr_t SSL_CTX_new(uintptr_t method)')(method);
    this.#ssl = this.#library.func('uintptr_t SSL_new(uintptr_t context)')(context);
    const { fd } = (socket as unknown as { readonly _handle: { readonly fd: number } })._handle;
    this.#library.func('int SSL_set_fd(uintptr_t ssl, int descriptor)')(this.#ssl, fd);
  }

  static async connect({ port }: ServerProcess): Promise<RawClient> {
    const socket = connectPlain({ port, host: '127.0.0.1' });
    socket.pause();
    await new Promise((resolve) => socket.once('connect', resolve));
    const client = new RawClient(socket);
    while (client.#connect(client.#ssl) !== 1) await turn();
    return client;
  }

  /** Requests a key update from the server as well, each time. */
  changeKeys(times: number): void {
    for (let count = 0; count < times; count++) {
      this.#updateKey(this.#ssl, REQUESTED);
      this.#handshake(this.#ssl);
    }
  }

  /** The first bytes of the reply. */
  async ask(request: string): Promise<string> {
    const size = this.#buffer.write(request);
    while (this.#write(this.#ssl, this.#at, size) <= 0) await turn();
    for (;;) {
      const length = this.#read(this.#ssl, this.#at, BUFFER_BYTES);
      if (length > 0) return this.#buffer.toString('latin1', 0, length);
      await turn();
    }
  }

  close(): void {
    this.socket.destroy();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
