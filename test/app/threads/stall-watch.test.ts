// The watch over serving threads: which ones it reports as slow or stuck.

import { expect, test } from 'vitest';
import { type Stall, StallWatch } from '../../../src/app/threads/stall-watch.js';
import { Activity, ActivityView, makeActivityCells } from '../../../src/base/activity.js';
import { ownTask, readTaskState, type TaskState } from '../../../src/base/task-state.js';

const TASK = 7;

function makeWatch(limitMs: number, readTask?: (task: number) => TaskState | undefined) {
  const cells = makeActivityCells();
  const events: string[] = [];
  const note = (what: string) => (stall: Stall) => events.push(`${what} ${stall.thread} ${stall.busyMs}`);
  const watch = new StallWatch({
    view: new ActivityView(cells),
    threads: [1, 2],
    limitMs,
    onSlow: note('slow'),
    onStuck: note('stuck'),
    onRecovered: note('recovered'),
    ...(readTask === undefined ? {} : { readTask }),
  });
  const requests: number[] = [];
  const activity = (thread: number) => new Activity(cells, thread, (request) => requests.push(request));
  return { cells, watch, events, requests, one: activity(1), two: activity(2) };
}

function rounds(watch: StallWatch, count: number, elapsedMs = 250): void {
  for (let round = 0; round < count; round++) watch.round(elapsedMs);
}

test('a thread that stays in one batch is slow after a second and stuck after the limit', () => {
  const { watch, events, two } = makeWatch(5000);
  two.beginBatch();
  rounds(watch, 5);
  expect(events).toEqual(['slow 2 1000']);
  rounds(watch, 16);
  expect(events).toEqual(['slow 2 1000', 'stuck 2 5000']);
});

test('a thread that serves one batch after another is neither slow nor stuck', () => {
  const { watch, events, one } = makeWatch(5000);
  for (let batch = 0; batch < 100; batch++) {
    one.beginBatch();
    watch.round(250);
    one.endBatch();
  }
  expect(events).toEqual([]);
});

test('without a limit a thread is never stuck', () => {
  const { watch, events, one } = makeWatch(0);
  one.beginBatch();
  rounds(watch, 1000);
  expect(events).toEqual(['slow 1 1000']);
});

test('the time during which the whole process is stopped does not count', () => {
  const { watch, events, one } = makeWatch(5000);
  one.beginBatch();
  rounds(watch, 2);
  watch.round(60_000);
  expect(events).toEqual([]);
});

test('upkeep that hangs is noticed too, and upkeep that ends lets the watcher sleep', () => {
  const { watch, events, one } = makeWatch(5000);
  for (let round = 0; round < 10; round++) {
    one.beginUpkeep();
    one.endUpkeep();
    watch.round(250);
  }
  expect(watch.isIdle).toBe(true);
  one.beginUpkeep();
  rounds(watch, 22);
  expect(events).toEqual(['slow 1 1000', 'stuck 1 5000']);
});

test('only the first batch after an idle time wakes the watcher', () => {
  const { watch, requests, one, two } = makeWatch(5000);
  rounds(watch, 5);
  one.beginBatch();
  one.endBatch();
  two.beginBatch();
  two.endBatch();
  expect(requests).toEqual([2]);
});

test('the recovery of a thread is reported once', () => {
  const { watch, events, one } = makeWatch(5000);
  one.beginBatch();
  rounds(watch, 6);
  one.endBatch();
  rounds(watch, 3);
  expect(events).toEqual(['slow 1 1000', 'recovered 1 1250']);
});

test('a thread that waits for a processor is judged by its CPU time', () => {
  let processorMs = 0;
  const { watch, events, one } = makeWatch(5000, (task) =>
    task === TASK ? { processorMs, isAsleep: false } : undefined,
  );
  one.setTask(TASK);
  one.beginBatch();
  rounds(watch, 100);
  expect(events).toEqual([]);
  for (let round = 0; round < 500; round++) {
    processorMs += 10;
    watch.round(250);
  }
  expect(events).toEqual(['slow 1 1000', 'stuck 1 5000']);
});

test('a thread that sleeps inside a batch is stuck after the limit', () => {
  const { watch, events, one } = makeWatch(5000, () => ({ processorMs: 0, isAsleep: true }));
  one.setTask(TASK);
  one.beginBatch();
  rounds(watch, 21);
  expect(events).toEqual(['slow 1 1000', 'stuck 1 5000']);
});

test('a thread that activates one change of types after another is not stuck', () => {
  const { watch, events, one } = makeWatch(1000);
  for (let version = 1; version < 50; version++) {
    one.beginChange(version);
    watch.round(250);
    one.endChange();
  }
  expect(events).toEqual([]);
});

test.runIf(process.platform === 'linux')('the CPU time of a thread can be read from the kernel', () => {
  const before = readTaskState(ownTask());
  const endMs = performance.now() + 200;
  while (performance.now() < endMs);
  const after = readTaskState(ownTask());
  expect(after?.isAsleep).toBe(false);
  expect(after?.processorMs).toBeGreaterThan(before?.processorMs as number);
});
