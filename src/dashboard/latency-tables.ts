// Requests and times by command and by method.

import { h, table } from './dom.js';
import type { Stats } from './reply-shapes.js';
import { latency, wholeNumber } from './short-text.js';
import { route } from './view.js';

interface Shares {
  readonly p50Seconds: number;
  readonly p99Seconds: number;
  readonly p999Seconds: number;
}

interface RecentShares extends Shares {
  readonly recentP50Seconds: number;
  readonly recentP99Seconds: number;
}

const TIMES = ['-#p50, 10 s', '#p99, 10 s', '-#p50', '#p99', '-#p99.9'] as const;

export function timesOf({ p50Seconds, p99Seconds, p999Seconds }: Shares): readonly string[] {
  return [p50Seconds, p99Seconds, p999Seconds].map(latency);
}

/** Of the last ten seconds, then since the start. */
function recentTimesOf(row: RecentShares): readonly string[] {
  return [latency(row.recentP50Seconds), latency(row.recentP99Seconds), ...timesOf(row)];
}

export function commandTable({ commands }: Stats): HTMLElement {
  if (commands.length === 0) return h('p', {}, 'No client has sent a request yet.');
  const sorted = [...commands].sort((one, other) => other.requests - one.requests);
  const rows = sorted.map((row) => [
    h('code', {}, row.command),
    wholeNumber(row.requests),
    wholeNumber(row.errors),
    ...recentTimesOf(row),
  ]);
  return table('Commands', ['Command', '#Requests', '-#Errors', ...TIMES], rows);
}

export function methodTable({ methods }: Stats): HTMLElement {
  if (methods.length === 0) return h('p', {}, 'No method has been called yet.');
  const rows = methods.map((row) => [
    h('a', { href: route('types', row.type) }, h('code', {}, `${row.type}:${row.method}`)),
    wholeNumber(row.calls),
    wholeNumber(row.errors),
    ...recentTimesOf(row),
  ]);
  return table('Methods', ['Method', '#Calls', '-#Errors', ...TIMES], rows);
}
