// Programs around the lines that the README and the guide to types show for other languages: the client, its port, and the input.

import { basename } from 'node:path';
import { GO, hasGomemcache, hasPhp, hasSpymemcached, isPresent, pythonWith, SPYMEMCACHED } from './programs.js';

/** Values of variables that the shown lines use. */
export type Inputs = Readonly<Record<string, string>>;

export interface Language {
  readonly name: string;
  readonly fence: string;
  readonly isInstalled: () => boolean;
  readonly file: string;
  readonly command: readonly string[];
  /** The whole program of the shown lines; of two blocks the first has declarations. */
  program(blocks: readonly string[], port: number, inputs: Inputs): string;
}

const python = pythonWith('pymemcache');

/** A line for each input, which are sent as hexadecimal digits, so that no language has to quote them. */
function assignments(inputs: Inputs, line: (name: string, hex: string) => string): string {
  return Object.entries(inputs)
    .map(([name, text]) => line(name, Buffer.from(text).toString('hex')))
    .join('\n');
}

export const LANGUAGES: readonly Language[] = [
  {
    name: 'Python, pymemcache',
    fence: 'python',
    isInstalled: () => python !== undefined,
    file: 'use.py',
    command: [python ?? 'python3', '-B'],
    program: (blocks, port, inputs) =>
      `from pymemcache.client.base import Client
cache = Client(('127.0.0.1', ${port}))
${assignments(inputs, (name, hex) => `${name} = bytes.fromhex('${hex}').decode()`)}
${blocks.join('')}`,
  },
  {
    name: 'Python, pylibmc',
    fence: 'python',
    isInstalled: () => pythonWith('pylibmc') !== undefined,
    file: 'use_libmc.py',
    command: [pythonWith('pylibmc') ?? 'python3', '-B'],
    program: (blocks, port, inputs) =>
      `import pylibmc
cache = pylibmc.Client(['127.0.0.1:${port}'])
${assignments(inputs, (name, hex) => `${name} = bytes.fromhex('${hex}').decode()`)}
${blocks.join('')}`,
  },
  {
    name: 'PHP, memcached',
    fence: 'php',
    isInstalled: () => hasPhp('memcached'),
    file: 'use.php',
    command: ['php'],
    program: (blocks, port, inputs) =>
      `<?php
$cache = new Memcached();
$cache->addServer('127.0.0.1', ${port});
${assignments(inputs, (name, hex) => `$${name} = hex2bin('${hex}');`)}
${blocks.join('')}`,
  },
  {
    name: 'Ruby, Dalli',
    fence: 'ruby',
    isInstalled: () => isPresent(['ruby', '-e', 'require "dalli"']),
    file: 'use.rb',
    command: ['ruby'],
    program: (blocks, port, inputs) =>
      `require 'dalli'
cache = Dalli::Client.new('127.0.0.1:${port}')
${assignments(inputs, (name, hex) => `${name} = ['${hex}'].pack('H*')`)}
${blocks.join('').replace('11211', String(port))}`,
  },
  {
    name: 'Go, gomemcache',
    fence: 'go',
    isInstalled: hasGomemcache,
    file: 'use.go',
    command: GO,
    program(blocks, port, inputs) {
      const [declarations, statements] = declared(blocks);
      const shows = statements.includes('item, err :=') ? '  fmt.Println(string(item.Value), err)' : '';
      const packages = ['encoding/hex', 'fmt', 'log', 'net/url', 'strings', 'github.com/bradfitz/gomemcache/memcache'];
      const main = `func main() {
  cache := memcache.New("127.0.0.1:${port}")
  text := func(digits string) string { bytes, _ := hex.DecodeString(digits); return string(bytes) }
${assignments(inputs, (name, hex) => `  ${name} := text("${hex}")`)}
${statements}
${shows}
}`;
      const isUsed = (path: string) => `${declarations}${main}`.includes(`${basename(path)}.`);
      const imports = packages.filter(isUsed).map((path) => `import "${path}"`);
      return ['package main', ...imports, declarations, main].join('\n');
    },
  },
  {
    name: 'Java, spymemcached',
    fence: 'java',
    isInstalled: hasSpymemcached,
    file: 'Use.java',
    command: ['java', '-cp', SPYMEMCACHED],
    program(blocks, port, inputs) {
      const [declarations, statements] = declared(blocks);
      const client = `MemcachedClient cache = new MemcachedClient(new InetSocketAddress("127.0.0.1", ${port}));`;
      return `import java.net.*; import java.nio.charset.StandardCharsets; import java.util.HexFormat; import java.util.stream.*;
import net.spy.memcached.MemcachedClient;
public class Use {
${declarations}
  static String text(String hex) { return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8); }
  public static void main(String[] arguments) throws Exception {
${assignments(inputs, (name, hex) => `    String ${name} = text("${hex}");`)}
    ${statements.includes('MemcachedClient cache') ? '' : client}
${statements.replace('11211', String(port))}
    cache.shutdown();
  }
}`;
    },
  },
  {
    name: 'JavaScript, memcached',
    fence: 'js',
    isInstalled: () => true,
    file: 'use.mjs',
    // As text, so that it finds the packages of this one, and this one by its name.
    command: ['node', '--input-type=module', '-e'],
    program: (blocks, port, inputs) =>
      `import Memcached from 'memcached';
const cache = new Memcached('127.0.0.1:${port}');
${assignments(inputs, (name, hex) => `const ${name} = Buffer.from('${hex}', 'hex').toString();`)}
${blocks.join('').replace('=> console.log(error ?? reply)', '=> { console.log(error ?? reply); cache.end(); }')}`,
  },
];

function declared(blocks: readonly string[]): [declarations: string, statements: string] {
  return blocks.length === 1 ? ['', blocks[0]] : [blocks[0], blocks.slice(1).join('\n')];
}
