// Objects of the types that ship with very many members: made by pipelines of requests, and the CPU time of calls on them.

import type { TestCache } from '../../src/app/testing/test-cache.js';
import { threadTime } from '../../src/base/thread-time.js';

/** How many calls come at one instant: a hundred thousand with LONG_TESTS. */
export const AT_ONE_INSTANT = process.env.LONG_TESTS === undefined ? 20_000 : 100_000;

const REQUESTS_AT_A_TIME = 500;
/** A reply to a get of one key: the first word of its value of one line or two, or none. */
const REPLY = /VALUE [^\r]*\r\n([^ \r]*)[^\r]*\r\n(?:[^\r]*\r\n)??END\r\n|END\r\n/g;

/** A virtual key, with or without a data block. */
export type MadeCall = string | readonly [key: string, data: string];

/** Makes `count` calls; `look` gets the replies, as text, of some at a time. */
export async function callMany(
  cache: TestCache,
  count: number,
  key: (index: number) => string,
  look: (replies: string) => void = () => {},
): Promise<void> {
  for (let from = 0; from < count; from += REQUESTS_AT_A_TIME) {
    let requests = '';
    for (let index = from; index < Math.min(count, from + REQUESTS_AT_A_TIME); index++) {
      requests += `get ${key(index)}\r\n`;
    }
    look(await cache.send(requests));
  }
}

/** How often each first word comes among the results of `count` calls. */
export async function wordsOf(
  cache: TestCache,
  count: number,
  key: (index: number) => string,
): Promise<Readonly<Record<string, number>>> {
  const words: Record<string, number> = {};
  await callMany(cache, count, key, (replies) => {
    for (const [, word = 'END'] of replies.matchAll(REPLY)) {
      words[word] = (words[word] ?? 0) + 1;
    }
  });
  return words;
}

/** Milliseconds of CPU time of a call: the least of some, since the machine does other things too. */
export async function leastMs(cache: TestCache, calls: number, made: (index: number) => MadeCall): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < calls; index++) {
    const call = made(index);
    const [key, data] = typeof call === 'string' ? [call] : call;
    const startMs = threadTime.cpuMs();
    await cache.call(key, data);
    least = Math.min(least, threadTime.cpuMs() - startMs);
  }
  return least;
}
