// TLS of the built server, with both transports, as clients, operators and attackers see it. Requests and replies of all sizes:
// test/transport/tls.

import { createCipheriv } from 'node:crypto';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { frame, Opcode } from '../../protocols/binary/frames.js';
import { TestClient } from '../../transport/client.js';
import { certificateFolder, type Issued, issue, keyText } from '../../transport/tls/certificates.js';
import { runCommand, type ServerProcess, startProcess } from '../server-process.js';

const folder = certificateFolder();
const authority = issue({ name: 'authority' });
const server = issue({ name: 'server' });
const chain = folder.put('chain.pem', server.certificate);
const key = folder.put('key.pem', keyText(server));
const authorityFile = folder.put('ca.pem', authority.certificate);

afterAll(() => folder[Symbol.dispose]());

interface ClientOptions {
  readonly certificate?: Issued;
  readonly version?: 'TLSv1.2' | 'TLSv1.3';
  readonly ca?: string;
}

function tlsOf({ certificate, version, ca }: ClientOptions) {
  return {
    ca: [server.certificate, ...(ca === undefined ? [] : [ca])],
    ...(certificate && { cert: certificate.certificate, key: keyText(certificate) }),
    ...(version && { minVersion: version, maxVersion: version }),
  };
}

function connect(port: number, options: ClientOptions = {}): Promise<TestClient> {
  return TestClient.connect({ host: '127.0.0.1', port, tls: tlsOf(options) });
}

async function statsOf(client: TestClient): Promise<Map<string, string>> {
  const text = await client.ask('stats\r\n', 'END\r\n');
  return new Map([...text.matchAll(/^STAT (\S+) (.*)\r$/gm)].map(([, name = '', value = '']) => [name, value]));
}

/** Waits for a counter of the server, which counts after it has closed a connection. */
async function counted(client: TestClient, name: string, value: string): Promise<void> {
  while ((await statsOf(client)).get(name) !== value) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe.each(['epoll', 'net'] as const)('TLS with the transport %s', (transport) => {
  const start = (options: string, ...more: string[]): Promise<ServerProcess> =>
    startProcess(['--transport', transport, '--no-objects', '-Z', '-o', options, ...more]);
  const files = `ssl_chain_cert=${chain},ssl_key=${key}`;

  test('values of all sizes are stored and read, with TLS 1.2 and 1.3', async () => {
    await using running = await start(files, '-I', '2m');
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const client = await connect(running.port, { version });
      for (const length of [0, 1, 16_383, 16_384, 16_385, 100_000, 1024 * 1024]) {
        const value = Buffer.alloc(length, `value of ${length} bytes `).toString('latin1');
        expect(await client.ask(`set k 5 0 ${length}\r\n${value}\r\n`, '\r\n')).toBe('STORED\r\n');
        const read = await client.ask('get k none k\r\n', 'END\r\n');
        expect(read === `VALUE k 5 ${length}\r\n${value}\r\n`.repeat(2).concat('END\r\n')).toBe(true);
      }
      client.destroy();
    }
  });

  test('plain text, noise and short-lived clients do no harm, and errors are counted', async () => {
    await using running = await start(files);
    const neighbour = await connect(running.port);
    const place = { host: '127.0.0.1', port: running.port };
    const plain = ['get a\r\n', 'mg a v\r\n', frame(Opcode.getk, { key: 'a' }), 'GET / HTTP/1.1\r\n\r\n'];
    for (const bytes of [...plain, Buffer.alloc(40_000, 0xff), noise(40_000)]) {
      const client = await TestClient.connect(place);
      client.send(bytes);
      await client.closed();
      expect(client.text).not.toMatch(/END|EN\r\n|^\x81/);
    }
    await counted(neighbour, 'ssl_handshake_errors', '6');
    await expectEachProtocol(running.port);
    // A connection that only tests whether the port is open is not an error.
    (await TestClient.connect(place)).destroy();
    await counted(neighbour, 'curr_connections', '1');
    const stats = await statsOf(neighbour);
    expect(stats.get('ssl_handshake_errors')).toBe('6');
    expect(stats.get('ssl_new_sessions')).toBe('4');
    expect(Number(stats.get('time_since_server_cert_refresh'))).toBeLessThan(60);
  });

  test('an address that begins with notls: serves in plain text, and TLS to it does no harm', async () => {
    await using running = await start(files, '-l', '127.0.0.1,notls:127.0.0.1:0');
    const [secure = 0, plain = 0] = portsOf(running);
    const [one, other] = [await connect(secure), await TestClient.connect({ host: '127.0.0.1', port: plain })];
    expect(await one.ask('set a 0 0 1\r\nx\r\n', '\r\n')).toBe('STORED\r\n');
    const encrypting = await connect(plain);
    expect(encrypting.isReady).toBe(false);
    expect(await other.ask('get a\r\n', 'END\r\n')).toBe('VALUE a 0 1\r\nx\r\nEND\r\n');
  });

  test('clients without a certificate are served as ssl_verify_mode says', async () => {
    const good = issue({ name: 'client', issuer: authority });
    const stranger = issue({ name: 'stranger' });
    const served: Record<string, readonly string[]> = {};
    for (const mode of [1, 2, 3]) {
      await using running = await start(`${files},ssl_verify_mode=${mode},ssl_ca_cert=${authorityFile}`);
      const names: string[] = [];
      for (const [name, certificate] of Object.entries({ none: undefined, good, stranger })) {
        const client = await connect(running.port, certificate === undefined ? {} : { certificate });
        client.send('version\r\n');
        await client.until(() => client.received > 0 || client.isClosed);
        if (client.received > 0) names.push(name);
        client.destroy();
      }
      served[mode] = names;
    }
    expect(served).toEqual({ 1: ['none', 'good'], 2: ['good'], 3: ['good'] });
  });

  test('versions and ciphers that are not allowed are refused', async () => {
    await using running = await start(`${files},ssl_min_version=3,ssl_ciphers=TLS_AES_128_GCM_SHA256`);
    expect((await connect(running.port, { version: 'TLSv1.2' })).isReady).toBe(false);
    const client = await connect(running.port);
    expect((client.socket as TLSSocket).getCipher().name).toBe('TLS_AES_128_GCM_SHA256');
  });

  test.each([
    ['ssl_session_cache', true],
    ['ssl_wbuf_size=1', false],
  ])('with %s a session is resumed: %s', async (option, isResumed) => {
    await using running = await start(`${files},${option}`);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const session = await sessionOf(running.port, version);
      const socket = connectTls({ port: running.port, ...tlsOf({ version }), session });
      await new Promise((resolve) => socket.once('secureConnect', resolve));
      expect(socket.isSessionReused()).toBe(isResumed);
      socket.destroy();
    }
  });
});

