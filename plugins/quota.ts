// A quota: an amount that may be used in each calendar minute, hour, day or month of local time.
//
// Fields: limit, period, used, window (the number of the calendar window in which `used` counts).

import { type CallContext, defineType, method, type Table } from 'cacheismo';
import { ttl } from './lib/ttl.js';

const MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 24 * 60 };

/** Number of the calendar window that contains a time: it changes when the window does. */
function windowNumber(unixSeconds: number, period: string): number {
  const date = new Date(unixSeconds * 1000);
  const year = date.getFullYear();
  if (period === 'month') return year * 12 + date.getMonth();
  // Days are counted by the calendar, so that days of 23 and 25 hours are days as well.
  const day =
    year * 366 + Math.round((Date.UTC(year, date.getMonth(), date.getDate()) - Date.UTC(year, 0, 1)) / 86_400_000);
  const minute = (day * 24 + date.getHours()) * 60 + date.getMinutes();
  return Math.floor(minute / MINUTES[period]);
}

const known = new Map<string, { minute: number; window: number }>();

/** The same, computed once a minute: dates are slow. */
function currentWindow(unixSeconds: number, period: string): number {
  const minute = Math.floor(unixSeconds / 60);
  const last = known.get(period);
  if (last?.minute === minute) return last.window;
  const window = windowNumber(unixSeconds, period);
  known.set(period, { minute, window });
  return window;
}

/** The amount used in the current window. */
function usedNow(self: Table, window: number): number {
  return self.get('window') === window ? (self.get('used') as number) : 0;
}

function windowOf(self: Table, call: CallContext): number {
  return currentWindow(call.now, self.get('period') as string);
}

function create(self: Table, limit: number, period: string, call: CallContext): string {
  if (period !== 'month' && MINUTES[period] === undefined) {
    call.abandon();
    return 'NOT_CREATED';
  }
  self.set('limit', limit);
  self.set('period', period);
  self.set('used', 0);
  self.set('window', currentWindow(call.now, period));
  return 'CREATED';
}

export default defineType({
  name: 'quota',
  summary: 'an amount per calendar minute, hour, day or month',
  missing: 'value',
  methods: {
    new: method({
      access: 'create',
      summary: 'makes a quota; NOT_CREATED unless the period is minute, hour, day or month',
      parameters: { limit: { type: 'integer', minimum: 0 }, period: { type: 'string' } },
      run: (self, { limit, period }, call) => create(self, limit, period, call),
    }),
    newifabsent: method({
      access: 'create',
      summary: 'the same, but EXISTS where there is a quota already',
      parameters: { limit: { type: 'integer', minimum: 0 }, period: { type: 'string' } },
      run(self, { limit, period }, call) {
        if (!call.existed) return create(self, limit, period, call);
        call.abandon();
        return 'EXISTS';
      },
    }),
    addandcheck: method({
      access: 'write',
      summary: 'QUOTA_OK and uses n, or QUOTA_EXCEEDED and uses nothing',
      parameters: { n: { type: 'integer', minimum: 0, default: 1 } },
      run(self, { n }, call) {
        const window = windowOf(self, call);
        const used = usedNow(self, window) + n;
        if (used > (self.get('limit') as number)) return 'QUOTA_EXCEEDED';
        self.set('used', used);
        self.set('window', window);
        return 'QUOTA_OK';
      },
    }),
    peek: method({
      access: 'read',
      summary: 'the amount left in the current window',
      run: (self, _none, call) => (self.get('limit') as number) - usedNow(self, windowOf(self, call)),
    }),
    reset: method({
      access: 'write',
      summary: 'resets the use to 0',
      run(self, _none, call) {
        self.set('used', 0);
        self.set('window', windowOf(self, call));
        return 'QUOTA_OK';
      },
    }),
    ttl,
  },
});
