// `cacheismo shards check`: which calls it reports as split. Whether the servers are the right ones: conformance/clients/shards.test.ts.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CallRoutes, type TagMarks } from '../../../src/app/shards/routed-calls.js';
import { chooserOf, parseServers, type ShardServer } from '../../../src/app/shards/server-choice.js';
import { runCommand } from '../server-process.js';

const SERVERS: readonly ShardServer[] = parseServers('a:1,b:2');

/** Keys, or their tags, that begin with a vowel are on the first server. */
function report(lines: readonly string[], marks: TagMarks = ['{', '}']): string[] {
  const choose = (key: string) => SERVERS[/^[aeiou]/.test(key) ? 0 : 1];
  const routes = new CallRoutes(choose, marks, (name) => name === 'set');
  for (const line of lines) routes.add(line);
  return routes.keys.map(({ server, split, isChance }) =>
    `${server.address} ${isChance === true ? 'note ' : ''}${split ?? ''}`.trimEnd(),
  );
}

describe('shards check', () => {
  test.each([
    ['a plain key goes to the server of the whole key', ['apple', 'user:name:x'], ['a:1', 'a:1']],
    ['calls with one tag go to one server', ['set:put:x{ann}:a', 'set:count:x{ann}'], ['a:1', 'a:1']],
    [
      'an argument with another tag on another server splits the call',
      ['set:union:{ann}x:{ben}y'],
      ['a:1 {ben}y is on b:2'],
    ],
    [
      'an argument with another tag on the same server is noted',
      ['set:union:{ann}x:{eve}y'],
      ['a:1 note {eve}y is on the same server by chance, since the tags differ'],
    ],
    ['an argument with the same tag is fine', ['set:union:{ann}x:{ann}y'], ['a:1']],
    [
      'a further key on another server splits the call',
      ['set:union:{ann}x:y set$y'],
      ['a:1 set$y is on b:2', 'b:2 note without a tag, other calls of set$y may go to another server'],
    ],
    [
      'an empty tag counts as none',
      ['set:count:x{}'],
      ['b:2 note without a tag, other calls of set$x{} may go to another server'],
    ],
    ['a type that is not known makes a plain key', ['bag:put:x:{ben}'], ['b:2']],
    ['an empty line is no call', ['', '  '], []],
  ])('%s', (_title, lines, expected) => {
    expect(report(lines)).toEqual(expected);
  });

  test('without tags, an object whose calls go to two servers is split', () => {
    const choose = (key: string) => SERVERS[key.length % 2];
    const routes = new CallRoutes(choose, undefined, () => true);
    for (const line of ['set:put:x:a', 'set:put:x:ab', 'set:put:y:a']) routes.add(line);
    expect(routes.keys.map(({ split }) => split)).toEqual([
      undefined,
      'set$x is also on b:2, by set:put:x:a',
      undefined,
    ]);
  });

  test('two names of one server, and servers and hashes that cannot be, are refused', () => {
    expect(() => parseServers('a:1,x=a:1')).toThrow('--servers: a:1 is in the list twice');
    expect(() => parseServers('a')).toThrow(
      '--servers a: must be host:port, or name=host:port:weight; ports are 1 to 65535, weights 1 to 9999',
    );
    expect(() => chooserOf(SERVERS, 'sha1', 'ketama')).toThrow(/^--hash sha1: must be one of md5, /);
    expect(() => chooserOf(SERVERS, 'md5', 'random')).toThrow(/^--distribution random: must be one of ketama, /);
  });

  test('a server of three times the weight gets about three times the keys, and no point of ketama has a port of 11211', () => {
    const choose = chooserOf(parseServers('c0=a:1:3,c1=b:1'), 'md5', 'ketama');
    const keys = Array.from({ length: 1000 }, (_, number) => `key${number}`);
    const first = keys.filter((key) => choose(key).address === 'a:1').length;
    expect(first).toBeGreaterThan(650);
    expect(first).toBeLessThan(850);
    expect(parseServers('host:11211,host:11212').map(({ pointName }) => pointName)).toEqual(['host', 'host:11212']);
  });
});

describe('the command', () => {
  test('prints what the guide shows', async () => {
    const guide = readFileSync(new URL('../../../src/client/README.md', import.meta.url), 'utf8');
    const [, line = '', output] = /```console\n\$ cacheismo (.*)\n([\s\S]*?)```/.exec(guide) ?? [];
    expect(await runCommand(line.split(' '))).toMatchObject({ output });
  });

  const servers = ['--servers', 'c0=127.0.0.1:1,c1=127.0.0.1:2,c2=127.0.0.1:3'];

  test('prints a line for each key and the keys of each server, and ends with 0 if no call is split', async () => {
    const ran = await runCommand(['shards', 'check', ...servers, 'set:put:{u7}:a', 'set:count:{u7}']);
    expect(ran).toEqual({
      code: 0,
      output: `set:put:{u7}:a  127.0.0.1:2
set:count:{u7}  127.0.0.1:2
127.0.0.1:1: 0 keys, 127.0.0.1:2: 2 keys, 127.0.0.1:3: 0 keys
`,
      errors: '',
    });
  });

  test('hashes the bytes of a key that is not ASCII, from the arguments as from the input', async () => {
    const keys = ['schlüssel', 'naïve', '日本'];
    const fromArguments = await runCommand(['shards', 'check', ...servers, ...keys]);
    expect(await runCommand(['shards', 'check', ...servers], {}, keys.join('\n'))).toEqual(fromArguments);
    expect(fromArguments.output).toContain('schlüssel  127.0.0.1:');
  });

  test('a key that no server accepts ends with one line', async () => {
    expect(await runCommand(['shards', 'check', ...servers, `short ${'é'.repeat(126)}`])).toMatchObject({
      code: 1,
      errors: `cacheismo: the key ${'é'.repeat(20)}... has 252 bytes; servers accept at most 250\n`,
    });
  });

  test('reads the input, and ends with 1 if a call is split', async () => {
    const ran = await runCommand(['shards', 'check', ...servers], {}, 'set:union:{u7}a:{u8}b\ngreeting\n');
    expect(ran).toMatchObject({ code: 1, errors: 'cacheismo: 1 of 2 keys is split\n' });
    expect(ran.output).toContain('set:union:{u7}a:{u8}b  127.0.0.1:2  SPLIT: {u8}b is on 127.0.0.1:3\n');
  });

  test.each([
    [['shards'], 'a command is missing; see cacheismo shards --help'],
    [['shards', 'check', 'x'], "required option '--servers <list>' not specified; see cacheismo shards --help"],
    [
      ['shards', 'check', ...servers, '--hash', 'constructor', 'x'],
      '--hash constructor: must be one of md5, fnv1a_64, fnv1a_32, one_at_a_time, crc32, crc32a',
    ],
    [
      ['shards', 'check', ...servers, '--distribution', 'constructor', 'x'],
      '--distribution constructor: must be one of ketama, consistent, modula',
    ],
    [['shards', 'check', ...servers, '--tag', 'abc', 'x'], '--tag abc: must be two characters, such as {}, or none'],
  ])('%j ends with one line', async (args, line) => {
    expect(await runCommand(args)).toEqual({ code: 64, output: '', errors: `cacheismo: ${line}\n` });
  });
});
