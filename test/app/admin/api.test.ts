// The admin API of the built server.

import { once } from 'node:events';
import { expect, test } from 'vitest';
import { AskingClient } from '../asking-client.js';
import { scriptOf, TypeFolders } from '../type-folders.js';
import { askHttp, openHttp, startAdmin, startPlainAdmin } from './http-client.js';

interface Stats {
  readonly values: Readonly<Record<string, number>>;
  readonly commands: readonly { readonly command: string; readonly requests: number; readonly p99Seconds: number }[];
}

test.each(['epoll', 'net'])(
  'with %s, /api/stats has the values of stats and a row for each command',
  async (transport) => {
    const { server, json } = await startAdmin(['--transport', transport]);
    await using _ = server;
    const client = await AskingClient.connect(server.port);
    await client.set('k', 'hello');
    await client.get('k');
    const { values, commands }: Stats = await json('/api/stats');
    expect(values).toMatchObject({ curr_items: 1, get_hits: 1, cmd_set: 1, curr_connections: 1 });
    expect(commands.find(({ command }) => command === 'get')).toMatchObject({
      requests: 1,
      p99Seconds: expect.any(Number),
    });
    client.close();
  },
);

test('types are listed page by page, with files that failed and their lines; one type has its methods and their parameters', async () => {
  using folders = new TypeFolders().copy('scripts/set.lua').copy('scripts/quota.lua');
  folders.script('broken.lua', 'return {\n  name = "broken",\n  methods = {{\n');
  const { server, port, json } = await startAdmin(folders.flags);
  await using _ = server;
  const client = await AskingClient.connect(server.port);
  await client.get('set:new:colours');
  await client.get('set:put:colours:red');
  await client.line('get set:put:colours\r\n');
  const first: { types: { name: string }[]; next: string; errors: { file: string; line: number }[] } =
    await json('/api/types?limit=2');
  expect(first.types.length).toBe(2);
  const names = first.types.map(({ name }) => name);
  expect(first.errors).toEqual([expect.objectContaining({ file: 'scripts/broken.lua', line: expect.any(Number) })]);
  let next: string | null = first.next;
  const set: unknown[] = [];
  while (next !== null) {
    const page: { types: { name: string }[]; next: string | null; count: number } = await json(
      `/api/types?after=${next}&limit=5`,
    );
    names.push(...page.types.map(({ name }) => name));
    set.push(...page.types.filter(({ name }) => name === 'set'));
    next = page.next;
    if (next === null) expect(names.length).toBe(page.count);
  }
  expect(names).toEqual([...new Set(names)].sort());
  expect(set).toMatchObject([{ language: 'lua', version: 1, calls: 3, errors: 1, kills: 0 }]);
  const type: { methods: { name: string }[] } = await json('/api/type?name=set');
  expect(type.methods.find(({ name }) => name === 'put')).toMatchObject({
    calls: 2,
    errors: 1,
    p50Seconds: expect.any(Number),
    parameters: [{ name: 'member', optional: false, schema: { type: 'string' } }],
  });
  expect(await askHttp(port, '/api/type?name=nothing')).toMatchObject({ status: 404 });
  expect((await askHttp(port, '/api/types?limit=5000')).status).toBe(400);
  client.close();
});

