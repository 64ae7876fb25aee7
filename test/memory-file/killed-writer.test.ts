// A process that writes memory files one after another and is killed at a random time: the file is always the last complete one.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Arena } from '../../src/arena/memory.js';
import { readMemoryFile } from '../../src/memory-file/file-reader.js';
import { machineTime } from '../../src/memory-file/passed-time.js';
import { checkStore } from '../store/checker.js';
import { StoreHarness } from '../store/harness.js';
import { MEBIBYTE } from './restarted.js';

const MOST_KILLS = process.env.LONG_TESTS === undefined ? 10 : 50;
/** By default as many, and more if none of them has hit the writing of a file. */
const LEAST_KILLS = process.env.LONG_TESTS === undefined ? 4 : MOST_KILLS;
const LIMIT_BYTES = 8 * MEBIBYTE;
const ITEMS = 5000;
const OPTIONS = { memoryLimitBytes: LIMIT_BYTES, itemLimitBytes: MEBIBYTE };
const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/** Each generation has all items, with a letter of its own as their content. */
const WRITER = `
const [dist, path] = process.argv.slice(1);
const load = (name) => import(dist + '/' + name + '.js');
const { Arena } = await load('arena/memory');
const { Clock } = await load('base/clock');
const { Metrics } = await load('base/metrics');
const { Store } = await load('store/store');
const { writeMemoryFile } = await load('memory-file/file-writer');
const { machineTime } = await load('memory-file/passed-time');
const arena = Arena.create({ limitBytes: ${LIMIT_BYTES}, threads: 1 });
const clock = new Clock(arena.clockCells);
const options = { itemLimitBytes: ${MEBIBYTE}, evictionsAllowed: true };
const store = new Store(arena, clock, new Metrics(arena.metricCells, 0), 0, options);
const { at } = arena.windows(0).output;
for (let generation = 0; ; generation++) {
  arena.bytes.fill(97 + (generation % 26), at + 100, at + 1100);
  for (let number = 0; number < ${ITEMS}; number++) {
    const key = 'key' + number;
    for (let index = 0; index < key.length; index++) arena.bytes[at + index] = key.charCodeAt(index);
    store.put(at, key.length, at + 100, 1000, 0, 0);
  }
  for (let file = 0; file < 5; file++) writeMemoryFile(path, arena, ${JSON.stringify(OPTIONS)}, machineTime());
  if (generation === 0) process.stdout.write('written');
}
`;

test(`a writer that is killed ${LEAST_KILLS} times leaves a complete file each time`, {
  timeout: 600_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cacheismo-killed-'));
  const path = join(folder, 'cache.mem');
  let cutShort = 0;
  try {
    for (let kill = 0; kill < LEAST_KILLS || (cutShort === 0 && kill < MOST_KILLS); kill++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, DIST, path]);
      let errors = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        errors += text;
      });
      const exited = once(child, 'exit');
      await Promise.race([once(child.stdout, 'data'), exited]);
      expect(errors).toBe('');
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 600));
      child.kill('SIGKILL');
      await exited;
      if (existsSync(`${path}.partial`)) cutShort++;
      const arena = Arena.create({ limitBytes: LIMIT_BYTES, threads: 1 });
      expect(readMemoryFile(path, arena, OPTIONS, machineTime())).toBeDefined();
      const harness = new StoreHarness(LIMIT_BYTES, { arena });
      checkStore(harness.store);
      expect(harness.store.itemCount).toBe(ITEMS);
      const contents = new Set(harness.keys().map((key) => harness.value(harness.find(key))));
      expect(contents.size).toBe(1);
    }
    // Otherwise no kill has hit the writing.
    expect(cutShort).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
