// Carries the clock over a restart: the time in which no server runs counts for expiry times, `call.monotonicMs` and the like, and neither
// the server's date nor its sequence goes back.

import { readFileSync } from 'node:fs';
import { CLOCK_CELLS, FIRST_SECOND, systemTime, type TimeSource } from '../base/clock.js';
import type { SavedClock } from './file-header.js';

export interface MachineTime extends TimeSource {
  /** Names the boot since which `steadyMs` counts; empty where that is not known. */
  readonly boot: string;
}

const BOOT_FILE = '/proc/sys/kernel/random/boot_id';

export function machineTime(): MachineTime {
  return { ...systemTime, boot: readBoot() };
}

function readBoot(): string {
  try {
    return readFileSync(BOOT_FILE, 'latin1').trim();
  } catch {
    return '';
  }
}

export function saveClock(cells: Float64Array, time: MachineTime): SavedClock {
  const machineSteadyMs = time.steadyMs();
  const offsetMs = cells[CLOCK_CELLS.offsetSeconds] * 1000;
  const uptimeMs = machineSteadyMs - cells[CLOCK_CELLS.startSteadyMs] + offsetMs;
  const unixMs = cells[CLOCK_CELLS.startUnixMs] + uptimeMs;
  return {
    uptimeMs,
    monotonicMs: unixMs - cells[CLOCK_CELLS.monotonicFromMs],
    unixMs,
    machineUnixMs: time.unixMs(),
    machineSteadyMs,
    boot: time.boot,
    sequence: cells[CLOCK_CELLS.sequence],
  };
}

/** Sets the cells for the threads of this process; returns the milliseconds in which no server ran. */
export function restoreClock(cells: Float64Array, saved: SavedClock, time: MachineTime): number {
  const passedMs = passedSince(saved, time);
  const steadyMs = time.steadyMs();
  const uptimeMs = saved.uptimeMs + passedMs;
  const unixMs = Math.max(time.unixMs(), saved.unixMs + passedMs);
  cells[CLOCK_CELLS.startUnixMs] = unixMs - uptimeMs;
  cells[CLOCK_CELLS.monotonicFromMs] = unixMs - (saved.monotonicMs ?? saved.uptimeMs) - passedMs;
  cells[CLOCK_CELLS.startSteadyMs] = steadyMs - uptimeMs;
  cells[CLOCK_CELLS.offsetSeconds] = 0;
  cells[CLOCK_CELLS.now] = Math.floor(uptimeMs / 1000) + FIRST_SECOND;
  cells[CLOCK_CELLS.sequence] = saved.sequence;
  return passedMs;
}

/** Within one boot, the clock that nobody can set; otherwise the machine's date, if it has not been set back. */
function passedSince({ boot, machineSteadyMs, machineUnixMs }: SavedClock, time: MachineTime): number {
  const steadyMs = time.steadyMs() - machineSteadyMs;
  if (boot !== '' && boot === time.boot && steadyMs >= 0) return steadyMs;
  return Math.max(0, time.unixMs() - machineUnixMs);
}
