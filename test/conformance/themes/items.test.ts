// The behaviour that memcached's authors test for storing, comparing, counting and touching: values at the limits, keys at the limits,
// quiet requests.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineClient } from '../../app/line-client.js';
import { type ServerProcess, startProcess } from '../../app/server-process.js';
import { ask } from '../memcached.js';
import { converse, statsOf } from './talk.js';

const BAD = 'CLIENT_ERROR bad command line format$';
const K250 = 'k'.repeat(250);
const K251 = 'k'.repeat(251);

let server: ServerProcess;

beforeAll(async () => {
  server = await startProcess(['-t', '1', '-o', 'relaxed_privileges']);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('cas', () => {
  test('refuses words where numbers belong', async () => {
    for (const line of ['bad blah 0 0 0', 'bad 0 blah 0 0', 'bad 0 0 blah 0', 'bad 0 0 0 blah']) {
      await converse(server.port, [[`cas ${line}$`, BAD]]);
    }
    await converse(server.port, [['cas bad 0 0 6 $barva2$', BAD]]);
  });

  test('stores with the token of the last gets, once; a token of two connections wins once', async () => {
    using one = await LineClient.connect(server.port);
    using two = await LineClient.connect(server.port);
    const token = async (client: LineClient) => / (\d+)\r\n/.exec(await client.ask('gets c\r\n'))?.[1] ?? 'none';
    const cas = (client: LineClient, unique: string) => client.ask(`cas c 0 0 1 ${unique}\r\nz\r\n`);
    expect(await cas(one, '1')).toBe('NOT_FOUND\r\n');
    await one.set('c', 'x');
    const first = await token(one);
    expect(await cas(one, `${Number(first) + 100}`)).toBe('EXISTS\r\n');
    expect(await cas(one, first)).toBe('STORED\r\n');
    expect(await cas(one, first)).toBe('EXISTS\r\n');
    const [ours, theirs] = [await token(one), await token(two)];
    expect((await Promise.all([cas(one, ours), cas(two, theirs)])).sort()).toEqual(['EXISTS\r\n', 'STORED\r\n']);
  });

  test('shows another token after an increment, and a different one for each key', async () => {
    using client = await LineClient.connect(server.port);
    await client.ask('set t1 0 0 1\r\n0\r\nset t2 0 0 1\r\n0\r\n');
    const [one, two] = [...(await client.ask('gets t1 t2\r\n')).matchAll(/VALUE t\d 0 1 (\d+)/g)].map(([, id]) => id);
    expect(one).not.toBe(two);
    await client.ask('incr t1 1\r\n');
    expect(await client.ask('gets t1\r\n')).toMatch(new RegExp(`^VALUE t1 0 1 (?!${one}\\r)\\d+\\r\\n1\\r\\n`));
  });
});

test('incr and decr count in 64 bits, stop at 0 and refuse text that is not a number', async () => {
  await converse(server.port, [
    ['set num 0 0 1$1$', 'STORED$'],
    ['incr num 1$incr num 8$decr num 1$', '2$10$9$'],
    ['get num$', 'VALUE num 0 2$9 $END$'],
    ['decr num 9$decr num 5$', '0$0$'],
    ['set num 0 0 10$4294967296$incr num 1$', 'STORED$4294967297$'],
    ['set num 0 0 20$18446744073709551615$incr num 1$', 'STORED$0$'],
    ['decr bogus 5$incr bogus 5$', 'NOT_FOUND$NOT_FOUND$'],
    ['set text 0 0 2$hi$incr text 1$', 'STORED$CLIENT_ERROR cannot increment or decrement non-numeric value$'],
    ['incr num text$incr num -1$', 'CLIENT_ERROR invalid numeric delta argument$'.repeat(2)],
    ['incr num$', BAD],
  ]);
});

test('touch and gat change the expiry, and count', async () => {
  using client = await LineClient.connect(server.port);
  await client.ask('stats reset\r\n');
  await converse(server.port, [
    ['touch t 10$gat 10 t$', 'NOT_FOUND$END$'],
    ['set t 0 1 1$x$touch t 100$', 'STORED$TOUCHED$'],
    ['gat 1000 t$', 'VALUE t 0 1$x$END$'],
    ['mg t t$', /^HD t(999|1000)\$$/],
    ['touch t x$gat x t$', 'CLIENT_ERROR invalid exptime argument$'.repeat(2)],
    ['touch t$gat 1$', BAD + BAD],
    ['gat -1 t$get t$', 'VALUE t 0 1$x$END$END$'],
  ]);
  expect(await statsOf(client)).toMatchObject({ cmd_touch: '5', touch_hits: '3', touch_misses: '2' });
});

test('flags of 32 bits are kept, and a negative one is refused', async () => {
  for (const flags of [0, 123, 2 ** 16 - 1, 2 ** 31, 2 ** 32 - 1]) {
    await converse(server.port, [[`set f ${flags} 0 1$x$get f$`, `STORED$VALUE f ${flags} 1$x$END$`]]);
  }
  await converse(server.port, [['set f -1 0 1$x$', BAD]]);
});

describe('a quiet request', () => {
  test.each([
    ['add q 0 0 1 noreply$1$get q$', 'VALUE q 0 1$1$END$'],
    ['set q 0 0 1 noreply$2$get q$', 'VALUE q 0 1$2$END$'],
    ['replace q 0 0 1 noreply$3$get q$', 'VALUE q 0 1$3$END$'],
    ['append q 0 0 1 noreply$4$prepend q 0 0 1 noreply$5$get q$', 'VALUE q 0 3$534$END$'],
    ['incr q 3 noreply$decr q 2 noreply$get q$', 'VALUE q 0 3$535$END$'],
    ['touch q 100 noreply$mg q t$', /^HD t(99|100)\$$/],
    ['delete q noreply$get q$', 'END$'],
    ['flush_all noreply$flush_all 0 noreply$verbosity 0 noreply$', ''],
  ] as const)('%s has its effect and no reply', async (send, reply) => {
    await converse(server.port, [[send, reply]]);
  });

  test('that is malformed affects only its own line and block', async () => {
    await converse(server.port, [
      ['set a b 0 1 noreply$a$mn$', 'MN$'],
      ['set a 0 0 -1 noreply$mn$', 'MN$'],
      [`set ${K251} 0 0 1 noreply$a$mn$`, 'MN$'],
      ['cas a 0 0 1 x noreply$a$mn$', 'MN$'],
      ['incr a x noreply$touch a x noreply$flush_all x noreply$mn$', 'MN$'],
      [`set a 0 0 2000000 noreply$${'x'.repeat(2_000_000)}$mn$`, 'MN$'],
      ['set noreply 0 0 1$a$get noreply$delete noreply$', 'STORED$VALUE noreply 0 1$a$END$DELETED$'],
    ]);
  });
});

describe('limits', () => {
  test('of a key are 250 bytes', async () => {
    await converse(server.port, [
      [`set ${K250} 0 0 1$a$get ${K250}$delete ${K250}$`, `STORED$VALUE ${K250} 0 1$a$END$DELETED$`],
      [`set ${K251} 0 0 1$a$get ${K251}$delete ${K251}$`, BAD.repeat(3)],
      [`incr ${K251} 1$touch ${K251} 1$gat 1 ${K251}$mg ${K251}$`, BAD.repeat(4)],
    ]);
  });

  test('of a value are those of -I, and a refused set removes the old value', async () => {
    using client = await LineClient.connect(server.port);
    await client.set('v', 'small');
    for (const length of [1024 ** 2 - 512, 1024 ** 2 - 48, 1024 ** 2, 1024 ** 2 + 1]) {
      const isSmall = length < 1024 ** 2 - 500;
      const expected = isSmall ? 'STORED' : 'SERVER_ERROR object too large for cache';
      expect([length, await client.set('v', 'x'.repeat(length))]).toEqual([length, expected]);
      expect((await client.get('v')).length).toBe(isSmall ? length : 'END'.length);
    }
  });

  test('of a value hold for append, which keeps the old one', async () => {
    const half = 'x'.repeat(600_000);
    const joined = `append v 0 0 ${half.length}$${half}$prepend v 0 0 ${half.length}$${half}$`;
    await converse(server.port, [
      [`set v 0 0 ${half.length}$${half}$${joined}mg v s$`, `STORED$NOT_STORED$NOT_STORED$HD s${half.length}$`],
    ]);
  });

  test('do not exist for the number of keys of a get', async () => {
    const keys = Array.from({ length: 1200 }, (_, index) => `multi${index}`);
    const sets = keys.map((key) => `set ${key} 0 0 1 noreply$x$`).join('');
    const found = keys.map((key) => `VALUE ${key} 0 1$x$`).join('');
    await converse(server.port, [
      [`${sets}get ${keys.join(' ')}$`, `${found}END$`],
      [`gets ${Array.from({ length: 100 }, (_, index) => String(index).padStart(250, 'm')).join(' ')}$`, 'END$'],
    ]);
  });

  test('of a complete line are 2048 bytes and more; an incomplete one closes the connection', async () => {
    await converse(server.port, [
      [`${'x'.repeat(2048)}$`, 'ERROR$'],
      [`get ${' '.repeat(1500)}a$`, 'END$'],
    ]);
    expect(await ask(server.port, 'x'.repeat(2049))).toBe('CLIENT_ERROR line too long\r\n');
  });

  test('of a length in a line keep the connection usable', async () => {
    await converse(server.port, [
      ['set i70 0 0 0$$', 'STORED$'],
      ['set i70 0 0 -1$set i70 0 0 4294967295$set i70 0 0 4294967296$mn$', `${BAD.repeat(3)}MN$`],
    ]);
  });
});

test('HTTP requests close the connection', async () => {
  for (const line of ['GET / HTTP/1.0', 'PUT /asdf HTTP/1.1', 'DELETE HTTP/1.1', 'POST /x HTTP/1.1']) {
    using client = await LineClient.connect(server.port);
    await expect(client.ask(`${line}\r\n`)).rejects.toThrow('closed the connection after');
  }
});
