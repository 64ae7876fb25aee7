// The README's lines for calls from every language, run unchanged with the installed clients: any input stays one argument.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callMethod, virtualKey } from '../../../src/client/client.js';
import { type ServerProcess, startProcess } from '../../app/server-process.js';
import { GO, hasGomemcache, hasSpymemcached, isPresent, pythonWith, run, SPYMEMCACHED } from './programs.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** In UTF-8, since some languages have no strings of other bytes: all characters that end words, lines, keys and escapes. */
const INPUT = 'a b:c%41%\r\nflush_all\r\n\t+&=/?#*\'"~\0\x7fü日';

interface Language {
  readonly name: string;
  readonly fence: string;
  readonly isInstalled: () => boolean;
  readonly file: string;
  readonly command: readonly string[];
  /** The code around the README's lines: the client, its port, and the input. */
  program(lines: string, port: number, hex: string): string;
}

const python = pythonWith('pymemcache');

const LANGUAGES: readonly Language[] = [
  {
    name: 'Python, pymemcache',
    fence: 'python',
    isInstalled: () => python !== undefined,
    file: 'use.py',
    command: [python ?? 'python3', '-B'],
    program: (lines, port, hex) =>
      `from pymemcache.client.base import Client
cache = Client(('127.0.0.1', ${port}))
colour = bytes.fromhex('${hex}').decode()
${lines}`,
  },
  {
    name: 'Python, pylibmc',
    fence: 'python',
    isInstalled: () => pythonWith('pylibmc') !== undefined,
    file: 'use_libmc.py',
    command: [pythonWith('pylibmc') ?? 'python3', '-B'],
    program: (lines, port, hex) =>
      `import pylibmc
cache = pylibmc.Client(['127.0.0.1:${port}'])
colour = bytes.fromhex('${hex}').decode()
${lines}`,
  },
  {
    name: 'PHP, memcached',
    fence: 'php',
    isInstalled: () => isPresent(['php', '-r', "exit(extension_loaded('memcached') ? 0 : 1);"]),
    file: 'use.php',
    command: ['php'],
    program: (lines, port, hex) =>
      `<?php
$cache = new Memcached();
$cache->addServer('127.0.0.1', ${port});
$colour = hex2bin('${hex}');
${lines}`,
  },
  {
    name: 'Ruby, Dalli',
    fence: 'ruby',
    isInstalled: () => isPresent(['ruby', '-e', 'require "dalli"']),
    file: 'use.rb',
    command: ['ruby'],
    program: (lines, port, hex) =>
      `require 'dalli'
colour = ['${hex}'].pack('H*')
${lines.replace('11211', String(port))}`,
  },
  {
    name: 'Go, gomemcache',
    fence: 'go',
    isInstalled: hasGomemcache,
    file: 'use.go',
    command: GO,
    program: (lines, port, hex) =>
      `package main
import ("encoding/hex"; "fmt"; "net/url"; "strings"; "github.com/bradfitz/gomemcache/memcache")
func main() {
  cache := memcache.New("127.0.0.1:${port}")
  bytes, _ := hex.DecodeString("${hex}")
  colour := string(bytes)
${lines}
  fmt.Println(string(item.Value), err)
}`,
  },
  {
    name: 'Java, spymemcached',
    fence: 'java',
    isInstalled: hasSpymemcached,
    file: 'Use.java',
    command: ['java', '-cp', SPYMEMCACHED],
    program: (lines, port, hex) =>
      `import java.net.*; import java.nio.charset.StandardCharsets; import java.util.HexFormat; import net.spy.memcached.MemcachedClient;
public class Use {
  public static void main(String[] arguments) throws Exception {
    String colour = new String(HexFormat.of().parseHex("${hex}"), StandardCharsets.UTF_8);
${lines.replace('11211', String(port))}
    cache.shutdown();
  }
}`,
  },
  {
    name: 'JavaScript, memcached',
    fence: 'js',
    isInstalled: () => true,
    file: 'use.mjs',
    // As text, so that it finds the packages of this one, and this one by its name.
    command: ['node', '--input-type=module', '-e'],
    program: (lines, port, hex) =>
      `import Memcached from 'memcached';
const cache = new Memcached('127.0.0.1:${port}');
const colour = Buffer.from('${hex}', 'hex').toString();
${lines.replace('=> console.log(error ?? reply)', '=> { console.log(error ?? reply); cache.end(); }')}`,
  },
];

/** The README's lines of a language, in the section on calls. */
function linesOf(fence: string): string {
  const section = readFileSync(join(ROOT, 'README.md'), 'utf8')
    .split('\n### Calls from every language\n')[1]
    ?.split('\n## ')[0];
  const lines = new RegExp(`\`\`\`${fence}\\n([\\s\\S]*?)\`\`\``).exec(section ?? '')?.[1];
  if (lines === undefined) throw new Error(`the README has no lines in ${fence}`);
  expect(lines.trim().split('\n').length).toBeLessThanOrEqual(3);
  return lines;
}

describe('the lines of the README send any input as one argument', () => {
  let server: ServerProcess;
  let folder: string;

  beforeAll(async () => {
    server = await startProcess();
    folder = mkdtempSync(join(tmpdir(), 'escaping-'));
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  for (const { command, fence, file, isInstalled, name, program } of LANGUAGES) {
    const missing = isInstalled() ? '' : ' (skipped: not installed)';
    test.skipIf(missing !== '')(`${name}${missing}`, async () => {
      const { port } = server;
      expect((await callMethod('set:new:colours', { port })).value).toBe('CREATED');
      const text = program(linesOf(fence), port, Buffer.from(INPUT).toString('hex'));
      const path = join(folder, file);
      writeFileSync(path, text);
      const [run1, ...args] = command as [string, ...string[]];
      const { code, output, errors } = await run(run1, [...args, args.at(-1) === '-e' ? text : path]);
      expect([code, output], errors).toEqual([0, expect.stringContaining('SUCCESS')]);
      expect((await callMethod(virtualKey('set', 'exists', 'colours', INPUT), { port })).value).toBe('EXISTS');
      expect((await callMethod('set:count:colours', { port })).value).toBe('1');
      expect((await callMethod('set:getall:colours', { port })).value).toContain(Buffer.from(INPUT).toString('latin1'));
    });
  }
});
