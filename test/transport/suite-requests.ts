// The required behaviour of every transport with requests and replies of any size, until a connection ends. A part of suite.ts.

import { expect, test } from 'vitest';
import { TRANSPORT_METRICS } from '../../src/transport/transport-metrics.js';
import { eventually } from './client.js';
import { patternOf } from './fake-engine.js';
import { type Start, stalled } from './server.js';

const MEGABYTE = 1024 * 1024;

export function describeRequests(start: Start): void {
  test('replies to a request', async () => {
    const server = await start();
    const client = await server.connect();
    expect(await client.ask('echo hello\r\n', 'hello\r\n')).toBe('hello\r\n');
    expect(server.count(TRANSPORT_METRICS.bytes_read)).toBe(12);
    expect(server.count(TRANSPORT_METRICS.bytes_written)).toBe(7);
    expect(server.count(TRANSPORT_METRICS.curr_connections)).toBe(1);
    expect(server.count(TRANSPORT_METRICS.total_connections)).toBe(1);
  });

  test('replies to pipelined requests in order, with few runs', async () => {
    const server = await start();
    const client = await server.connect();
    const words = Array.from({ length: 500 }, (_, index) => `w${index}`);
    const answer = await client.ask(words.map((word) => `echo ${word}\r\n`).join(''), 'w499\r\n');
    expect(answer).toBe(words.map((word) => `${word}\r\n`).join(''));
    expect(server.engine.runs).toBeLessThan(10);
  });

  test('assembles requests that are split at any byte', async () => {
    const server = await start();
    const client = await server.connect();
    const request = 'echo one\r\nset 5\r\nabcde\r\necho two\r\n';
    const answer = 'one\r\nSTORED 495\r\ntwo\r\n';
    for (let cut = 1; cut < request.length; cut++) {
      const before = server.count(TRANSPORT_METRICS.bytes_read);
      client.send(request.slice(0, cut));
      await eventually(() => server.count(TRANSPORT_METRICS.bytes_read) === before + cut);
      expect(await client.ask(request.slice(cut), 'two\r\n')).toBe(answer);
    }
  });

  test('accepts a request byte by byte', async () => {
    const server = await start();
    const client = await server.connect();
    for (const byte of 'echo drop by drop\r\n') {
      const before = server.count(TRANSPORT_METRICS.bytes_read);
      client.send(byte);
      await eventually(() => server.count(TRANSPORT_METRICS.bytes_read) === before + 1);
    }
    expect(await client.expectEnd('\r\n')).toBe('drop by drop\r\n');
  });

  test('accepts a value much larger than its window', async () => {
    const server = await start();
    const client = await server.connect();
    const value = Buffer.alloc(8 * MEGABYTE, 3);
    client.send(`set ${value.length}\r\n`);
    client.send(value);
    expect(await client.ask('\r\necho done\r\n', 'done\r\n')).toBe(`STORED ${value.length * 3}\r\ndone\r\n`);
  });

  test('keeps connections apart', async () => {
    const server = await start();
    const clients = await Promise.all(Array.from({ length: 20 }, () => server.connect()));
    for (const client of clients) client.send('ec');
    await eventually(() => server.count(TRANSPORT_METRICS.bytes_read) === 40);
    const answers = await Promise.all(clients.map((client, index) => client.ask(`ho ${index}\r\n`, '\r\n')));
    expect(answers).toEqual(clients.map((_, index) => `${index}\r\n`));
  });

  test('continues after a yield, and serves others meanwhile', async () => {
    const server = await start();
    const [first, second] = [await server.connect(), await server.connect()];
    second.send('echo other\r\n');
    const answer = await first.ask('echo a\r\nyield\r\necho b\r\nyield\r\necho c\r\n', 'c\r\n');
    expect(answer).toBe('a\r\nYIELDED\r\nb\r\nYIELDED\r\nc\r\n');
    expect(await second.expectEnd('\r\n')).toBe('other\r\n');
    expect(server.count(TRANSPORT_METRICS.conn_yields)).toBe(2);
  });

  test('serves requests that come during a turn of another client before its next turn', async () => {
    const server = await start();
    const [first, second] = [await server.connect(), await server.connect()];
    await second.ask('echo ready\r\n', '\r\n');
    const { engine } = server;
    let came = 0;
    engine.onYield = () => second.send(`echo ${++came}\r\n`);
    await first.ask('yield\r\nyield\r\necho last\r\n', 'last\r\n');
    expect(engine.executed).toEqual(['echo ready', 'echo 1', 'yield', 'echo 2', 'yield', 'echo last']);
  });
}

