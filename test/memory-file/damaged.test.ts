// Memory files that cannot be used: damaged, cut, of something else, of other options. Each is refused with its reason, and leaves the arena as
// new. LONG_TESTS damages 10,000.

import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LAYOUT_VERSION } from '../../src/arena/layout.js';
import { Arena } from '../../src/arena/memory.js';
import {
  decodeHeader,
  encodeHeader,
  FILE_HEADER_BYTES,
  type FileHeader,
  MemoryFileError,
} from '../../src/memory-file/file-header.js';
import { partialOf } from '../../src/memory-file/file-names.js';
import { readMemoryFile } from '../../src/memory-file/file-reader.js';
import { writeArena, writeMemoryFile } from '../../src/memory-file/file-writer.js';
import { StoreHarness } from '../store/harness.js';
import { type Damage, damages, partsOf } from './damage.js';
import { emptyLike, MEBIBYTE, OPTIONS, TestMachine } from './restarted.js';

const VARIANTS = process.env.LONG_TESTS === undefined ? 300 : 10_000;
const TIMEOUT_MS = 600_000;

let folder: string;
let path: string;
const machine = new TestMachine();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cacheismo-damaged-'));
  path = join(folder, 'cache.mem');
});

afterAll(() => rmSync(folder, { recursive: true }));

function filled(letter: string): StoreHarness {
  const harness = new StoreHarness(MEBIBYTE);
  for (let number = 0; number < 1000; number++) harness.set(`${letter}${number}`, (number * 31) % 900);
  return harness;
}

function fileOf({ arena }: StoreHarness, options = OPTIONS): Buffer {
  writeMemoryFile(path, arena, options, machine);
  return readFileSync(path);
}

/** The reason for which the file is refused; undefined if it is taken. */
function refusalOf(bytes: Buffer, arena: Arena, options = OPTIONS): string | undefined {
  writeFileSync(path, bytes);
  try {
    readMemoryFile(path, arena, options, machine);
    return undefined;
  } catch (error) {
    if (!(error instanceof MemoryFileError)) throw error;
    return error.message;
  }
}

function contentOf({ buffer }: Arena): Buffer {
  return Buffer.from(buffer as unknown as ArrayBuffer);
}

test(`each of ${VARIANTS} damaged files is refused in one line, and the arena is as new`, {
  timeout: TIMEOUT_MS,
}, () => {
  const harness = filled('a');
  const file = fileOf(harness);
  const other = fileOf(filled('b'));
  let state = 42;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const fresh = contentOf(emptyLike(harness.arena));
  const arena = emptyLike(harness.arena);
  const faults: string[] = [];
  const reasons = new Set<string>();
  let count = 0;
  const all: Iterator<Damage> = damages(file, other, random);
  while (count < VARIANTS) {
    const { name, bytes } = all.next().value as Damage;
    // What was written over may have been the same before.
    if (bytes.equals(file)) continue;
    count++;
    const refusal = refusalOf(bytes, arena);
    if (refusal === undefined || refusal === '' || refusal.includes('\n')) faults.push(`${name}: ${refusal}`);
    if (!contentOf(arena).equals(fresh)) throw new Error(`${name}: the arena was left changed`);
    reasons.add((refusal ?? '').replace(/\d+/g, 'N'));
  }
  expect(faults).toEqual([]);
  expect(reasons.size).toBeGreaterThanOrEqual(6);
  expect(refusalOf(file, arena)).toBeUndefined();
});

test('the parts of a file that are damaged are all that it has', () => {
  const parts = partsOf(fileOf(filled('a')));
  expect(parts[0]?.from).toBe(0);
  for (let index = 1; index < parts.length; index++) expect(parts[index]?.from).toBe(parts[index - 1]?.to);
  expect(parts.map(({ name }) => name)).toContain('directory');
});

test('a file that was written with other options is refused with both values', () => {
  const harness = filled('a');
  const { arena } = harness;
  const file = fileOf(harness);
  const empty = () => emptyLike(arena);
  expect(refusalOf(file, empty(), { ...OPTIONS, memoryLimitBytes: 2 * MEBIBYTE })).toBe(
    'it was written with -m 1 MiB, and now it is 2 MiB',
  );
  expect(refusalOf(file, empty(), { ...OPTIONS, itemLimitBytes: 2048 })).toBe(
    'it was written with -I 1048576 bytes, and now it is 2048 bytes',
  );
  const larger = Arena.create({ limitBytes: MEBIBYTE, mostBytes: 4 * MEBIBYTE, threads: 1 });
  expect(refusalOf(file, larger)).toBe(
    'it was written with --memory-reserve (or -k, or ulimit -v) 1 MiB, and now it is 4 MiB',
  );
  expect(refusalOf(file, Arena.create({ limitBytes: MEBIBYTE, threads: 2 }))).toBe('its memory is divided otherwise');
});

test('a file of another layout, or of another order of bytes, is refused', () => {
  const harness = filled('a');
  const file = fileOf(harness);
  const header = decodeHeader(file.subarray(0, FILE_HEADER_BYTES));
  const changed = (geometry: Partial<FileHeader['geometry']>) =>
    Buffer.concat([
      encodeHeader({ ...header, geometry: { ...header.geometry, ...geometry } }),
      file.subarray(FILE_HEADER_BYTES),
    ]);
  const empty = emptyLike(harness.arena);
  expect(refusalOf(changed({ layoutVersion: LAYOUT_VERSION + 1 }), empty)).toBe(
    `its layout is number ${LAYOUT_VERSION + 1}, and this version of the server has ${LAYOUT_VERSION}`,
  );
  expect(refusalOf(changed({ endianness: 'BE' }), empty)).toBe(
    'it was written by a machine with another order of bytes',
  );
});

test('a missing file is no file, and a folder is refused', () => {
  const arena = Arena.create({ limitBytes: MEBIBYTE, threads: 1 });
  expect(readMemoryFile(join(folder, 'none'), arena, OPTIONS, machine)).toBeUndefined();
  expect(() => readMemoryFile(folder, arena, OPTIONS, machine)).toThrow(MemoryFileError);
});

test.runIf(process.platform === 'linux')('a full disk is an error', () => {
  const { arena } = filled('a');
  const full = openSync('/dev/full', 'w');
  try {
    expect(() => writeArena(full, arena, OPTIONS, machine)).toThrow(/ENOSPC/);
  } finally {
    closeSync(full);
  }
});

test('a file that cannot be written leaves nothing, and an older file as it was', () => {
  const { arena } = filled('a');
  const place = join(folder, 'place');
  mkdirSync(join(place, 'not empty'), { recursive: true });
  expect(() => writeMemoryFile(place, arena, OPTIONS, machine)).toThrow();
  expect(existsSync(partialOf(place))).toBe(false);
  const old = fileOf(filled('b'));
  mkdirSync(join(partialOf(path), 'not empty'), { recursive: true });
  expect(() => writeMemoryFile(path, arena, OPTIONS, machine)).toThrow();
  expect(readFileSync(path).equals(old)).toBe(true);
  rmSync(partialOf(path), { recursive: true });
});
