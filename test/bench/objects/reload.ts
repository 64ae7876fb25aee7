// From the saving of a script to the first reply of its new code. Not for reloads under load, which the tests make.

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from '../host/bars.js';
import { ask } from '../host/conversation.js';
import { median } from '../host/ratios.js';
import { ownServer, pause, startServer } from '../host/servers.js';
import { formatTable } from '../host/table.js';
import type { PartResult } from './calls.js';

const SAVES = 15;
const BETWEEN_SAVES_MILLISECONDS = 150;
const BETWEEN_ASKS_MILLISECONDS = 1;
const LONGEST_MILLISECONDS = 5000;
const MOST_MILLISECONDS = 200;

const scriptOf = (version: number): string => `-- Tells its own version.
return {
  name = "probe",
  methods = { version = { access = "create", run = function() return "version ${version}" end } },
}
`;

type Save = (file: string, text: string) => void;

/** As editors do: over the old file, and by a new one that takes its name. */
const SAVES_BY: readonly (readonly [name: string, save: Save])[] = [
  ['written over', (file, text) => writeFileSync(file, text)],
  [
    'renamed into place',
    (file, text) => {
      writeFileSync(`${file}~`, text);
      renameSync(`${file}~`, file);
    },
  ],
];

export async function measureReload(serverFlags: readonly string[]): Promise<PartResult> {
  const folder = mkdtempSync(join(tmpdir(), 'cacheismo-reload-'));
  const file = join(folder, 'probe.lua');
  writeFileSync(file, scriptOf(0));
  const kind = ownServer(['--scripts', folder, ...serverFlags]);
  if (kind === undefined) throw new Error('cacheismo is not built: run npm run build');
  const server = await startServer(kind, { threads: 1, memoryMegabytes: 64, processors: undefined });
  const records: { readonly name: string; readonly milliseconds: number[] }[] = [];
  let version = 0;
  try {
    for (const [name, save] of SAVES_BY) {
      const milliseconds: number[] = [];
      for (let count = 0; count < SAVES; count++) {
        save(file, scriptOf(++version));
        milliseconds.push(await untilLive(server.port, `version ${version}\r\n`));
        await pause(BETWEEN_SAVES_MILLISECONDS);
      }
      records.push({ name, milliseconds });
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
  const rows = records.map(({ name, milliseconds }) => [
    name,
    median(milliseconds).toFixed(0),
    Math.max(...milliseconds).toFixed(0),
  ]);
  console.log(`From saving a script to its first reply, ${SAVES} saves each`);
  console.log(`${formatTable(['saved by', 'median ms', 'longest ms'], rows)}\n`);
  return { records, verdicts: records.map(verdict) };
}

async function untilLive(port: number, wanted: string): Promise<number> {
  const savedAt = performance.now();
  for (;;) {
    const reply = await ask(port, 'memcached', 'get probe:version:k\r\n');
    const milliseconds = performance.now() - savedAt;
    if (reply.includes(wanted)) return milliseconds;
    if (milliseconds > LONGEST_MILLISECONDS) throw new Error(`a saved script is not live after ${milliseconds} ms`);
    await pause(BETWEEN_ASKS_MILLISECONDS);
  }
}

function verdict({ name, milliseconds }: { readonly name: string; readonly milliseconds: number[] }): Verdict {
  return {
    what: `from saving a script (${name}) to its first reply, median ms`,
    measured: median(milliseconds),
    required: MOST_MILLISECONDS,
    relation: 'at most',
  };
}
