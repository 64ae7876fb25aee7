// What the server does now: rates, hit ratio, latencies, memory, evictions, connections.

import { Chart } from './chart.js';
import { h, refill, section, setText } from './dom.js';
import type { Feed } from './feed.js';
import type { History } from './history.js';
import { commandTable, methodTable } from './latency-tables.js';
import { MemoryBar } from './memory-bar.js';
import { duration, percent, shortNumber, size, wholeNumber } from './short-text.js';
import type { View } from './view.js';

type Values = Readonly<Record<string, number>>;

/** The figures at the top: name, what it says, and a remark. */
const TILES: readonly (readonly [
  string,
  (values: Values, history: History) => string,
  (values: Values, history: History) => string,
])[] = [
  [
    'Requests/s',
    (_values, { seconds }) => shortNumber(seconds.at(-1)?.requests ?? 0),
    (_values, { seconds }) => `${shortNumber(seconds.at(-1)?.calls ?? 0)} calls of methods/s`,
  ],
  [
    'Hit ratio',
    (_values, { seconds }) => percent(seconds.at(-1)?.hitRatio ?? null),
    ({ get_hits: hits = 0, get_misses: misses = 0 }) =>
      `${percent(hits + misses === 0 ? null : hits / (hits + misses))} since the start`,
  ],
  [
    'Memory',
    ({ used_bytes: used = 0, limit_maxbytes: limit = 1 }) => percent(used / limit),
    ({ used_bytes: used = 0, limit_maxbytes: limit = 1 }) => `${size(used)} of ${size(limit)}`,
  ],
  [
    'Items',
    ({ curr_items: items = 0 }) => shortNumber(items),
    ({ types_loaded: types = 0 }) => `${wholeNumber(types)} types loaded`,
  ],
  [
    'Evictions/s',
    (_values, { seconds }) => shortNumber(seconds.at(-1)?.evictions ?? 0),
    ({ evictions = 0, evicted_unfetched: unread = 0 }) =>
      `${shortNumber(evictions)} in all, ${shortNumber(unread)} never read`,
  ],
  ['Oldest item', ({ oldest_idle: idle = 0 }) => duration(idle), () => 'unused, the next to be evicted'],
  [
    'Connections',
    ({ curr_connections: now = 0 }) => wholeNumber(now),
    ({ max_connections: most = 0, rejected_connections: refused = 0 }) =>
      `of ${wholeNumber(most)}, ${wholeNumber(refused)} refused`,
  ],
  ['Threads', ({ threads = 0 }) => String(threads), ({ uptime = 0 }) => `running for ${duration(uptime)}`],
];

export function liveView(feed: Feed): View {
  const { history } = feed;
  const tiles = TILES.map(() => ({ value: h('dd', {}, '–'), remark: h('dd', { class: 'quiet' }) }));
  const requests = new Chart(
    'Requests per second',
    [
      { name: 'all', colour: '--chart-1' },
      { name: 'gets', colour: '--chart-2' },
      { name: 'sets', colour: '--chart-3' },
      { name: 'calls', colour: '--chart-4' },
    ],
    shortNumber,
  );
  const ratio = new Chart('Hit ratio', [{ name: 'of gets', colour: '--chart-1' }], percent, [0, 1]);
  const evictions = new Chart(
    'Evicted and expired per second',
    [
      { name: 'evicted', colour: '--chart-4' },
      { name: 'expired', colour: '--chart-2' },
    ],
    shortNumber,
  );
  const memory = new MemoryBar();
  const commands = h('div');
  const methods = h('div');
  const element = h(
    'div',
    { class: 'grid' },
    h(
      'dl',
      { class: 'tiles' },
      ...TILES.map(([name], index) =>
        h('div', { class: 'tile' }, h('dt', {}, name), tiles[index]?.value, tiles[index]?.remark),
      ),
    ),
    requests.element,
    ratio.element,
    evictions.element,
    memory.element,
    section(
      'Commands',
      h('p', { class: 'quiet' }, 'Times of one request in 64: of the last 10 seconds, and since the start.'),
      commands,
    ),
    section(
      'Methods',
      h(
        'p',
        { class: 'quiet' },
        'The 20 with the most calls; times of one call in 64: of the last 10 seconds, and since the start.',
      ),
      methods,
    ),
  );

  function update(): void {
    const { last, seconds } = history;
    if (last === undefined) return;
    TILES.forEach(([, value, remark], index) => {
      const tile = tiles[index];
      if (tile === undefined) return;
      setText(tile.value, value(last.values, history));
      setText(tile.remark, remark(last.values, history));
    });
    const at = seconds.map(({ unixSeconds }) => unixSeconds);
    requests.set(
      at,
      seconds.map((second) => second.requests),
      seconds.map(({ gets }) => gets),
      seconds.map(({ sets }) => sets),
      seconds.map(({ calls }) => calls),
    );
    ratio.set(
      at,
      seconds.map(({ hitRatio }) => hitRatio),
    );
    evictions.set(
      at,
      seconds.map((second) => second.evictions),
      seconds.map(({ expirations }) => expirations),
    );
    memory.set(last.values);
    refill(commands, commandTable(last));
    refill(methods, methodTable(last));
  }

  const end = feed.on('stats', update);
  return {
    element,
    open: update,
    close() {
      end();
      for (const chart of [requests, ratio, evictions]) chart.close();
    },
  };
}