export function describeBigReplies(start: Start): void {
  test('sends 40 MB to a client that reads, byte for byte', async () => {
    const server = await start();
    const client = await server.connect();
    const length = 40 * MEGABYTE;
    client.send(`big ${length}\r\necho after\r\n`);
    await client.until(() => client.received === length + 14);
    expectPattern(client.bytes, length);
    expect(client.text.slice(length)).toBe('\r\nEND\r\nafter\r\n');
  });

  test('delivers all short replies of clients that read late, whichever clients share their batches', async () => {
    const server = await start({ spareCount: 2 });
    const [rounds, lines] = [320, 40];
    const textOf = (client: number, round: number) =>
      Array.from({ length: lines }, (_, line) => `${client} ${round} ${line} ${'y'.repeat(900)}`);
    const slow = await Promise.all(Array.from({ length: 6 }, () => server.connect({ reads: false })));
    for (let round = 0; round < rounds; round++) {
      for (const [index, client] of slow.entries()) {
        client.send(
          textOf(index, round)
            .map((text) => `echo ${text}\r\n`)
            .join(''),
        );
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    // Until the kernel accepts no more for any of them.
    let written = 0;
    let turnsWithoutNews = 0;
    await eventually(() => {
      const before = written;
      written = server.count(TRANSPORT_METRICS.bytes_written);
      turnsWithoutNews = written === before ? turnsWithoutNews + 1 : 0;
      return turnsWithoutNews === 500;
    });
    for (const client of slow) client.read();
    for (const [index, client] of slow.entries()) {
      const expected = Array.from({ length: rounds }, (_, round) => textOf(index, round)).flat();
      const length = expected.reduce((sum, text) => sum + text.length + 2, 0);
      await client.until(() => client.received === length);
      expect(client.text.split('\r\n').findIndex((text, line) => text !== (expected[line] ?? ''))).toBe(-1);
    }
  });

  test('does not overwrite a reply that waits for its client', async () => {
    const server = await start({ spareCount: 2 });
    const length = 12 * MEGABYTE;
    // More slow readers than spare windows.
    const slow = await Promise.all(Array.from({ length: 5 }, () => server.connect({ reads: false })));
    for (const client of slow) client.send(`big ${length}\r\n`);
    const busy = await server.connect();
    await eventually(() => server.count(TRANSPORT_METRICS.bytes_written) > 5 * MEGABYTE);
    for (let round = 0; round < 50; round++) {
      expect(await busy.ask(`echo ${'y'.repeat(800)}\r\n`.repeat(20), 'y\r\n')).toHaveLength(20 * 802);
    }
    for (const client of slow) {
      client.read();
      await client.until(() => client.received === length + 7);
      expectPattern(client.bytes, length);
    }
  });

  test('spends little memory on a client that reads nothing, and closes it', async () => {
    const server = await start({ writeTimeoutSeconds: 60 });
    const client = await server.connect({ reads: false });
    const before = process.memoryUsage().rss;
    client.send(`big ${1024 * MEGABYTE}\r\n`);
    // Its input is not read either.
    client.send('echo more\r\n'.repeat(20_000));
    await stalled(server);
    expect(process.memoryUsage().rss - before).toBeLessThan(16 * MEGABYTE);
    expect(server.count(TRANSPORT_METRICS.bytes_written)).toBeLessThan(64 * MEGABYTE);
    server.advance(59);
    expect(server.transport.connectionCount).toBe(1);
    server.advance(1);
    expect(server.transport.connectionCount).toBe(0);
    expect(server.count(TRANSPORT_METRICS.write_timeouts)).toBe(1);
    client.read();
    await client.closed();
  });

  test('waits for a slow reader as long as it reads', async () => {
    const server = await start({ writeTimeoutSeconds: 60 });
    const length = 60 * MEGABYTE;
    const client = await server.connect({ reads: false });
    client.send(`big ${length}\r\n`);
    await stalled(server);
    client.read();
    // The kernel reports free send space to the server in steps of some megabytes.
    for (let goal = 8 * MEGABYTE; goal < length; goal += 8 * MEGABYTE) {
      client.socket.resume();
      await client.until(() => client.received >= goal);
      client.socket.pause();
      server.advance(40);
    }
    client.socket.resume();
    await client.until(() => client.received === length + 7);
    expect(server.count(TRANSPORT_METRICS.write_timeouts)).toBe(0);
    expectPattern(client.bytes, length);
  });

  test('replies to everything that was sent before the client closed its sending side', async () => {
    const server = await start();
    const client = await server.connect({ allowHalfOpen: true });
    client.socket.end(`big ${MEGABYTE}\r\n`.repeat(50));
    await client.until(() => client.hasEnded);
    expect(client.received).toBe(50 * (MEGABYTE + 7));
    expectPattern(client.bytes, MEGABYTE);
    expect(server.count(TRANSPORT_METRICS.resets)).toBe(0);
    client.socket.end();
    await eventually(() => server.transport.connectionCount === 0);
  });
}

export function describeEnds(start: Start): void {
  test('closes when the engine asks for it, after the last reply', async () => {
    const server = await start();
    const client = await server.connect();
    client.send(`big ${3 * MEGABYTE}\r\nbye\r\necho never\r\n${'echo unread\r\n'.repeat(10_000)}`);
    await client.closed();
    expect(client.text.slice(3 * MEGABYTE)).toBe('\r\nEND\r\nBYE\r\n');
    expect(client.error).toBeUndefined();
    await eventually(() => server.transport.connectionCount === 0);
    expect(server.count(TRANSPORT_METRICS.curr_connections)).toBe(0);
  });

  test('closes silently on quit', async () => {
    const server = await start();
    const client = await server.connect();
    client.send('quit\r\n');
    await client.closed();
    expect(client.received).toBe(0);
  });

  test.each(['echo lost\r\n', 'set 100000\r\nbeginning', `big ${10 * MEGABYTE}\r\n`, 'yield\r\nyield\r\n'])(
    'survives a reset after %j',
    async (request) => {
      const server = await start();
      const neighbour = await server.connect();
      for (let round = 0; round < 20; round++) {
        const client = await server.connect({ reads: false });
        const before = server.count(TRANSPORT_METRICS.bytes_read);
        client.send(request);
        await eventually(() => server.count(TRANSPORT_METRICS.bytes_read) > before);
        client.reset();
        await eventually(() => server.transport.connectionCount === 1);
      }
      expect(await neighbour.ask('echo alive\r\n', '\r\n')).toBe('alive\r\n');
    },
  );

  test('closes only the connection of a request that fails', async () => {
    const server = await start();
    const [client, neighbour] = [await server.connect(), await server.connect()];
    client.send('fail\r\n');
    await client.closed();
    expect(server.count(TRANSPORT_METRICS.engine_failures)).toBe(1);
    expect(server.logged.map(({ level }) => level)).toEqual(['error']);
    expect(server.fatal).toEqual([]);
    expect(await neighbour.ask('echo alive\r\n', '\r\n')).toBe('alive\r\n');
  });

  test('reports a broken invariant as fatal', async () => {
    const server = await start();
    const client = await server.connect();
    client.send('broken\r\n');
    await client.closed();
    expect(server.fatal).toHaveLength(1);
  });

  test.each([
    ['shutdown', false],
    ['shutdown graceful', true],
  ])('passes on %s', async (request, isGraceful) => {
    const server = await start();
    const client = await server.connect();
    client.send(`${request}\r\n`);
    await client.closed();
    expect(server.shutdowns).toEqual([isGraceful]);
  });
}

function expectPattern(bytes: Buffer, length: number): void {
  expect(bytes.subarray(0, length).equals(patternOf(length))).toBe(true);
}
