// -e under load: a server that is stopped while clients send requests has everything that it has acknowledged when it starts again, whatever
// they are connected by. And the objects of all types that ship with the server are the same after a restart.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { certificateFolder, issue, keyText } from '../transport/tls/certificates.js';
import { LineClient } from './line-client.js';
import { startOnAllProcessors } from './server-process.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cacheismo-load-'));
  path = join(folder, 'cache.mem');
});

afterEach(() => rmSync(folder, { recursive: true }));

const BATCH = 16;

/** Sends pairs of requests, an incr and a call, in batches, and counts the batches that are answered. */
class LoadingClient {
  acknowledged = 0;
  sent = 0;
  #replies = 0;
  #tail = '';

  constructor(
    readonly socket: Socket,
    readonly id: number,
  ) {
    socket.setEncoding('latin1').on('error', () => {});
    socket.on('data', (text: string) => this.#take(text));
    socket.write(`get set:new:s${id}\r\nset c${id} 0 0 1\r\n0\r\n`);
  }

  #take(text: string): void {
    const all = this.#tail + text;
    const isReady = this.sent > 0;
    const ends = all.split(isReady ? 'END\r\n' : 'STORED\r\n');
    this.#tail = (ends.at(-1) ?? '').slice(-10);
    this.#replies += ends.length - 1;
    if (this.#replies < (isReady ? BATCH : 1)) return;
    this.#replies = 0;
    this.acknowledged = this.sent;
    let batch = '';
    for (let pair = 0; pair < BATCH; pair++)
      batch += `incr c${this.id} 1\r\nget set:put:s${this.id}:${this.sent++}\r\n`;
    this.socket.write(batch);
  }
}

const WAYS = process.platform === 'linux' ? (['tcp', 'tls', 'unix'] as const) : (['tcp', 'tls'] as const);

test.each(WAYS)('a server that is stopped under load keeps all that it has acknowledged, by %s', async (way) => {
  const certificates = certificateFolder();
  const own = issue({ name: 'server' });
  const files = `ssl_chain_cert=${certificates.put('c.pem', own.certificate)},ssl_key=${certificates.put('k.pem', keyText(own))}`;
  const place = join(folder, 'socket');
  const flags = { tcp: [], tls: ['-Z', '-o', files], unix: ['-s', place] }[way];
  const clients: LoadingClient[] = [];
  {
    await using server = await startOnAllProcessors(['-e', path, ...flags]);
    const connect = (): Socket => {
      if (way === 'unix') return createConnection(place);
      return way === 'tcp'
        ? createConnection(server.port, '127.0.0.1')
        : connectTls({ port: server.port, host: '127.0.0.1', ca: own.certificate });
    };
    for (let id = 0; id < 6; id++) clients.push(new LoadingClient(connect(), id));
    while (clients.some(({ acknowledged }) => acknowledged < 500))
      await new Promise((resolve) => setTimeout(resolve, 20));
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    for (const { socket } of clients) socket.destroy();
  }
  await using server = await startOnAllProcessors(['-e', path, '--debug-check', '1']);
  using client = await LineClient.connect(server.port);
  for (const { acknowledged, id, sent } of clients) {
    const [counted, members] = [Number(await client.get(`c${id}`)), Number(await client.get(`set:count:s${id}`))];
    expect(counted).toBeGreaterThanOrEqual(acknowledged);
    expect(counted).toBeLessThanOrEqual(sent);
    // The server may have been stopped between the two requests of a pair.
    expect([counted, counted - 1]).toContain(members);
  }
  certificates[Symbol.dispose]();
});

/** The requests of the documented dialogues of all types, which make objects of every kind. */
function requestsOfDialogues(): string[] {
  return ['plugins', 'scripts'].flatMap((name) =>
    readdirSync(name)
      .filter((file) => file.endsWith('.dialogue'))
      .flatMap((file) =>
        [...readFileSync(join(name, file), 'latin1').matchAll(/^> (get .+)$/gm)].map(([, line]) => line),
      ),
  );
}

test('the objects of all types that ship with the server are the same after a restart with other threads', async () => {
  const contentOf = async (client: LineClient, leastSeconds: number): Promise<Map<string, string>> => {
    const dump = await client.ask('lru_crawler metadump all\r\n');
    const keys = [...dump.matchAll(/^key=(\S+) exp=(-?\d+) /gm)].filter(([, , expiry]) => {
      return expiry === '-1' || Number(expiry) > Date.now() / 1000 + leastSeconds;
    });
    const contents = new Map<string, string>();
    for (const [, key] of keys) contents.set(key, await client.ask(`get ${decodeURIComponent(key)}\r\n`));
    return contents;
  };
  let before: Map<string, string>;
  {
    await using server = await startOnAllProcessors(['-e', path]);
    using client = await LineClient.connect(server.port);
    for (const request of requestsOfDialogues()) await client.ask(`${request}\r\n`);
    before = await contentOf(client, 20);
    server.child.kill('SIGUSR1');
    expect(await server.ended).toBe(0);
  }
  expect(new Set([...before.keys()].map((key) => key.split('%24')[0])).size).toBeGreaterThanOrEqual(12);
  await using server = await startOnAllProcessors(['-e', path, '-t', '1']);
  using client = await LineClient.connect(server.port);
  const after = await contentOf(client, 0);
  for (const [key, content] of before) expect([key, after.get(key)]).toEqual([key, content]);
});
