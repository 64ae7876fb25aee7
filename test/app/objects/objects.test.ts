// Objects over a socket: the types that ship, the original's scripts, files that change while the server runs. On every transport. The
// types in detail: test/objects/conformance.ts.

import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineClient } from '../line-client.js';
import { type ServerProcess, startProcess } from '../server-process.js';
import { scriptOf, TypeFolders } from '../type-folders.js';
import { WORKED_EXAMPLES } from './worked-examples.js';

/** Every type that ships is in TypeScript, and those in Lua have the same names. */
const SHIPPED = readdirSync(new URL('../../../plugins', import.meta.url))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length))
  .sort();

const TRANSPORTS = process.platform === 'linux' ? ['epoll', 'net'] : ['net'];

async function play(client: LineClient, rows: readonly (readonly [key: string, value: string])[]): Promise<void> {
  for (const [key, value] of rows) expect([key, await client.get(key)]).toEqual([key, value]);
}

describe.each(TRANSPORTS)('with the transport %s', (transport) => {
  let server: ServerProcess;
  let client: LineClient;

  beforeAll(async () => {
    server = await startProcess(['--transport', transport]);
    client = await LineClient.connect(server.port);
  });

  afterAll(async () => {
    client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  test('the shipped types are loaded at the start', async () => {
    expect((await server.logged(/^object types/)).msg).toBe(`object types: ${SHIPPED.join(', ')}`);
    expect(server.log.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('the worked examples of the original give the same replies', () => play(client, WORKED_EXAMPLES));

  test('calls can be mixed with ordinary keys in pipelines and lists', async () => {
    const requests =
      'set p 7 0 1\r\nx\r\nget set:new:l\r\nget p set:put:l:a p\r\nget set:put:l\r\ngets set:count:l\r\n';
    expect(await client.ask(requests)).toBe(
      [
        'STORED',
        'VALUE set:new:l 0 7\r\nCREATED\r\nEND',
        'VALUE p 7 1\r\nx\r\nVALUE set:put:l:a 0 7\r\nSUCCESS\r\nVALUE p 7 1\r\nx\r\nEND',
        'CLIENT_ERROR set:put: member is required',
        'VALUE set:count:l 0 1 0\r\n1\r\nEND\r\n',
      ].join('\r\n'),
    );
  });

  test('storage commands call methods with a data block of any bytes, and send no reply after noreply', async () => {
    await play(client, [['map:new:b', 'CREATED']]);
    const block = '\0\r\nEND\r\n:\xff%';
    expect(await client.set('map:put:b:k', block)).toBe('STORED');
    expect(await client.get('map:get:b:k')).toBe(`k : ${block}`);
    expect(await client.set('map:put:missing:k', block)).toBe('NOT_FOUND');
    const long = 'long '.repeat(200_000);
    expect(await client.set('map:put:b:long', long)).toBe('STORED');
    expect((await client.get('map:get:b:long')) === `long : ${long}`).toBe(true);
    expect(await client.ask('set map:put:b:q 0 0 1 noreply\r\n1\r\nset map:put:b 0 0 1 noreply\r\n1\r\n')).toBe('');
    expect(await client.get('map:get:b:q')).toBe('q : 1');
  });

  test('an object can be read, touched and deleted by its key like any item', async () => {
    await play(client, [
      ['set:new:o', 'CREATED'],
      ['set:put:o:x', 'SUCCESS'],
      ['set$o', '{"x":true}'],
      ['cacheismo:keys:set$o', 'set$o\r\nend'],
    ]);
    const refused = 'CLIENT_ERROR append, prepend, incr, decr and cas are not for objects\r\n';
    expect(await client.ask('append set$o 0 0 1\r\nx\r\nincr set$o 1\r\n')).toBe(refused + refused);
    expect(await client.ask('touch set$o 100\r\nget set:ttl:o\r\n')).toMatch(
      /^TOUCHED\r\nVALUE set:ttl:o 0 \d+\r\n(100|99)\r\n/,
    );
    expect(await client.ask('set set$o 0 0 1\r\nx\r\n')).toBe('STORED\r\n');
    expect(await client.get('set:count:o')).toBe('CLIENT_ERROR set:count: set$o holds a plain value, not an object');
    expect(await client.ask('delete set$o\r\n')).toBe('DELETED\r\n');
    expect(await client.get('set:count:o')).toBe('ERROR_CACHE_MISS');
  });

  test('clients can list the types and their methods', async () => {
    const types = (await client.get('cacheismo:types')).split('\r\n');
    expect(types.map((line) => line.split(' ').slice(0, 5).join(' '))).toEqual([
      'apiVersion 1',
      ...[
        'cacheismo typescript built in version',
        ...SHIPPED.map((name) => `${name} typescript plugins/${name}.ts version 1`),
      ].sort(),
    ]);
    expect(await client.get('cacheismo:methods:set')).toMatch(
      /^put write \(member string\) calls \d+ errors \d+ mean/m,
    );
    expect(await client.ask('stats objects\r\n')).toMatch(/STAT object_calls \d+\r\n/);
  });
});

describe.each(TRANSPORTS)("types in the user's directories, with the transport %s,", (transport) => {
  let folders: TypeFolders;
  let server: ServerProcess;
  let client: LineClient;

  beforeAll(async () => {
    folders = new TypeFolders()
      .copy('test/languages/lua/fixtures/tags.lua')
      .copy('test/languages/lua/fixtures/notes.lua');
    folders.script('greet.lua', scriptOf('greet', { say: 'return "hello"' }));
    server = await startProcess(['--transport', transport, ...folders.flags]);
    client = await LineClient.connect(server.port);
  });

  afterAll(async () => {
    client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
    folders[Symbol.dispose]();
  });

  test("may be in the original's style", async () => {
    await play(client, [
      ['tags:names:k', 'ERROR_CACHE_MISS'],
      ['tags:none:k', 'NOT_CREATED'],
      ['tags:new:k:b:a', 'CREATED'],
      ['tags:add:k:c:a', '3'],
      ['tags:names:k', '3:a,b,c'],
      ['notes:put:k:x:y', '2'],
      ['notes:get:k', 'x/one/text/0'],
      ['notes:list:all', 'note$k'],
      ['notes:shared:k:1:2:3', '6'],
      ['notes:remove:k', 'REMOVED'],
      ['notes:get:k', 'NOT_FOUND'],
    ]);
    expect(await client.ask('set notes:put:l:x 5 0 1\r\ny\r\nget notes:get:l\r\n')).toMatch(
      /^STORED\r\nVALUE notes:get:l 0 \d+\r\nx\/one/,
    );
    expect(await client.get('notes:spin:k')).toMatch(/^CLIENT_ERROR notes:spin: takes /);
    expect(await client.get('tags:names:k')).toBe('3:a,b,c');
  });

  test('are live when they are saved and gone when they are removed; objects stay', async () => {
    await play(client, [
      ['greet:new:k', 'CREATED'],
      ['greet:say:k', 'hello'],
    ]);
    folders.script('greet.lua', scriptOf('greet', { say: 'return "good day"' }));
    await server.logged(/^scripts\/greet\.lua: version 2 of greet is live$/);
    expect(await client.get('greet:say:k')).toBe('good day');

    const plugin = `import { defineType, method } from 'cacheismo';
export default defineType({
  name: 'greet',
  methods: { say: method({ access: 'read', run: () => 'from TypeScript' }) },
});
`;
    folders.plugin('greet.ts', plugin);
    await server.logged(/^plugins\/greet\.ts: version 1 of greet is live, shadowed by scripts\/greet\.lua$/);
    expect(await client.get('greet:say:k')).toBe('good day');
    rmSync(join(folders.scripts, 'greet.lua'));
    await server.logged(/^scripts\/greet\.lua: was removed; plugins\/greet\.ts now defines greet$/);
    expect(await client.get('greet:say:k')).toBe('from TypeScript');
    rmSync(join(folders.plugins, 'greet.ts'));
    await server.logged(/^plugins\/greet\.ts: was removed; type greet is no longer loaded$/);
    expect(await client.get('greet:say:k')).toBe('END');
    expect(await client.get('greet$k')).toBe('{}');
  });

  test('keep running when a save is half-written; the log and the listing say why', async () => {
    const text = scriptOf('half', { say: 'return "whole"' });
    folders.script('half.lua', text);
    await server.logged(/version 1 of half is live/);
    folders.script('half.lua', text.slice(0, text.length / 2));
    const { level, msg } = await server.logged(/^scripts\/half\.lua:\d+: .*\(version 1 keeps running\)$/);
    expect(level).toBe('warn');
    await play(client, [
      ['half:new:k', 'CREATED'],
      ['half:say:k', 'whole'],
    ]);
    // The log is written first; the data threads commit the change at their next request.
    while (!(await client.get('cacheismo:types')).includes(`error ${msg}`));
    folders.script('half.lua', text.replace('whole', 'mended'));
    await server.logged(/version 2 of half is live/);
    expect(await client.get('half:say:k')).toBe('mended');
    expect(await client.get('cacheismo:types')).not.toContain('error scripts');
  });

  test('are refused if their file leads out of the directory, is a pipe, or is huge', async () => {
    const outside = join(tmpdir(), `cacheismo-outside-${process.pid}.lua`);
    writeFileSync(outside, scriptOf('outside', {}));
    symlinkSync(outside, join(folders.scripts, 'outside.lua'));
    await server.logged(/^scripts\/outside\.lua: is a link that leads outside its directory/);
    execFileSync('mkfifo', [join(folders.scripts, 'pipe.lua')]);
    await server.logged(/^scripts\/pipe\.lua: is not a regular file/);
    writeFileSync(join(folders.scripts, 'huge.lua'), '');
    truncateSync(join(folders.scripts, 'huge.lua'), 100 * 1024 * 1024);
    await server.logged(/^scripts\/huge\.lua: is larger than /);
    expect(await client.get('outside:new:k')).toBe('END');
    expect(await client.get('tags:names:k')).toBe('3:a,b,c');
    rmSync(outside);
  });

  test('fail with one clean line and leave the object as it was', async () => {
    folders.script(
      'frail.lua',
      scriptOf('frail', {
        fill: 'self.a = "kept" return "SUCCESS"',
        fail: 'self.a = nil self.b = { 1, 2 } error("bad\\r\\nSTORED\\r\\n\\0" .. ("x"):rep(1000))',
        show: 'return self',
        poison: 'string.upper = nil getmetatable("").__index = nil',
        reach:
          'return tostring(debug) .. tostring(load) .. tostring(string.dump) .. tostring(_G and _G.io) .. tostring(getmetatable(""))',
        clean: 'return ("a"):upper()',
      }),
    );
    await server.logged(/of frail is live/);
    await play(client, [
      ['frail:new:k', 'CREATED'],
      ['frail:fill:k', 'SUCCESS'],
    ]);
    const reply = await client.ask('get frail:fail:k\r\n');
    expect(reply).toMatch(/^CLIENT_ERROR frail:fail: [\x20-\x7e]*bad STORED x+\r\n$/);
    expect(reply.length).toBeLessThan('CLIENT_ERROR frail:fail: \r\n'.length + 201);
    await play(client, [['frail:show:k', '{"a":"kept"}']]);
    await client.get('frail:poison:k');
    expect(await client.get('frail:reach:k')).toMatch(/^(nil)+(false)?$/);
    expect(await client.get('frail:clean:k')).toBe('A');
  });
});

describe('an option of object types', () => {
  test('that names a missing directory causes one log line, and the server starts', async () => {
    await using server = await startProcess(['--scripts', '/no/such/place']);
    expect((await server.logged(/missing/)).msg).toBe(
      'directory /no/such/place is missing: no object types are loaded from it until it exists',
    );
    using client = await LineClient.connect(server.port);
    expect(await client.get('set:new:k')).toBe('CREATED');
    expect(await client.get('cacheismo:methods:set')).toContain('put write');
  });

  test('that names a file in place of a directory causes one log line', async () => {
    using folders = new TypeFolders().script('a.lua', scriptOf('a', { say: 'return 1' }));
    const file = join(folders.scripts, 'a.lua');
    await using server = await startProcess(['--scripts', file]);
    expect((await server.logged(/not a directory/)).msg).toBe(
      `${file} is not a directory: no object types are loaded from it`,
    );
  });

  test('makes every key an ordinary one (--no-objects)', async () => {
    await using server = await startProcess(['--no-objects']);
    using client = await LineClient.connect(server.port);
    expect(await client.ask('get set:new:k\r\nset set:put:k:a 0 0 1\r\nx\r\nget set:put:k:a cacheismo:types\r\n')).toBe(
      'END\r\nSTORED\r\nVALUE set:put:k:a 0 1\r\nx\r\nEND\r\n',
    );
  });

  test('skips prefixes, and can require one for a call (--virtual-prefix)', async () => {
    await using server = await startProcess(['--virtual-prefix', 'ns:,:1:', '--virtual-prefix-required']);
    using client = await LineClient.connect(server.port);
    expect(await client.ask('get ns:set:new:k\r\nget :1:set:count:k\r\nget set:count:k\r\n')).toBe(
      'VALUE ns:set:new:k 0 7\r\nCREATED\r\nEND\r\nVALUE :1:set:count:k 0 1\r\n0\r\nEND\r\nEND\r\n',
    );
  });

  test('sets the budgets of calls', async () => {
    using folders = new TypeFolders();
    folders.script('work.lua', scriptOf('work', { loop: 'while true do end', long: 'return #("x"):rep(100000)' }));
    await using server = await startProcess([...folders.flags, '--call-steps', '5000', '--call-bytes', '64k']);
    using client = await LineClient.connect(server.port);
    await client.get('work:new:k');
    expect(await client.get('work:loop:k')).toBe('CLIENT_ERROR work:loop: takes more than 5000 steps');
    expect(await client.get('work:long:k')).toBe('CLIENT_ERROR work:long: makes more than 65536 bytes');
  });
});
