// `watch connevents`: the lines about connections that begin and end, on every transport.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { TestClient } from '../../transport/client.js';
import { certificateFolder, issue, keyText } from '../../transport/tls/certificates.js';
import { type ServerProcess, startProcess } from '../server-process.js';

const folder = certificateFolder();
const certificate = issue({ name: 'server' });
const chain = folder.put('chain.pem', certificate.certificate);
const key = folder.put('key.pem', keyText(certificate));
afterAll(() => folder[Symbol.dispose]());

const STAMP = /^ts=\d{10}\.\d{6} gid=\d+ /;

/** A client that watches connections, and the lines that it receives. */
class Watcher {
  private constructor(private readonly client: TestClient) {}

  static async on(client: TestClient): Promise<Watcher> {
    expect(await client.ask('watch connevents\r\n', '\r\n')).toBe('OK\r\n');
    return new Watcher(client);
  }

  /** The next `count` lines, without times and numbers. */
  async lines(count: number): Promise<string[]> {
    await this.client.until(() => this.client.text.split('\n').length > count);
    const lines = (await this.client.expectEnd('\n')).split('\n').slice(0, -1);
    for (const line of lines) expect(line).toMatch(STAMP);
    return lines.map((line) => line.replace(STAMP, ''));
  }
}

interface Side {
  readonly host: string;
  readonly tls?: object;
}

const PLAIN: Side = { host: '127.0.0.1' };
const TLS: Side = { host: '127.0.0.1', tls: { ca: [certificate.certificate] } };
const TLS_FLAGS = ['-Z', '-o', `ssl_chain_cert=${chain},ssl_key=${key}`];

describe.each([
  ['epoll', PLAIN, []],
  ['epoll, TLS', TLS, TLS_FLAGS],
  ['net', PLAIN, []],
  ['net, TLS', TLS, TLS_FLAGS],
] as const)('watch connevents on %s', { concurrent: true }, (name, side, flags) => {
  const start = (): Promise<ServerProcess> =>
    startProcess(['--transport', name.split(',')[0], '-t', '2', '--no-objects', ...flags]);
  const connect = ({ port }: ServerProcess): Promise<TestClient> => TestClient.connect({ ...side, port });
  const placeOf = ({ socket }: TestClient): string =>
    `rip=127.0.0.1 rport=${(socket.address() as { port: number }).port} transport=tcp`;

  test('names clients by address and descriptor, and says why each connection ended', {
    concurrent: true,
  }, async () => {
    await using server = await start();
    const old = await connect(server);
    const watcher = await Watcher.on(await connect(server));
    const ends: [(client: TestClient) => void, string][] = [
      [(client) => client.socket.end(), 'normal'],
      [(client) => client.send('quit\r\n'), 'normal'],
      [(client) => client.send('GET / HTTP/1.1\r\n'), 'error'],
      [(client) => client.send(Buffer.from(`80${'07'}${'00'.repeat(22)}`, 'hex')), 'normal'],
      [(client) => client.send('x'.repeat(3000)), 'error'],
      [(client) => client.reset(), 'error'],
    ];
    // A client that connected before the watcher is reported too.
    const oldPlace = placeOf(old);
    old.reset();
    expect(await watcher.lines(1)).toEqual([expect.stringMatching(`^type=conn_close ${oldPlace} reason=error cfd=`)]);
    for (const [end, reason] of ends) {
      const client = await connect(server);
      const place = placeOf(client);
      const [opened] = await watcher.lines(1);
      expect(opened).toMatch(new RegExp(`^type=conn_new ${place} cfd=\\d+$`));
      end(client);
      const cfd = opened?.split(' cfd=')[1];
      expect(await watcher.lines(1)).toEqual([`type=conn_close ${place} reason=${reason} cfd=${cfd}`]);
      client.destroy();
    }
  });
});

test.each(['epoll', 'net'])('the client of a Unix socket is local (%s)', async (transport) => {
  const directory = mkdtempSync(join(tmpdir(), 'connevents-'));
  const path = join(directory, 'socket');
  await using server = await startProcess(['-s', path, '--transport', transport, '--no-objects']);
  await server.logged(/listening on/);
  const watcher = await Watcher.on(await TestClient.connect({ path }));
  const client = await TestClient.connect({ path });
  expect(await watcher.lines(1)).toEqual([
    expect.stringMatching(/^type=conn_new rip=unix rport=0 transport=local cfd=\d+$/),
  ]);
  client.destroy();
  expect(await watcher.lines(1)).toEqual([
    expect.stringMatching(/^type=conn_close rip=unix rport=0 transport=local reason=normal cfd=\d+$/),
  ]);
  rmSync(directory, { recursive: true });
});

test.each(['epoll', 'net'])(
  'clients that are refused are not reported, and IPv6 is written plainly (%s)',
  async (transport) => {
    await using server = await startProcess(['--transport', transport, '-c', '2', '-l', '::1', '--no-objects']);
    const port6 = Number(/\[::1\]:(\d+)/.exec((await server.logged(/listening on/)).msg)?.[1]);
    const target = { host: '::1', port: port6 };
    const watcher = await Watcher.on(await TestClient.connect(target));
    const client = await TestClient.connect(target);
    const { port } = client.socket.address() as { port: number };
    const refused = await TestClient.connect(target);
    await refused.closed();
    client.send('quit\r\n');
    expect(await watcher.lines(2)).toEqual([
      expect.stringMatching(`^type=conn_new rip=::1 rport=${port} transport=tcp cfd=\\d+$`),
      expect.stringMatching(`^type=conn_close rip=::1 rport=${port} transport=tcp reason=normal cfd=\\d+$`),
    ]);
  },
);
