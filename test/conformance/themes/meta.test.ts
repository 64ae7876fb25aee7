// What memcached's authors expect of the meta commands: tokens, arithmetic, modes of storing, one client that wins the right to fill a miss,
// stale items, quiet requests in a pipeline.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { LineClient } from '../../app/line-client.js';
import { type ServerProcess, startProcess } from '../../app/server-process.js';
import { converse } from './talk.js';

let server: ServerProcess;

beforeAll(async () => {
  server = await startProcess(['-t', '1']);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** The flag's value in the first line of the reply to `mg`. */
async function flagOf(client: LineClient, request: string, flag: string): Promise<string | undefined> {
  const [head = ''] = (await client.ask(`${request}\r\n`)).split('\r\n');
  return head
    .split(' ')
    .find((word) => word.startsWith(flag))
    ?.slice(1);
}

test('me tells of an item, and a miss is EN', async () => {
  await converse(server.port, [
    ['me none$', 'EN$'],
    ['set foo 0 0 2$hi$me foo$', /^STORED\$ME foo exp=-1 la=0 cas=\d+ fetch=no cls=1 size=\d+\$$/],
    ['set foo2 0 90 2$ho$mg foo2 s v$', 'STORED$VA 2 s2$ho$'],
  ]);
});

test('ms and md compare the token, and a key in base64 is another key', async () => {
  using client = await LineClient.connect(server.port);
  await client.ask('ms token 2\r\nbo\r\n');
  const token = await flagOf(client, 'mg token c', 'c');
  await converse(server.port, [
    [`ms token 2 c C${Number(token) + 10}$io$ms token 2 c C${token}$io$`, /^EX c0\$HD c\d+\$$/],
    ['md token C1$md token$', 'EX$HD$'],
    ['ms 44OG44K544OI 2 b$po$mg 44OG44K544OI v$mg 44OG44K544OI b v k$', 'HD$EN$VA 2 k44OG44K544OI b$po$'],
  ]);
});

test('ma counts, begins at a given number and compares the token', async () => {
  await converse(server.port, [
    ['ma mo$ma mo D1$set mo 0 0 1$1$ma mo$', 'NF$NF$STORED$HD$'],
    ['set mo 0 0 1$q$ma mo$', 'STORED$CLIENT_ERROR cannot increment or decrement non-numeric value$'],
    ['ma mu N90$mg mu s t v Ofoo k$', /^HD\$VA 1 s1 t(89|90) Ofoo kmu\$0\$$/],
    ['ma mu T300 v t$', /^VA 1 t(299|300)\$1\$$/],
    ['ma mi N0 J13 v t$ma mi N0 J13 v t$ma mi N0 J13 v D30$', 'VA 2 t-1$13$VA 2 t-1$14$VA 2$44$'],
    ['ma mi N0 v MD D22$ma mi N0 v MD D9000$ma mi q D1$mn$', /^VA 2\$22\$VA [12]\$0 ?\$MN\$$/],
    ['ma mi N0 C99999 v$', 'EX$'],
  ]);
});

test('ms stores by mode', async () => {
  await converse(server.port, [
    ['ms mode 2 T120$aa$ms mode 2 ME$bb$', 'HD$NS$'],
    ['ms other 2 ME$bb$ms other 2 MA$cc$ms other 2 MP$aa$mg other s v$', 'HD$HD$HD$VA 6 s6$aabbcc$'],
    ['ms missing 2 MR$zz$ms other 2 MR$xx$ms other 2 MS$yy$mg other v$', 'NS$HD$HD$VA 2$yy$'],
    ['ms other 2 MZ$tt$mn$', 'CLIENT_ERROR invalid mode for ms M token$MN$'],
  ]);
});

test('a miss is filled by one client, and so is an item that is about to expire', async () => {
  using client = await LineClient.connect(server.port);
  const ask = (request: string) => client.ask(request.replaceAll('$', '\r\n'));
  expect(await ask('mg lease s c v N30 t$')).toMatch(/^VA 0 s0 c\d+ t(29|30) W\r\n\r\n$/);
  const token = await flagOf(client, 'mg lease c N30', 'c');
  expect(await ask('mg lease s t v N30$')).toMatch(/^VA 0 s0 t(29|30) Z\r\n\r\n$/);
  expect(await ask(`ms lease 2 C${Number(token) + 5000} T120$nu$ms lease 2 C${token} T120$mu$`)).toBe('EX\r\nHD\r\n');
  expect(await ask('mg lease s k t v N30$')).toMatch(/^VA 2 s2 klease t(119|120)\r\nmu\r\n$/);
  expect(await ask('mg lease s v R130$mg lease s v R130$')).toBe('VA 2 s2 W\r\nmu\r\nVA 2 s2 Z\r\nmu\r\n');
  const refreshed = await flagOf(client, 'mg lease c', 'c');
  expect(await ask(`ms lease 4 C${refreshed} T300$zuuu$mg lease s t v N30$`)).toMatch(
    /^HD\r\nVA 4 s4 t(299|300)\r\nzuuu\r\n$/,
  );
});

test('an item that was marked as stale is served, won by one client and replaced', async () => {
  using client = await LineClient.connect(server.port);
  const ask = (request: string) => client.ask(request.replaceAll('$', '\r\n'));
  expect(await ask('set stale 0 0 3$moo$md stale I T30$')).toBe('STORED\r\nHD\r\n');
  expect(await ask('mg stale s t v$')).toMatch(/^VA 3 s3 t(29|30) (W X|X W)\r\nmoo\r\n$/);
  expect(await ask('ms stale 1 T90 C0$f$')).toBe('EX\r\n');
  expect(await ask('ms stale 1 I T90 C1$f$mg stale s t v$')).toMatch(/^HD\r\nVA 1 s1 t(29|30) (X Z|Z X)\r\nf\r\n$/);
  const token = await flagOf(client, 'mg stale c', 'c');
  expect(await ask(`ms stale 1 T90 C${token}$g$mg stale s t v$`)).toMatch(/^HD\r\nVA 1 s1 t(89|90)\r\ng\r\n$/);
});

test('hits, times and values are told as asked', async () => {
  await converse(server.port, [
    ['ms hit 3 T100$hit$mg hit h$mg hit h$', 'HD$HD h0$HD h1$'],
    ['ms quiet-hit 3$hit$mg quiet-hit u h$mg quiet-hit h$mg quiet-hit u h$', 'HD$HD h0$HD h0$HD h1$'],
    ['ms gat 4 T100$ooom$mg gat s v T300 t$', /^HD\$VA 4 s4 t(299|300)\$ooom\$$/],
    ['ms hide 4$hide$mg hide s$mg hide s v$', 'HD$HD s4$VA 4 s4$hide$'],
  ]);
});

test('quiet requests say nothing but what was asked for, and errors', async () => {
  await converse(server.port, [
    ['ms quiet 2 q$mo$md quiet q$mg quiet s v q$ms quiet$', 'CLIENT_ERROR bad command line format$'],
    ['ms quiet 2 q$bo$mg quiet v q$mg quiet v q$mg missing v q$mn$', 'VA 2$bo$VA 2$bo$MN$'],
    ['mg auto s N30 t q$', /^HD s0 t(29|30) W\$$/],
    ['mg foo m o o o o o o o o o$', /^CLIENT_ERROR /],
    [' $', 'CLIENT_ERROR bad command line format$'],
  ]);
  using client = await LineClient.connect(server.port);
  await expect(client.ask('mg hide s\r\nmg hide s\r\nquit\r\nmg hide s\r\n')).rejects.toThrow(
    'after HD s4\r\nHD s4\r\n',
  );
});
