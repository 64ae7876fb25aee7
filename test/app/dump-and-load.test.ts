// cacheismo dump and cacheismo load: what a server holds is carried to another one, whatever its size, types and languages.

import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ByteSource } from '../../src/app/portable/byte-source.js';
import { recordsOf } from '../../src/app/portable/dump-stream.js';
import { parseDialogue } from '../../src/app/testing/dialogue.js';
import { issue, keyText } from '../transport/tls/certificates.js';
import { dumpTo, loadFrom } from './dump-and-load.js';
import { LineClient } from './line-client.js';
import { HAS_FIGURES, residentBytes } from './process-figures.js';
import { runCommand, type ServerProcess, startOnAllProcessors, startPlain, startProcess } from './server-process.js';

const IS_LONG = process.env.LONG_TESTS !== undefined;
const DATA_ERROR = 65;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cacheismo-dump-'));
  path = join(folder, 'cache.dump');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const SET = (key: string, value: string, exptime = 0) => `set ${key} 0 ${exptime} ${value.length}\r\n${value}\r\n`;

function portOf({ port }: ServerProcess): string[] {
  return ['-p', String(port)];
}

/** All requests of the dialogues in a folder. */
function requestsOf(name: string): string {
  const files = readdirSync(name).filter((file) => file.endsWith('.dialogue'));
  return files
    .flatMap((file) => parseDialogue(readFileSync(join(name, file), 'utf8')))
    .flatMap((step) => (step.kind === 'exchange' ? step.sent : []))
    .map((line) => `${line}\r\n`)
    .join('');
}

