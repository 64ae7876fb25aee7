// Switches off, in this process only, what the server counts beyond the counters that memcached has: requests and times of commands, calls and
// times of methods, hot keys, the curve. Both states run the same compiled code, since two compilations of the same source differ by more than
// what is measured.

import { CallStatistics } from '../../../src/objects/calls/call-statistics.js';
import { CommandTimes } from '../../../src/operations/command-times.js';
import { HotKeys } from '../../../src/operations/hot-keys.js';
import { HitRatioCurve } from '../../../src/store/hit-ratio-curve.js';

const state = Uint8Array.of(1);

export function switchMetrics(areOn: boolean): void {
  state[0] = Number(areOn);
}

/** Call before any engine is made. */
export function makeMetricsSwitchable(): void {
  const { count, isDue } = CommandTimes.prototype;
  CommandTimes.prototype.count = function (command) {
    if (state[0] !== 0) count.call(this, command);
  };
  CommandTimes.prototype.isDue = function () {
    return state[0] !== 0 && isDue.call(this);
  };
  const { isDue: isNoted } = HotKeys.prototype;
  HotKeys.prototype.isDue = function () {
    return state[0] !== 0 && isNoted.call(this);
  };
  const { isSampled } = HitRatioCurve.prototype;
  HitRatioCurve.prototype.isSampled = function (hash) {
    return state[0] !== 0 && isSampled.call(this, hash);
  };
  const { start } = CallStatistics.prototype;
  CallStatistics.prototype.start = function (rate) {
    return state[0] !== 0 && start.call(this, rate);
  };
}
