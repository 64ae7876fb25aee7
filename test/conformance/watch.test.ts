// The lines for watchers of the installed memcached and of our engine: the same lines for the same requests. Runs only if memcached is
// installed.

import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { Harness } from '../protocols/text/harness.js';
import { memcachedVersion, startMemcached } from './memcached.js';

/** Deletions exist since 1.6.19; only the older kinds are requested. */
const KINDS = 'watch fetchers mutations\r\n';

const REQUESTS = [
  'set a 0 0 1\r\nx\r\n',
  'set a 7 60 1\r\nx\r\n',
  'add a 0 0 1\r\nx\r\n',
  'replace nokey 0 0 1\r\nx\r\n',
  'append a 0 0 1\r\nx\r\n',
  'append nokey 0 5 1\r\nx\r\n',
  'cas a 0 0 1 9\r\nx\r\n',
  'cas nokey 0 0 1 9\r\nx\r\n',
  'get a\r\n',
  'get a nokey\r\n',
  'gat 100 a nokey\r\n',
  'touch a 100\r\n',
  'touch nokey 100\r\n',
  'set n 0 0 1\r\n5\r\n',
  'incr n 1\r\n',
  'decr nokey 1\r\n',
  'delete n\r\n',
  'delete n\r\n',
  'ms m 1 T0\r\nx\r\n',
  'ms m 1 C1 T30\r\nx\r\n',
  'ms m 1 ME\r\nx\r\n',
  'ms m 1 ME C99\r\nx\r\n',
  'ms m 1 MA\r\nx\r\n',
  'ms m2 1 MA\r\nx\r\n',
  'ms m 1 MR C1\r\nx\r\n',
  'mg m v t\r\n',
  'mg made N30 v\r\n',
  'ma count N0\r\n',
  'ma count\r\n',
  'me m\r\n',
  'md m\r\n',
  'md nokey\r\n',
  'mn\r\n',
];

/** Removes the parts that depend on the moment. The seconds to live may differ by one. */
function plain(line: string): string {
  return line
    .replace(/^ts=\S+ gid=\d+ /, '')
    .replace(/ cfd=-?\d+/, '')
    .replace(/ ttl=(\d+)/, (_all, seconds: string) => ` ttl=${Math.ceil(Number(seconds) / 5) * 5}`);
}

async function theirLines(): Promise<readonly string[]> {
  const peer = await startMemcached();
  const watcher = connect(peer.port, '127.0.0.1').setEncoding('latin1');
  watcher.write(KINDS);
  let text = '';
  const until = (end: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => end() && resolve();
      watcher.on('data', look);
      look();
    });
  watcher.on('data', (part: string) => {
    text += part;
  });
  await until(() => text === 'OK\r\n');
  const client = connect(peer.port, '127.0.0.1');
  client.resume();
  client.write(REQUESTS.join(''));
  client.write('get the_last\r\n');
  await until(() => text.includes('key=the_last'));
  for (const socket of [watcher, client]) socket.destroy();
  peer.stop();
  return text.split('\n').slice(1, -2).map(plain);
}

function ourLines(): readonly string[] {
  const harness = new Harness();
  const watcher = harness.connect();
  expect(watcher.send(KINDS)).toBe('OK\r\n');
  harness.ask(REQUESTS.join(''));
  return watcher.send('x').split('\n').slice(0, -1).map(plain);
}

test.skipIf(memcachedVersion() === undefined)('watchers get the lines that memcached writes', async () => {
  expect(ourLines()).toEqual(await theirLines());
});
