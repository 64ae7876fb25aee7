// The time from saving a type to the first reply of its new code: the first save after a start, which also starts a plugin's loader, and
// later ones. Reloads under load: test/app/objects/reload-under-load.test.ts.

import type { Verdict } from '../host/bars.js';
import { ask } from '../host/conversation.js';
import { median } from '../host/ratios.js';
import { ownServer, pause, type RunningServer, startServer } from '../host/servers.js';
import { formatTable } from '../host/table.js';
import type { PartResult } from './calls.js';
import { LANGUAGES, SAVES_BY, type SavedLanguage, SavedType, VERSION_REQUEST } from './saved-types.js';

const STARTS = 5;
const AFTER_START_MILLISECONDS = 500;
const SAVES = 15;
const BETWEEN_SAVES_MILLISECONDS = 150;
const BETWEEN_ASKS_MILLISECONDS = 1;
const LONGEST_MILLISECONDS = 5000;
const MOST_MILLISECONDS = 200;

interface Saves {
  readonly what: string;
  readonly milliseconds: number[];
}

export async function measureReload(serverFlags: readonly string[]): Promise<PartResult> {
  const records: Saves[] = [];
  for (const language of LANGUAGES) records.push(...(await measureLanguage(language, serverFlags)));
  const rows = records.map(({ what, milliseconds }) => [
    what,
    `${milliseconds.length}`,
    median(milliseconds).toFixed(0),
    Math.max(...milliseconds).toFixed(0),
  ]);
  console.log('From saving a type to its first reply');
  console.log(`${formatTable(['saved', 'saves', 'median ms', 'longest ms'], rows)}\n`);
  return { records, verdicts: records.map(verdict) };
}

async function measureLanguage(language: SavedLanguage, serverFlags: readonly string[]): Promise<Saves[]> {
  using type = new SavedType(language);
  const start = (): Promise<RunningServer> => startWith([...type.flags, ...serverFlags]);
  const first: Saves = { what: `${language.name}, first after a start`, milliseconds: [] };
  const records = [first];
  let server = await start();
  try {
    for (let starts = 1; ; starts++) {
      await pause(AFTER_START_MILLISECONDS);
      first.milliseconds.push(await saveUntilLive(server, type, 'written over'));
      if (starts === STARTS) break;
      await server.stop();
      server = await start();
    }
    for (const by of Object.keys(SAVES_BY)) {
      const milliseconds: number[] = [];
      for (let count = 0; count < SAVES; count++) {
        await pause(BETWEEN_SAVES_MILLISECONDS);
        milliseconds.push(await saveUntilLive(server, type, by));
      }
      records.push({ what: `${language.name}, ${by}`, milliseconds });
    }
  } finally {
    await server.stop();
  }
  return records;
}

function startWith(flags: readonly string[]): Promise<RunningServer> {
  const kind = ownServer(flags);
  if (kind === undefined) throw new Error('cacheismo is not built: run npm run build');
  return startServer(kind, { threads: 1, memoryMegabytes: 64, processors: undefined });
}

async function saveUntilLive(server: RunningServer, type: SavedType, by: string): Promise<number> {
  const savedAt = performance.now();
  const wanted = `${type.save(by)}\r\n`;
  for (;;) {
    const reply = await ask(server.port, 'memcached', VERSION_REQUEST);
    const milliseconds = performance.now() - savedAt;
    if (reply.includes(wanted)) return milliseconds;
    if (milliseconds > LONGEST_MILLISECONDS) throw new Error(`a saved type is not live after ${milliseconds} ms`);
    await pause(BETWEEN_ASKS_MILLISECONDS);
  }
}

function verdict({ what, milliseconds }: Saves): Verdict {
  return {
    what: `from saving a ${what}, to its first reply, median ms`,
    measured: median(milliseconds),
    required: MOST_MILLISECONDS,
    relation: 'at most',
  };
}
