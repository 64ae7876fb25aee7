// Wires the transport of a main thread that serves clients itself, by Node's own sockets, with the upkeep between requests.

import { SYNC, syncCells } from '../arena/sync.js';
import { Activity, type ActivityCells, WATCHER_REQUEST } from '../base/activity.js';
import type { Clock } from '../base/clock.js';
import { Lock } from '../base/lock.js';
import { ownTask } from '../base/task-state.js';
import { LockedEngine } from '../transport/locked-engine.js';
import { NetTransport } from '../transport/net/net-transport.js';
import { listenOptionsOf } from '../transport/transport-options.js';
import type { Config } from './config/config.js';
import { DebugCheck } from './debug-check.js';
import type { Log } from './log.js';
import { NetPlane } from './threads/net-plane.js';
import { ObservedConnections } from './threads/observed-connections.js';
import { ThreadAnswers } from './threads/thread-answers.js';
import type { ThreadParts, ThreadProtocols } from './threads/thread-engine.js';
import type { ThreadNotes } from './threads/thread-notes.js';
import type { ThreadObjects } from './threads/thread-objects.js';
import { HELD_SHARE } from './threads/thread-settings.js';
import { wakeWatcher } from './threads/watch-thread-start.js';
import { giveTurns } from './threads/watcher-turns.js';

/** The number of the main thread. */
const THREAD = 0;

interface NetServing {
  readonly config: Config;
  readonly log: Log;
  readonly parts: ThreadParts;
  readonly protocols: ThreadProtocols;
  readonly objects: ThreadObjects | undefined;
  readonly activity: Activity;
  readonly cells: ActivityCells;
  readonly notes: ThreadNotes;
  readonly onShutdown: (graceful: boolean) => void;
  readonly onFatal: (error: unknown) => void;
}

/** The main thread's watcher runs in another thread and is woken through shared cells. */
export function makeActivity(cells: ActivityCells, clock: Clock): Activity {
  const activity = new Activity(cells, THREAD, (request) => {
    clock.refresh();
    if (request === WATCHER_REQUEST.wakeWatcher) wakeWatcher(cells);
  });
  activity.setTask(ownTask());
  return activity;
}

/** One lock and one thread: an error in the middle of a request ends the process here as well. */
export function makeNetPlane(serving: NetServing): NetPlane {
  const { activity, cells, config, log, notes, objects, onFatal, onShutdown } = serving;
  const { arena, clock, metrics, store } = serving.parts;
  const lock = new Lock(syncCells(arena), SYNC.lock);
  const { all, observer, shell, text } = serving.protocols;
  const engine = new LockedEngine(shell, all, lock, undefined, activity);
  giveTurns(text.watchers);
  const options = {
    ...listenOptionsOf(config.listeners, config.listenBacklog),
    ...(config.tls === undefined ? {} : { tls: config.tls }),
    memory: arena,
    spareOutputs: arena.windows(THREAD).spareOutputs,
    maxConnections: config.connectionLimit,
    idleTimeoutSeconds: config.idleTimeoutSeconds,
    valueTimeoutSeconds: config.valueTimeoutSeconds,
    writeTimeoutSeconds: config.writeTimeoutSeconds,
    get heldLimitBytes() {
      return arena.limitBytes / HELD_SHARE;
    },
    onShutdown,
    onFatal,
    onSecond: () => {
      engine.exclusively(() => {
        store.tick();
        check.onSecond();
        objects?.onSecond();
      });
      objects?.flushLog();
      reclaim();
      notes.everySecond();
    },
    notes,
    watch: new ObservedConnections(observer, engine),
  };
  const check = new DebugCheck(store, clock, config.debugCheckSeconds);
  let isReclaiming = false;
  // Between the slices the event loop serves what has arrived.
  const reclaim = () => {
    if (isReclaiming) return;
    isReclaiming = engine.exclusively(() => store.reclaimSlice() || check.slice());
    if (!isReclaiming) return;
    setImmediate(() => {
      isReclaiming = false;
      reclaim();
    });
  };
  return new NetPlane({
    transport: new NetTransport(engine, options, metrics, clock, log),
    cells,
    arena,
    config,
    log,
    answers: new ThreadAnswers({ operations: shell.operations, objects, engine }),
    objects,
  });
}
