// A long run of mixed load: plain items of all sizes, objects in both languages, their types saved repeatedly, clients that read slowly or
// disconnect in the middle, flushes. No reply is wrong, memory does not grow, and the arena's invariants hold at the end. SOAK_MINUTES sets
// the time; `npm run test:soak` sets it to 30. Without it the test runs for some seconds, to check the test itself.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { typeFolders } from '../../src/app/config/type-folders.js';
import { ObjectPlane } from '../../src/app/object-plane.js';
import { NOTHING_GIVEN } from '../../src/objects/types/type-settings.js';
import { AskingClient } from '../app/asking-client.js';
import { HAS_FIGURES, residentBytes } from '../app/process-figures.js';
import { type RunningPlane, startPlane } from '../app/threads/data-plane-harness.js';
import { TypeFolders } from '../app/type-folders.js';
import { checkStore } from '../store/checker.js';
import { libcIfAny } from '../transport/epoll-harness.js';
import { BAG_FILES, BAG_TYPES, bagSource, brokenSource } from './bag-types.js';
import { leaveInTheMiddle, readSlowly, type SoakClock, useBag, usePlainItems } from './clients.js';

const isSoak = process.env.SOAK_MINUTES !== undefined;
const SECONDS = isSoak ? Number(process.env.SOAK_MINUTES) * 60 : 3;
const THREADS = 2;
const PLAIN_CLIENTS = 8;
const BAGS_PER_TYPE = 4;
const SLOW_READERS = 6;
const LEAVING_CLIENTS = 2;
const RELOAD_MS = 500;
const BROKEN_EVERY = 5;
const FLUSH_MS = isSoak ? 15_000 : 1000;
const SAMPLE_MS = 1000;

/** In a shorter run the memory of the start would dominate the figures. */
const SECONDS_FOR_FIGURES = 120;
/** Server and clients share the process, and garbage is collected at any time: measured noise is below a third of this. */
const GROWTH_BYTES = 48 * 1024 * 1024;

const libc = await libcIfAny();

interface Work {
  readonly counts: Readonly<Record<string, number>>;
  readonly resident: readonly number[];
}

/** Runs everything at the same time until the time is over. */
async function soak(port: number, folders: TypeFolders): Promise<Work> {
  const end = Date.now() + SECONDS * 1000;
  const clock: SoakClock = {
    get isOver() {
      return Date.now() >= end;
    },
  };
  const seeds = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
  const many = async (clients: readonly Promise<number>[]): Promise<number> =>
    (await Promise.all(clients)).reduce((sum, count) => sum + count, 0);
  const resident: number[] = [];
  const [plain, bags, slow, left, reloads, flushes] = await Promise.all([
    many(seeds(PLAIN_CLIENTS).map((seed) => usePlainItems(port, seed, clock))),
    many(BAG_TYPES.flatMap((type) => seeds(BAGS_PER_TYPE).map((seed) => useBag(port, type, seed, clock)))),
    many(seeds(SLOW_READERS).map((seed) => readSlowly(port, seed, clock))),
    many(seeds(LEAVING_CLIENTS).map((seed) => leaveInTheMiddle(port, seed, clock))),
    saveTypes(folders, clock),
    flush(port, clock),
    sample(resident, clock),
  ]);
  return { counts: { plain, bags, slow, left, reloads, flushes }, resident };
}

/** Saves the types in turn, every fifth time with a mistake. */
async function saveTypes(folders: TypeFolders, clock: SoakClock): Promise<number> {
  let version = 1;
  for (; !clock.isOver; version++) {
    const type = BAG_TYPES[version % BAG_TYPES.length];
    const source = version % BROKEN_EVERY === 0 ? brokenSource(type) : bagSource(type, version);
    writeFileSync(join(folders.root, BAG_FILES[type]), source);
    await wait(RELOAD_MS);
  }
  return version;
}

async function flush(port: number, clock: SoakClock): Promise<number> {
  const client = await AskingClient.connect(port);
  let count = 0;
  for (let due = Date.now() + FLUSH_MS; !clock.isOver; await wait(100)) {
    if (Date.now() < due) continue;
    expect(await client.line('flush_all\r\n')).toBe('OK');
    due += FLUSH_MS;
    count++;
  }
  client.close();
  return count;
}

async function sample(resident: number[], clock: SoakClock): Promise<void> {
  for (; !clock.isOver; await wait(SAMPLE_MS)) if (HAS_FIGURES) resident.push(residentBytes(process.pid));
}

/** All clients have disconnected, so no memory may be held for any of them. */
async function expectNoLeaks(server: RunningPlane): Promise<void> {
  const client = await AskingClient.connect(server.port);
  await expect.poll(() => client.stat('curr_connections'), { timeout: 10_000 }).toBe(1);
  if (isSoak) expect(await client.stat('evictions')).toBeGreaterThan(0);
  server.exclusively(() => checkStore(server.parts.store));
  client.close();
}

/** Between collections memory rises and falls; a leak raises its minimum. */
function expectFlat(resident: readonly number[]): void {
  const fifth = Math.floor(resident.length / 5);
  const early = Math.min(...resident.slice(fifth, 2 * fifth));
  const late = Math.min(...resident.slice(-fifth));
  console.log(`resident MB, least of the second and the last fifth: ${megabytes(early)}, ${megabytes(late)}`);
  expect(late - early).toBeLessThan(GROWTH_BYTES);
}

const megabytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(0);

if (libc !== undefined) {
  test('mixed load leaves no wrong byte, no growing memory and no broken invariant', {
    timeout: 120_000 + SECONDS * 1000,
  }, async () => {
    using folders = new TypeFolders();
    for (const type of BAG_TYPES) writeFileSync(join(folders.root, BAG_FILES[type]), bagSource(type, 0));
    await using server = await startPlane(libc, THREADS, ['-m', '64', ...folders.flags]);
    const log = pino({ level: 'silent' });
    const types = typeFolders({ scripts: [folders.scripts], plugins: [folders.plugins] }, folders.root);
    const objects = new ObjectPlane({ typeFolders: types, typeSettings: NOTHING_GIVEN }, server.plane, log);
    try {
      expect((await objects.start())[0]).toMatch(
        /^object types: .*lua_bag, map, .*quota, .*set, .*swcounter, .*ts_bag/,
      );
      const { counts, resident } = await soak(server.port, folders);
      if (isSoak) console.log(`done: ${JSON.stringify(counts)}`);
      for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(0);
      for (const type of BAG_TYPES) expect(objects.catalogue?.find(type)?.version).toBeGreaterThan(1);
      expect(server.fatal).toEqual([]);
      await expectNoLeaks(server);
      if (HAS_FIGURES && SECONDS >= SECONDS_FOR_FIGURES) expectFlat(resident);
    } finally {
      await objects.close();
    }
  });
}