describe('a dump', () => {
  test.each(['plugins', 'scripts'])(
    'has the objects of each type that ships in %s, and they are the same in another server',
    async (name) => {
      const types = ['plugins', 'scripts'].flatMap((each) => [`--${each}`, each === name ? each : folder]);
      await using one = await startOnAllProcessors(['-m', '64', ...types]);
      await using other = await startProcess(['-m', '16', '-t', '2', ...types]);
      using client = await LineClient.connect(one.port);
      await client.ask(requestsOf(name));
      await client.ask(`${SET('plain', 'a value', 1000)}ms AP8K 2 b F7\r\nhi\r\n`);
      const objects = [...(await client.ask('lru_crawler mgdump all\r\n')).matchAll(/^mg (\w+\$\S+)/gm)].map(
        ([, key]) => key,
      );
      // Some would expire while the test runs.
      await client.ask(objects.map((key) => `touch ${key} 0\r\n`).join(''));
      const dumped = await dumpTo(path, ...portOf(one));
      expect(dumped).toEqual({
        code: 0,
        lines: [expect.stringMatching(/^dumped \d+ items and \d+ objects, \d+ bytes$/)],
      });
      const loaded = await loadFrom(path, ...portOf(other));
      expect(loaded).toEqual({ code: 0, lines: [dumped.lines[0].replace('dumped', 'loaded')] });
      await dumpTo(`${path}.2`, ...portOf(other));
      expect(readFileSync(`${path}.2`).equals(readFileSync(path))).toBe(true);
      using second = await LineClient.connect(other.port);
      expect(objects.length).toBeGreaterThan(5);
      for (const key of objects) expect(await second.get(key)).toBe(await client.get(key));
    },
  );

  test('of more than the other server can hold leaves it the most recently used items, and the others are counted', async () => {
    await using one = await startPlain('-m', '64');
    await using other = await startPlain('-m', '16');
    using client = await LineClient.connect(one.port);
    const count = 12_000;
    const requests = Array.from({ length: count }, (_, index) => SET(`key${index}`, 'x'.repeat(2500)));
    for (let index = 0; index < count; index += 1000) await client.ask(requests.slice(index, index + 1000).join(''));
    await dumpTo(path, ...portOf(one));
    const { code, lines } = await loadFrom(path, ...portOf(other));
    expect(code).toBe(0);
    const evicted = Number(
      /^loaded 12000 items and 0 objects, \d+ bytes; the server has evicted (\d+) items meanwhile, the least recently used first$/.exec(
        lines.join(),
      )?.[1],
    );
    expect(evicted).toBeGreaterThan(count / 3);
    using second = await LineClient.connect(other.port);
    for (const [index, isThere] of [
      [evicted - 1, false],
      [evicted + 1, true],
      [count - 1, true],
    ] as const) {
      expect((await second.get(`key${index}`)).startsWith('x')).toBe(isThere);
    }
  });

  test('is made while clients write, and has everything that they leave alone', async () => {
    await using one = await startProcess(['-t', '2']);
    using client = await LineClient.connect(one.port);
    const kept = Array.from({ length: 20_000 }, (_, index) => SET(`kept${index}`, `value ${index}`));
    await client.ask(kept.join(''));
    let isDone = false;
    let rounds = 0;
    const writing = async () => {
      for (; !isDone; rounds++) {
        const others = Array.from({ length: 50 }, (_, index) => SET(`other${rounds % 100}-${index}`, 'x'));
        await client.ask(
          `${others.join('')}get kept${(rounds * 97) % 20_000}\r\nget set:new:s${rounds}\r\nget set:put:s${rounds}:a\r\n`,
        );
      }
    };
    const written = writing();
    const { code } = await dumpTo(path, ...portOf(one));
    isDone = true;
    await written;
    expect(code).toBe(0);
    expect(rounds).toBeGreaterThan(3);
    await using other = await startProcess();
    expect(await loadFrom(path, ...portOf(other))).toMatchObject({ code: 0 });
    using second = await LineClient.connect(other.port);
    const keys = Array.from({ length: 20_000 }, (_, index) => `kept${index}`);
    for (let index = 0; index < keys.length; index += 100) {
      const reply = await second.ask(`get ${keys.slice(index, index + 100).join(' ')}\r\n`);
      expect(reply.match(/^VALUE /gm)).toHaveLength(100);
    }
  });

  test.runIf(HAS_FIGURES)(
    'that its client does not read costs little memory, and other clients are served',
    async () => {
      await using one = await startPlain('-m', '256');
      using client = await LineClient.connect(one.port);
      for (let index = 0; index < 100; index++) await client.ask(SET(`key${index}`, 'x'.repeat(1_000_000)));
      const before = residentBytes(one.child.pid as number);
      const slow = createConnection(one.port, '127.0.0.1').pause();
      slow.write('dump\r\n');
      await one.logged(/listening/);
      for (let round = 0; round < 200; round++) expect(await client.get('key1')).toHaveLength(1_000_000);
      expect(residentBytes(one.child.pid as number) - before).toBeLessThan(24 * 1024 * 1024);
      slow.destroy();
    },
  );

  test('reaches a server by TLS or a Unix socket, and needs an administrator where users log in', async () => {
    const users = join(folder, 'users');
    writeFileSync(users, 'ann:secret\nbob:other:write\n');
    const socket = join(folder, 'socket');
    await using one = await startPlain('-s', socket, '-Y', users);
    expect(one.port).toBe(0);
    const ann = ['--user', 'ann:secret', '-s', socket];
    expect(await dumpTo(path, ...ann)).toEqual({ code: 0, lines: ['dumped 0 items and 0 objects, 0 bytes'] });
    expect(await loadFrom(path, ...ann)).toEqual({ code: 0, lines: ['loaded 0 items and 0 objects, 0 bytes'] });
    const refused = `${socket}: CLIENT_ERROR not permitted; the user needs the role admin`;
    const bob = ['-s', socket, '--user', 'bob:other'];
    expect(await dumpTo(`${path}.bob`, ...bob)).toEqual({ code: 1, lines: [refused] });
    expect(await dumpTo(`${path}.none`, '-s', socket)).toMatchObject({
      code: 1,
      lines: [expect.stringContaining('log in by --user')],
    });
    expect(await dumpTo(`${path}.no`, '-s', socket, '--user', 'ann:wrong')).toMatchObject({
      code: 1,
      lines: [expect.stringContaining(`${socket}: the user ann is not accepted`)],
    });

    const certificate = issue({ name: 'server' });
    const [chain, key] = [join(folder, 'chain.pem'), join(folder, 'key.pem')];
    writeFileSync(chain, certificate.certificate);
    writeFileSync(key, keyText(certificate));
    await using other = await startPlain('-Z', '-o', `ssl_chain_cert=${chain},ssl_key=${key}`);
    const place = [...portOf(other), '--ca', chain];
    expect(await loadFrom(path, ...place)).toMatchObject({ code: 0 });
    expect(await dumpTo(`${path}.2`, ...place)).toMatchObject({ code: 0 });
    expect(readFileSync(`${path}.2`).equals(readFileSync(path))).toBe(true);
  });

  test('of a memory file is the same as of the server that wrote it, and leaves the file as it is', async () => {
    const file = join(folder, 'cache.mem');
    {
      await using one = await startProcess(['-m', '16', '-e', file]);
      using client = await LineClient.connect(one.port);
      await client.ask(`${SET('a', 'x', 1000)}${SET('b', 'y'.repeat(500_000))}get set:new:k\r\nget set:put:k:x\r\n`);
      await client.ask(`get board:put:chess:ann:1500\r\nget ${'a '.repeat(20)}\r\n`);
      await dumpTo(path, ...portOf(one));
      one.child.kill('SIGTERM');
      expect(await one.ended).toBe(0);
    }
    const before = readFileSync(file);
    const dumped = await dumpTo(`${path}.2`, '--from', file);
    expect(dumped).toEqual({ code: 0, lines: [expect.stringMatching(/^dumped 2 items and 2 objects, /)] });
    expect(await checksumsOf(`${path}.2`)).toEqual(await checksumsOf(path));
    expect(readFileSync(file).equals(before)).toBe(true);
    before[before.length >> 1] ^= 1;
    writeFileSync(file, before);
    expect(await dumpTo(path, '--from', file)).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^--from .*cache\.mem: it is damaged: .*; the dump is not complete$/)],
    });
    expect((await dumpTo(path, '--from', join(folder, 'none'))).lines).toEqual([
      expect.stringMatching(/^--from .*none: it cannot be opened: .*/),
    ]);
  });

  test('from a server that is not there, or no cacheismo, fails with one line', async () => {
    expect(await dumpTo(path, '-p', '1')).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^127.0.0.1:1: .*ECONNREFUSED.*; the dump is not complete$/)],
    });
    await using server = await startPlain('-X');
    expect(await dumpTo(path, ...portOf(server))).toEqual({
      code: 1,
      lines: [`127.0.0.1:${server.port}: ERROR dump not allowed: the server runs with -X`],
    });
  });
});