test('objects are listed by prefix in pages, each exactly once, and looked into in parts', async () => {
  using folders = new TypeFolders().copy('scripts/set.lua');
  const { server, port, json } = await startAdmin(folders.flags);
  await using _ = server;
  const client = await AskingClient.connect(server.port);
  for (let number = 0; number < 300; number++) await client.set(`key-${number}`, 'v');
  for (let number = 0; number < 50; number++) await client.set(`other-${number}`, 'v');
  const keys: string[] = [];
  let cursor: number | null = 0;
  let largest = 0;
  while (cursor !== null) {
    const page: { objects: { key: { text: string } }[]; next: number | null } = await json(
      `/api/objects?prefix=key-&cursor=${cursor}&limit=20`,
    );
    keys.push(...page.objects.map(({ key }) => key.text));
    largest = Math.max(largest, page.objects.length);
    cursor = page.next;
  }
  expect(keys.length).toBe(300);
  expect(new Set(keys).size).toBe(300);
  expect(largest).toBeLessThan(60);
  const value = 'abcdefghij'.repeat(10_000);
  await client.set('large', value, 100);
  let text = '';
  let from: number | null = 0;
  while (from !== null) {
    const view: { part: { text: string }; next: number | null; ttlSeconds: number } = await json(
      `/api/object?key=large&from=${from}`,
    );
    text += view.part.text;
    expect(view.ttlSeconds).toBeGreaterThan(90);
    from = view.next;
  }
  expect(text).toBe(value);
  await client.get('set:new:colours');
  await client.get('set:put:colours:red');
  expect(await json('/api/object?key=set$colours')).toMatchObject({
    isObject: true,
    bytes: expect.any(Number),
    part: { text: '{"red":true}' },
  });
  expect((await askHttp(port, '/api/object?key=nothing')).status).toBe(404);
  expect((await askHttp(port, '/api/object')).status).toBe(400);
  client.close();
});

test('a call runs a method with any arguments and returns its outcome', async () => {
  using folders = new TypeFolders().copy('scripts/set.lua');
  folders.script('spin.lua', scriptOf('spin', { fail: 'error("no " .. args.text)' }));
  const { server, port, json } = await startAdmin(folders.flags);
  await using _ = server;
  const call = (body: object): Promise<never> => json('/api/call', { method: 'POST', body });
  expect(await call({ type: 'set', method: 'new', key: 'a:b%c' })).toEqual({
    outcome: 'result',
    value: { text: 'CREATED' },
    totalBytes: 7,
  });
  await call({ type: 'set', method: 'put', key: 'a:b%c', arguments: ['r:e d%ü'] });
  await call({ type: 'set', method: 'put', key: 'a:b%c', data: 'blue' });
  expect(await call({ type: 'set', method: 'count', key: 'a:b%c' })).toMatchObject({ value: { text: '2' } });
  await call({ type: 'spin', method: 'new', key: 'k' });
  expect(await call({ type: 'spin', method: 'fail', key: 'k', arguments: ['way'] })).toMatchObject({
    outcome: 'clientError',
    value: { text: expect.stringContaining('no way') },
  });
  const { failures }: { failures: { atUnixMs: number; line: string }[] } = await json('/api/failures');
  expect(failures).toMatchObject([{ line: expect.stringContaining('no way') }]);
  expect(Number.isInteger(failures[0].atUnixMs)).toBe(true);
  const wrong = { method: 'POST', body: { type: 'set', method: 'nothing', key: 'k' } };
  expect((await askHttp(port, '/api/call', wrong)).status).toBe(404);
  const long = { method: 'POST', body: { type: 'set', method: 'put', key: 'k', arguments: ['x'.repeat(300)] } };
  expect((await askHttp(port, '/api/call', long)).status).toBe(400);
});

test('objects and keys of any bytes can be called, and what is no call is refused with a reason', async () => {
  using folders = new TypeFolders().copy('scripts/set.lua');
  const { server, port, json } = await startAdmin(folders.flags);
  await using _ = server;
  const keyBase64 = Buffer.from([0xff, 0xfe, 0x41]).toString('base64');
  const put = { type: 'set', method: 'put', arguments: ['red'] };
  await json('/api/call', { method: 'POST', body: { type: 'set', method: 'new', keyBase64 } });
  await json('/api/call', { method: 'POST', body: { ...put, keyBase64 } });
  const { objects }: { objects: { key: { base64: string } }[] } = await json('/api/objects');
  const base64 = Buffer.from('set$\xff\xfeA', 'latin1').toString('base64');
  expect(objects).toMatchObject([{ key: { base64 }, isObject: true }]);
  const shown = await json(`/api/object?keyBase64=${encodeURIComponent(base64)}`);
  expect(shown).toMatchObject({ part: { text: '{"red":true}' } });
  const largest = {
    type: 'set',
    method: 'put',
    key: 'k',
    dataBase64: Buffer.alloc(1024 * 1024, 'x').toString('base64'),
  };
  expect(await json('/api/call', { method: 'POST', body: largest })).toMatchObject({ outcome: expect.any(String) });
  for (const body of [
    { ...put, type: 'set:put', key: 'k' },
    { ...put, key: '\ud800'.repeat(100) },
    { ...put, keyBase64: '!' },
    put,
  ]) {
    const { status, text } = await askHttp(port, '/api/call', { method: 'POST', body });
    expect([status, Object.keys(JSON.parse(text))]).toEqual([400, ['error']]);
  }
  expect((await askHttp(port, '/api/events', { method: 'HEAD' })).status).toBe(404);
});

