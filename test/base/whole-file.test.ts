// Which files are read as a whole: regular ones of limited size.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_FILE_BYTES, readWholeFile } from '../../src/base/whole-file.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'whole-file-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a file that is read as a whole', () => {
  test('may be reached by a link, and may be empty', () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'text');
    symlinkSync(file, join(folder, 'link'));
    expect(readWholeFile(join(folder, 'link')).toString()).toBe('text');
    writeFileSync(file, '');
    expect(readWholeFile(file)).toHaveLength(0);
  });

  test('must be a regular one: a device or a pipe is refused without reading it', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of ['/dev/zero', '/dev/null', pipe]) {
      expect(() => readWholeFile(path)).toThrow('is not a regular file');
    }
    expect(() => readWholeFile(folder)).toThrow('is a directory');
  });

  test('must not be too large', () => {
    const file = join(folder, 'large');
    writeFileSync(file, '');
    truncateSync(file, MAX_FILE_BYTES + 1);
    expect(() => readWholeFile(file)).toThrow(`is larger than ${MAX_FILE_BYTES} bytes`);
    truncateSync(file, MAX_FILE_BYTES);
    expect(readWholeFile(file)).toHaveLength(MAX_FILE_BYTES);
  });
});
