// The watchdog over a main thread that serves: logs a call that takes longer than a second, and ends the process when the call does not
// return within the limit. While the main thread is busy, SIGTERM and SIGINT get their default action, since no other thread
// handles them. With data threads the main thread itself watches: watchdog.ts.

import { constants } from 'node:os';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Arena, BYTE_VIEW_BYTES } from '../../arena/memory.js';
import { Regions } from '../../arena/regions.js';
import { ActivityView, REQUEST_CELL, WATCHER_REQUEST } from '../../base/activity.js';
import { DefaultSignals, DeliveredSignals, loadSignals } from '../default-signals.js';
import { LogWriter } from '../log-writer.js';
import { EXIT } from '../start-error.js';
import { type Stall, StallWatch } from './stall-watch.js';
import { describeWork } from './thread-work.js';
import type { FilesOfTypes, WatchThreadStart } from './watch-thread-start.js';
import { describeStall } from './watchdog.js';

const MAIN_THREAD = 0;
const STANDARD_ERROR = 2;
/** A log whose reader is stuck must not delay the end. */
const LAST_WORD_MS = 300;
/** With the rounds of the watcher, the line and the end this stays below the promised 5 seconds. */
const UNHEARD_MS = 2000;
/** A process that was stopped for longer counts as one late round. */
const LONGEST_ROUND_MS = 500;

const { cells, arena, heard, limitSeconds, otherBytes, isPretty } = workerData as WatchThreadStart;
const bytes = new Uint8Array(arena, 0, Math.min(arena.byteLength, BYTE_VIEW_BYTES));
const view = new ActivityView(cells);
const regions = new Regions(new Arena(arena));
const signals = await loadSignals();
const defaults = signals === undefined ? undefined : new DefaultSignals(signals);
/** Signals may come before the main thread has been busy for long enough that they get their default action. */
const delivered = signals === undefined ? undefined : new DeliveredSignals(signals);
let filesOfTypes: FilesOfTypes = new Map();
let heardBefore = 0;
let unheard: number | undefined;
let unheardMs = 0;
let isEnding = false;
/** The last word may come in the round in which a call is named as slow: it is written after that line. */
const log = new LogWriter({
  descriptor: STANDARD_ERROR,
  onDropped: () => {},
  onRecovered: (lines, reason) => say('warn', `lines of the watchdog were lost: ${lines} (${reason})`),
});

const watch = new StallWatch({
  view,
  threads: [MAIN_THREAD],
  limitMs: limitSeconds * 1000,
  onSlow: (stall) => {
    say('warn', describe(stall));
    defaults?.set();
  },
  onRecovered: () => defaults?.restore(),
  onStuck: (stall) => fail(`${describe(stall)}; the limit is --watchdog-seconds ${limitSeconds}`),
});

let lastMs = performance.now();
watchOn();

function watchOn(): void {
  if (watch.isIdle) {
    if (Atomics.wait(cells, REQUEST_CELL, WATCHER_REQUEST.wakeWatcher, watch.pauseMs) !== 'timed-out') watch.wake();
  } else Atomics.wait(heard, 0, heardBefore, watch.pauseMs);
  readMessages();
  const nowMs = performance.now();
  watchSignals(nowMs - lastMs);
  watch.round(nowMs - lastMs);
  if (!watch.isIdle) checkMemory();
  lastMs = nowMs;
  // Through the event loop, so that finished writes are noticed.
  if (!isEnding) setImmediate(watchOn);
}

/** Synchronously: the loop of this thread mostly sleeps. */
function readMessages(): void {
  for (;;) {
    const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
    if (received === undefined) return;
    filesOfTypes = received.message as FilesOfTypes;
  }
}

function workOfMainThread(): string {
  return describeWork(view, MAIN_THREAD, bytes, (type) => filesOfTypes.get(type));
}

/** A signal that the main thread does not handle in time gets its default action. */
function watchSignals(elapsedMs: number): void {
  if (delivered === undefined || isEnding) return;
  const heardNow = Atomics.load(heard, 0);
  if (heardNow !== heardBefore) {
    heardBefore = heardNow;
    unheard = undefined;
    unheardMs = 0;
    delivered.rearm();
    return;
  }
  if (unheard === undefined && !defaults?.isSet) unheard = delivered.find();
  if (unheard === undefined) return;
  unheardMs += Math.min(elapsedMs, LONGEST_ROUND_MS);
  if (unheardMs < UNHEARD_MS) return;
  const name = unheard === constants.signals.SIGTERM ? 'SIGTERM' : 'SIGINT';
  isEnding = true;
  say('warn', `the server ends: ${name} came, and the server is busy${workOfMainThread()}`);
  log.flush(LAST_WORD_MS).then(raise);
}

function raise(): void {
  process.kill(process.pid, unheard);
}

function describe(stall: Stall): string {
  return describeStall(stall, 'the server', workOfMainThread());
}

function checkMemory(): void {
  const residentBytes = process.memoryUsage.rss();
  const residentLimitBytes = regions.mostBytes + otherBytes;
  if (residentBytes <= residentLimitBytes || isEnding) return;
  const [used, limit] = [residentBytes, residentLimitBytes].map((bytes) => Math.round(bytes / 1024 ** 2));
  const work = workOfMainThread();
  fail(`out of memory${work}: the process takes ${used} MB, more than ${limit} MB for the cache and the heap`);
}

function fail(reason: string): void {
  isEnding = true;
  say('error', `the server ends: ${reason}`);
  log.flush(LAST_WORD_MS).then(end);
}

function say(level: 'warn' | 'error', message: string): void {
  const time = new Date().toISOString();
  log.write(
    isPretty
      ? `[${time.slice(11, 23)}] ${level.toUpperCase()}: ${message}\n`
      : `${JSON.stringify({ level, time, msg: message })}\n`,
  );
}

function end(): void {
  signals?.exit(EXIT.software);
  process.kill(process.pid, 'SIGKILL');
}
