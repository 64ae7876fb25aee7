// Types that are saved repeatedly while clients use them: no request is lost or gets a wrong reply, and memory does not grow. The long run
// makes 1,000 reloads on each transport and compares the memory with that after the first 500.

import { expect, test } from 'vitest';
import { LineClient } from '../line-client.js';
import { HAS_FIGURES, residentBytes } from '../process-figures.js';
import { startOnAllProcessors } from '../server-process.js';
import { scriptOf, TypeFolders } from '../type-folders.js';

const IS_LONG = process.env.LONG_TESTS === '1';
const RELOADS = IS_LONG ? 1000 : 20;
const SETTLED_RELOADS = RELOADS / 2;
const CLIENTS = 4;
const TIMEOUT_MS = IS_LONG ? 900_000 : 120_000;
const GROWTH_BYTES = 16 * 1024 * 1024;
const LEFT_BEHIND_BYTES = 8 * 1024 * 1024;

const TRANSPORTS = process.platform === 'linux' ? ['epoll', 'net'] : ['net'];

const script = (version: number): string => scriptOf('said', { say: `return "version ${version}"` });
const plugin = (version: number): string => `import { defineType, method } from 'cacheismo';
export default defineType({
  name: 'told',
  methods: {
    new: method({ access: 'create', run: () => 'CREATED' }),
    say: method({ access: 'read', run: () => 'version ${version}' }),
  },
});
`;

const REQUESTS = 'get said:say:k\r\nget told:say:k plain\r\nset set:put:s:member 0 0 0\r\n\r\n';
const REPLY =
  /^VALUE said:say:k 0 \d+\r\nversion (\d+)\r\nEND\r\nVALUE told:say:k 0 \d+\r\nversion (\d+)\r\nVALUE plain 0 5\r\nvalue\r\nEND\r\nSTORED\r\n$/;

/** Sends requests until `isDone`; versions must never go back. Returns the number of requests. */
async function use(port: number, isOver: () => boolean): Promise<number> {
  using client = await LineClient.connect(port);
  let count = 0;
  let last = [0, 0];
  for (; !isOver(); count++) {
    const reply = await client.ask(REQUESTS);
    expect(reply).toMatch(REPLY);
    const versions = (REPLY.exec(reply) as RegExpExecArray).slice(1).map(Number);
    expect(versions.every((version, index) => version >= last[index])).toBe(true);
    last = versions;
  }
  return count;
}

test.each(TRANSPORTS)(`${RELOADS} reloads under load on %s`, { timeout: TIMEOUT_MS }, async (transport) => {
  using folders = new TypeFolders().copy('scripts/set.lua').script('said.lua', script(1)).plugin('told.ts', plugin(1));
  await using server = await startOnAllProcessors(['--transport', transport, ...folders.flags]);
  using client = await LineClient.connect(server.port);
  await client.ask('set plain 0 0 5\r\nvalue\r\nget said:new:k\r\nget told:new:k\r\nget set:new:s\r\n');
  let isOver = false;
  const users = Array.from({ length: CLIENTS }, () => use(server.port, () => isOver));
  const resident: number[] = [];
  for (let version = 2; version <= RELOADS + 1; version++) {
    if (version % 2 === 0) folders.script('said.lua', script(version));
    else folders.plugin('told.ts', plugin(version));
    const [file, type] = version % 2 === 0 ? ['scripts/said.lua', 'said'] : ['plugins/told.ts', 'told'];
    await server.logged(new RegExp(`^${file}: version ${Math.floor(version / 2) + 1} of ${type} is live$`));
    if (HAS_FIGURES) resident.push(residentBytes(server.child.pid as number));
  }
  isOver = true;
  const counts = await Promise.all(users);
  for (const count of counts) expect(count).toBeGreaterThan(RELOADS);
  expect(await client.get('said:say:k')).toBe(`version ${RELOADS}`);
  expect(server.log.filter(({ level }) => level !== 'info')).toEqual([]);
  if (!IS_LONG || !HAS_FIGURES) return;
  const settled = Math.max(...resident.slice(SETTLED_RELOADS - 50, SETTLED_RELOADS));
  expect(Math.max(...resident.slice(-50)) - settled).toBeLessThan(GROWTH_BYTES);
  // Between collections memory rises and falls; a leak in a reload would raise its minimum.
  const quarter = RELOADS / 4;
  const least = (from: number): number => Math.min(...resident.slice(from, from + quarter));
  expect(least(3 * quarter) - least(2 * quarter)).toBeLessThan(LEFT_BEHIND_BYTES);
});
