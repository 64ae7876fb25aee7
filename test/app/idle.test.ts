// The cost of a server that gets no requests. Linux only.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LineClient } from './line-client.js';
import { HAS_FIGURES, threadTimesMs } from './process-figures.js';
import { startOnAllProcessors } from './server-process.js';

const MEASURED_MS = 5000;
/** Time for the work that loading leaves behind. */
const SETTLE_MS = 4000;

function wakeUps(pid: number): number {
  const counts = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1');
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

function processorMs(pid: number): number {
  return [...threadTimesMs(pid).values()].reduce((sum, ms) => sum + ms, 0);
}

const MOST_WINDOWS = 4;

/** CPU time is counted in steps of ten milliseconds. */
function isIdle({ wakeUpsPerSecond, processorMs }: { wakeUpsPerSecond: number; processorMs: number }): boolean {
  return wakeUpsPerSecond <= 4 && processorMs <= Math.max(10, MEASURED_MS * 0.002);
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test.runIf(HAS_FIGURES)(
  'an idle server with clients wakes at most four times a second, and takes 0.2 % of a processor',
  async () => {
    await using server = await startOnAllProcessors(['-m', '16']);
    using client = await LineClient.connect(server.port);
    await client.set('a', 'b');
    await wait(SETTLE_MS);
    const pid = server.child.pid as number;
    const windows: { wakeUpsPerSecond: number; processorMs: number }[] = [];
    // V8 collects the garbage of the start once, at any time: the quietest of several windows is the idle server.
    do {
      const before = { wakeUps: wakeUps(pid), processorMs: processorMs(pid) };
      await wait(MEASURED_MS);
      windows.push({
        wakeUpsPerSecond: (wakeUps(pid) - before.wakeUps) / (MEASURED_MS / 1000),
        processorMs: processorMs(pid) - before.processorMs,
      });
    } while (!windows.some(isIdle) && windows.length < MOST_WINDOWS);
    expect(windows).toEqual(expect.arrayContaining([expect.toSatisfy(isIdle)]));
    expect(await client.get('a')).toBe('b');
  },
);