/** On a busy machine a timer may be late. */
const SLACK_MS = 5000;

/** New clients are served, whichever protocol they speak. */
async function expectEachProtocol(port: number): Promise<void> {
  const requests = [
    ['get none\r\n', 'END\r\n'],
    ['mg none v k\r\n', 'EN knone\r\n'],
    [frame(Opcode.getk, { key: 'none' }), 'none'],
  ] as const;
  for (const [request, end] of requests) {
    const client = await connect(port);
    client.send(request);
    await client.until(() => client.text.endsWith(end) || client.isClosed);
    expect(client.text.endsWith(end)).toBe(true);
    client.destroy();
  }
}

/** Random-looking bytes, the same in each run. */
function noise(length: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** The first message of a client. */
async function helloOf(port: number): Promise<Buffer> {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const listener = createServer((socket) => {
      socket.once('data', (bytes) => {
        resolve(bytes);
        socket.destroy();
        listener.close();
      });
    });
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      const own = typeof address === 'object' ? (address?.port ?? port) : port;
      connectTls({ port: own, host: '127.0.0.1' }).on('error', () => undefined);
    });
  });
}

/** The TLS session of a connection that has been closed. */
async function sessionOf(port: number, version: 'TLSv1.2' | 'TLSv1.3'): Promise<Buffer | undefined> {
  const socket = connectTls({ port, ...tlsOf({ version }) });
  let session: Buffer | undefined;
  socket.on('session', (received: Buffer) => {
    session = received;
  });
  socket.write('version\r\nquit\r\n');
  await new Promise((resolve) => socket.resume().once('close', resolve));
  return session;
}

function portsOf({ log }: ServerProcess): number[] {
  const line = log.find(({ msg }) => / listening on /.test(msg))?.msg ?? '';
  return [...line.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
}

test('a client that does not finish its handshake is closed within 10 seconds, whatever it has sent', async () => {
  await Promise.all(
    ['epoll', 'net'].map(async (transport) => {
      const options = `ssl_chain_cert=${chain},ssl_key=${key}`;
      await using running = await startProcess(['--transport', transport, '--no-objects', '-Z', '-o', options]);
      const neighbour = await connect(running.port);
      const hello = await helloOf(running.port);
      const began = performance.now();
      const beginnings = [Buffer.alloc(0), hello.subarray(0, 3), hello.subarray(0, hello.length - 1), hello];
      const clients = beginnings.map((bytes) => {
        const client = new TestClient({ host: '127.0.0.1', port: running.port });
        client.send(bytes);
        return client;
      });
      await Promise.all(clients.map((client) => client.closed()));
      expect(performance.now() - began).toBeLessThan(10_000 + SLACK_MS);
      await counted(neighbour, 'ssl_handshake_errors', '4');
      await expectEachProtocol(running.port);
    }),
  );
});

test('a start with files or ciphers that cannot be used ends with one line', async () => {
  const none = `${folder.path}/none.pem`;
  const lines = {
    [`ssl_chain_cert=${none},ssl_key=${key}`]: `ssl_chain_cert ${none}: there is no such file`,
    [`ssl_chain_cert=${chain},ssl_key=${key},ssl_ciphers=WRONG`]: 'ssl_ciphers WRONG: no cipher match',
  };
  for (const transport of ['epoll', 'net']) {
    for (const [options, line] of Object.entries(lines)) {
      const { code, errors } = await runCommand(['--transport', transport, '-p', '0', '-Z', '-o', options]);
      expect({ code, errors }).toEqual({ code: 64, errors: `cacheismo: ${line}\n` });
    }
  }
});

test('certificate and key may be in one file, and the key may be in DER', async () => {
  const both = folder.put('both.pem', server.certificate + keyText(server));
  const der = folder.put('key.der', server.key.export({ type: 'pkcs8', format: 'der' }));
  for (const transport of ['epoll', 'net']) {
    for (const options of [`ssl_chain_cert=${both}`, `ssl_chain_cert=${chain},ssl_key=${der},ssl_keyformat=DER`]) {
      await using running = await startProcess(['--transport', transport, '--no-objects', '-Z', '-o', options]);
      expect(await (await connect(running.port)).ask('get a\r\n', 'END\r\n')).toBe('END\r\n');
    }
  }
});