describe('a load', () => {
  let stream: Buffer;

  beforeAll(async () => {
    await using one = await startProcess();
    using client = await LineClient.connect(one.port);
    await client.ask(`${SET('a', 'new')}${SET('b', 'y'.repeat(200_000))}get set:new:k\r\nget set:put:k:x\r\n`);
    const file = join(tmpdir(), `cacheismo-${process.pid}.dump`);
    await dumpTo(file, ...portOf(one));
    stream = readFileSync(file);
    rmSync(file);
  });

  beforeEach(() => writeFileSync(path, stream));

  test('leaves what the server has with --keep, and checks the stream only with --dry-run', async () => {
    expect(await loadFrom(path, '--dry-run', '-p', '1')).toEqual({
      code: 0,
      lines: [expect.stringMatching(/^the stream is complete: 2 items and 1 object, \d+ bytes$/)],
    });
    await using other = await startProcess();
    using client = await LineClient.connect(other.port);
    await client.ask(SET('a', 'old'));
    const { lines } = await loadFrom(path, '--keep', '--any-clock', ...portOf(other));
    expect(lines).toEqual([
      expect.stringMatching(/^loaded 1 item and 1 object, \d+ bytes; 1 were left as the server has them$/),
    ]);
    expect(await client.get('a')).toBe('old');
    await loadFrom(path, '--any-clock', ...portOf(other));
    expect(await client.get('a')).toBe('new');
  });

  test('lets times in objects continue, in a server without items, and over its restart; others refuse objects', async () => {
    const leftOf = async (client: LineClient) => {
      const reply = await client.ask('get lease:who:r\r\n');
      return Number(/ (\d+) ann\r\nEND/.exec(reply)?.[1]);
    };
    const memory = join(folder, 'other.mem');
    await using one = await startProcess();
    using client = await LineClient.connect(one.port);
    await client.ask('get lease:acquire:r:ann:600000\r\n');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await dumpTo(path, ...portOf(one));
    {
      await using other = await startProcess(['-e', memory]);
      expect(await loadFrom(path, ...portOf(other))).toMatchObject({ code: 0 });
      using later = await LineClient.connect(other.port);
      expect(Math.abs((await leftOf(client)) - (await leftOf(later)))).toBeLessThan(1000);
      other.child.kill('SIGUSR1');
      expect(await other.ended).toBe(0);
    }
    await using restarted = await startProcess(['-e', memory]);
    using last = await LineClient.connect(restarted.port);
    expect(Math.abs((await leftOf(client)) - (await leftOf(last)))).toBeLessThan(1000);
    await using third = await startProcess();
    using owner = await LineClient.connect(third.port);
    await owner.ask(SET('mine', 'x'));
    const refused = await loadFrom(path, ...portOf(third));
    expect(refused).toEqual({ code: 1, lines: [expect.stringMatching(/it has items, .*--any-clock; 0 records/)] });
    expect(await owner.ask('get mine lease$r\r\n')).toBe('VALUE mine 0 1\r\nx\r\nEND\r\n');
  });

  test('names what the server refuses, loads the rest, and its exit code says so', async () => {
    await using other = await startProcess(['-I', '100k']);
    const { code, lines } = await loadFrom(path, ...portOf(other));
    expect(code).toBe(1);
    expect(lines).toEqual([
      'refused b: SERVER_ERROR object too large for cache',
      expect.stringMatching(/^loaded 1 item and 1 object, \d+ bytes$/),
      '1 record of the stream could not be loaded',
    ]);
  });

  test('of a damaged file changes nothing; of a damaged pipe, it loads what comes before', async () => {
    await using other = await startProcess();
    using client = await LineClient.connect(other.port);
    writeFileSync(path, stream.subarray(0, -10));
    expect(await loadFrom(path, ...portOf(other))).toEqual({
      code: DATA_ERROR,
      lines: [
        expect.stringMatching(
          /^the stream is refused: it ends in the middle of record 5, at byte \d+; the rest is missing; nothing was loaded$/,
        ),
      ],
    });
    expect(await client.ask('get a set$k\r\n')).toBe('END\r\n');
    const piped = await runCommand(['load', ...portOf(other)], {}, stream.subarray(0, -10));
    expect(piped.code).toBe(DATA_ERROR);
    expect(piped.errors).toMatch(/it ends in the middle of record 5.*; the 3 records before it were loaded\n$/);
    expect(await client.get('a')).toBe('new');
    writeFileSync(path, 'a text\n');
    expect(await loadFrom(path, '--dry-run')).toMatchObject({
      code: DATA_ERROR,
      lines: [expect.stringContaining('it is no dump of cacheismo')],
    });
    writeFileSync(path, 'cacheismo-dump 2\n');
    expect(await loadFrom(path, '--dry-run')).toMatchObject({
      lines: [expect.stringContaining('version 2 of the format; this cacheismo reads version 1')],
    });
  });

  test('names the servers that cannot be loaded into', async () => {
    expect(await loadFrom(path, '-p', '1')).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^127.0.0.1:1: .*ECONNREFUSED/)],
    });
    const users = join(folder, 'users');
    writeFileSync(users, 'bob:other:write\n');
    await using other = await startProcess(['-Y', users]);
    expect(await loadFrom(path, ...portOf(other), '--user', 'bob:other')).toEqual({
      code: 1,
      lines: [`127.0.0.1:${other.port}: CLIENT_ERROR not permitted; the user needs the role admin`],
    });
  });
});

