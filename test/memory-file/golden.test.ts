// A memory file that an earlier build has written is read by this one. So whoever changes the layout of the arena, of items or of tables
// has to raise LAYOUT_VERSION, and then writes a new file: GOLDEN=write npx vitest run --config test/vitest.config.ts test/memory-file/golden.test.ts

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { LAYOUT_VERSION } from '../../src/arena/layout.js';
import { Arena } from '../../src/arena/memory.js';
import { FORMAT_VERSION } from '../../src/memory-file/file-header.js';
import { readMemoryFile } from '../../src/memory-file/file-reader.js';
import { writeMemoryFile } from '../../src/memory-file/file-writer.js';
import { checkStore } from '../store/checker.js';
import { contentOf, TableHarness } from '../tables/harness.js';
import { MEBIBYTE, OPTIONS, TestMachine } from './restarted.js';

const NAME = `format-${FORMAT_VERSION}-layout-${LAYOUT_VERSION}.mem.gz`;
const GOLDEN = fileURLToPath(new URL(NAME, import.meta.url));

/** Something of everything that has a layout. */
function fill(harness: TableHarness): void {
  harness.set('plain', 20, 97);
  harness.set('flags', 30, 98, 77);
  harness.set('expires', 40, 99, 0, harness.clock.now + 1000);
  harness.set('pieces', 5000, 100, 5, harness.clock.now + 2000);
  harness.store.ensureCas(harness.find('flags'));
  harness.write(
    'small$a',
    (table) => {
      for (const [key, value] of Object.entries({ a: 1, b: 'two', c: true })) table.set(key, value);
    },
    true,
  );
  harness.write('nested$a', (table) => table.set('list', [1, { x: -1.5 }]), true);
  harness.write(
    'large$a',
    (table) => {
      for (let number = 0; number < 300; number++)
        table.set(`field${number}`, number % 3 === 0 ? 'x'.repeat(number * 5) : number);
      const index = table.ordered('index', 'arrival');
      for (let number = 0; number < 200; number++) index.set(`member${number}`, number % 7);
      table.bytes('bytes', 3000).setU8(2999, 201);
    },
    true,
  );
  harness.begin();
  harness.create('held$a', true).set('n', 1);
  harness.tables.commit();
}

function expectContent(harness: TableHarness): void {
  checkStore(harness.store);
  expect(harness.keys()).toEqual(['large$a', 'nested$a', 'small$a', 'flags', 'pieces', 'expires', 'plain', 'held$a']);
  expect(harness.value(harness.find('plain'))).toBe('a'.repeat(20));
  expect(harness.value(harness.find('pieces'))).toBe('d'.repeat(5000));
  const flags = harness.find('flags');
  expect(harness.store.clientFlags(flags)).toBe(77);
  expect([harness.store.casHigh(flags), harness.store.casLow(flags)]).toEqual([0, 1]);
  expect(harness.store.expiresAt(harness.find('expires'))).toBe(1002);
  expect(harness.read('small$a', contentOf)).toEqual([
    ['a', 1],
    ['b', 'two'],
    ['c', true],
  ]);
  const nested = [
    [1, 1],
    [2, [['x', -1.5]]],
  ];
  expect(harness.read('nested$a', contentOf)).toEqual([['list', nested]]);
  expect(harness.read('held$a', contentOf)).toEqual([['n', 1]]);
  expect(harness.store.retained.count).toBe(1);
  harness.read('large$a', (table) => {
    expect(table.count).toBe(302);
    for (let number = 0; number < 300; number++) {
      expect(table.get(`field${number}`)).toBe(number % 3 === 0 ? 'x'.repeat(number * 5) : number);
    }
    const index = table.ordered('index', 'arrival');
    expect(index.count).toBe(200);
    expect(index.at(1)).toEqual(['member0', 0]);
    expect(index.rank('member199')).toBe(116);
    expect(table.bytes('bytes', 3000).getU8(2999)).toBe(201);
  });
}

const folder = mkdtempSync(join(tmpdir(), 'cacheismo-golden-'));
const path = join(folder, 'cache.mem');

function makeHarness(arena?: Arena): TableHarness {
  const others = { time: new TestMachine(), ...(arena === undefined ? {} : { arena }) };
  return new TableHarness(MEBIBYTE, undefined, undefined, undefined, others);
}

test(`${NAME} has the content with which it was written`, () => {
  try {
    if (process.env.GOLDEN === 'write') {
      const harness = makeHarness();
      fill(harness);
      writeMemoryFile(path, harness.arena, OPTIONS, new TestMachine());
      writeFileSync(GOLDEN, gzipSync(readFileSync(path), { level: 9 }));
    }
    writeFileSync(path, gunzipSync(readFileSync(GOLDEN)));
    const arena = Arena.create({ limitBytes: MEBIBYTE, threads: 1 });
    readMemoryFile(path, arena, OPTIONS, new TestMachine());
    expectContent(makeHarness(arena));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