test('a part of a text ends with a whole character, and an object that is too large to be shown has a reason instead', async () => {
  using folders = new TypeFolders().copy('scripts/set.lua');
  const { server, json } = await startAdmin(folders.flags);
  await using _ = server;
  const client = await AskingClient.connect(server.port);
  for (const character of ['é', '€', '😀']) {
    const text = `x${character.repeat(20_000)}`;
    await client.set('text', Buffer.from(text).toString('latin1'));
    let shown = '';
    for (let from: number | null = 0; from !== null; ) {
      const view: { part: { text: string }; next: number | null } = await json(`/api/object?key=text&from=${from}`);
      shown += view.part.text;
      from = view.next;
    }
    expect(shown === text).toBe(true);
  }
  await client.set('bytes', '\xc3'.repeat(40_000));
  expect(await json('/api/object?key=bytes')).toMatchObject({
    part: { base64: expect.any(String) },
    next: 32 * 1024 - 1,
  });
  await client.get('set:new:large');
  for (let member = 0; member < 6000; member++) await client.get(`set:put:large:${member}-${'x'.repeat(200)}`);
  const { objects }: { objects: { bytes: number; key: { text: string } }[] } = await json('/api/objects?prefix=set');
  expect(objects[0].bytes).toBeGreaterThan(1_200_000);
  expect(await json('/api/object?key=set$large')).toMatchObject({
    bytes: objects[0].bytes,
    totalBytes: 0,
    part: { text: '' },
    next: null,
    error: 'set$large: makes a text of more than 1048576 bytes',
  });
  client.close();
});

test('events tell of reloads, lines of the log and, each second, the metrics', async () => {
  using folders = new TypeFolders().copy('scripts/set.lua');
  const { server, port, json } = await startAdmin(folders.flags);
  await using _ = server;
  const response = await openHttp(port, '/api/events');
  expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  let text = '';
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const until = async (pattern: RegExp) => {
    while (!pattern.test(text)) await once(response, 'data');
  };
  await until(/: connected/);
  folders.copy('scripts/quota.lua');
  await until(/event: reload\ndata: \{"file":"scripts\/quota.lua","outcome":"loaded",[^\n]*\}\n\n/);
  await until(/event: log\ndata: \{[^\n]*version 1 of quota is live[^\n]*\}\n\n/);
  await until(/event: stats\ndata: \{"unixMs":[^\n]*"curr_items":0[^\n]*\}\n\n/);
  response.destroy();
  const { lines }: { lines: { number: number; message: string }[] } = await json('/api/log');
  expect(lines.map(({ message }) => message)).toContainEqual(expect.stringContaining('version 1 of quota is live'));
  const last = lines.at(-1)?.number ?? 0;
  expect(await json(`/api/log?after=${last}`)).toEqual({ lines: [] });
});

test('at most eight clients read events', async () => {
  const { server, port } = await startPlainAdmin();
  await using _ = server;
  const responses = await Promise.all(Array.from({ length: 8 }, () => openHttp(port, '/api/events')));
  expect(responses.map(({ statusCode }) => statusCode)).toEqual(Array(8).fill(200));
  expect((await askHttp(port, '/api/events')).status).toBe(503);
  for (const response of responses) response.destroy();
});