test.runIf(IS_LONG)('300,000 items and a large object are carried over', { timeout: 600_000 }, async () => {
  await using one = await startProcess(['-m', '256']);
  await using other = await startProcess(['-m', '200', '-t', '2']);
  using client = await LineClient.connect(one.port);
  for (let index = 0; index < 300_000; index += 1000) {
    const requests = Array.from({ length: 1000 }, (_, number) =>
      SET(`key${index + number}`, `value ${index + number}`),
    );
    await client.ask(requests.join(''));
  }
  await client.ask('get map:new:large\r\n');
  for (let index = 0; index < 200_000; index += 1000) {
    const puts = Array.from({ length: 1000 }, (_, number) => `get map:put:large:field${index + number}:${number}\r\n`);
    await client.ask(puts.join(''));
  }
  // On a busy machine there are lines about the progress before the last.
  const dumped = await dumpTo(path, ...portOf(one));
  expect(dumped.lines.at(-1)).toMatch(/^dumped 300000 items and 1 object, /);
  const loaded = await loadFrom(path, ...portOf(other));
  expect(loaded.lines.at(-1)).toMatch(/^loaded 300000 items and 1 object, \d+ bytes$/);
  await dumpTo(`${path}.2`, ...portOf(other));
  const [before, after] = [await checksumsOf(path), await checksumsOf(`${path}.2`)];
  // Keys with the same hash, which differ from server to server, are dumped together: some 10 pairs have one.
  const next = new Map(after.map((checksum, index) => [checksum, after[index + 1]]));
  const moved = before.filter((checksum, index) => next.get(checksum) !== before[index + 1]).length;
  expect(moved).toBeLessThan(200);
  expect(after.sort()).toEqual(before.sort());
});

/** Of each item and object. */
async function checksumsOf(file: string): Promise<number[]> {
  const checksums: number[] = [];
  for await (const { bytes, isClock } of recordsOf(new ByteSource(createReadStream(file)))) {
    // The clock of a memory file may differ by a millisecond from the server's.
    if (!isClock) checksums.push(crc32(bytes));
  }
  return checksums;
}
