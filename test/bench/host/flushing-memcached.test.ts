// The versions of memcached for which the note is shown.

import { expect, test } from 'vitest';
import { flushingNote } from './flushing-memcached.js';

test.each(['memcached 1.6.18', 'memcached 1.6.34', 'memcached 1.5.40', 'memcached 0.9.99', 'memcached 1.6.6-rc1'])(
  'the note names %s, which sends after every get',
  (title) => {
    expect(flushingNote(['cacheismo on Node 20', title])).toContain(`this is ${title}, so`);
  },
);

test.each([
  'memcached 1.6.35',
  'memcached 1.6.45',
  'memcached 1.7.0',
  'memcached 2.0.1',
  'Redis server v=7.0.15',
  'memcached',
])('there is no note about %s', (title) => {
  expect(flushingNote([title])).toBeUndefined();
});
