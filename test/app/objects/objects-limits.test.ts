// The cost of a bad method: one error line in time, even for its first call with cold code, and a short wait for all other clients.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ATTACKS } from '../../languages/lua/attacks.js';
import { WRITE_ATTACKS } from '../../objects/write-attacks.js';
import { LineClient } from '../line-client.js';
import { busiestThreadMs, HAS_FIGURES, residentBytes, threadTimesMs } from '../process-figures.js';
import { type ServerProcess, startProcess } from '../server-process.js';
import { pluginOf, scriptOf, TypeFolders } from '../type-folders.js';
import { expectWithin, longestWaits, SET_PLAIN } from './bounds.js';

const IS_LONG = process.env.LONG_TESTS !== undefined;
const TRANSPORTS = process.platform === 'linux' ? ['epoll', 'net'] : ['net'];

const LINE_MS = 100;
const OTHERS_MS = 150;
const GROWTH_BYTES = 64 * 1024 * 1024;
/** A method is refused after this many kills. */
const ATTEMPTS = 3;
/** Few enough that the call ends before the clock is read twice. */
const FIELDS_A_CALL = 80;
const SPREAD_FIELDS = 2000;

const attacks = Object.entries(ATTACKS).map(([title, body], index) => ({ title, body, method: `m${index}` }));
const attackBodies = Object.fromEntries(attacks.map(({ method, body }) => [method, body]));
const writeAttacks = Object.entries(WRITE_ATTACKS).map(([title, bodies], index) => ({
  title,
  bodies,
  method: `w${index}`,
}));
const bodiesIn = (language: 'lua' | 'typescript') =>
  Object.fromEntries(writeAttacks.map(({ bodies, method }) => [method, bodies[language] ?? '']));
const FILL = {
  lua: `for i = 0, ${FIELDS_A_CALL - 1} do self["k" .. args.text + i] = i end`,
  typescript: `for (let i = 0; i < ${FIELDS_A_CALL}; i++) self.set('k' + (Number(args.text) + i), i);`,
};
const writes = writeAttacks.flatMap(({ title, bodies, method }) =>
  (['lua', 'typescript'] as const)
    .filter((language) => bodies[language] !== undefined)
    .flatMap((language) =>
      (['packed', 'spread'] as const).map((form) => ({ title, method, form, type: `${language}_writer_${form}` })),
    ),
);

describe.runIf(HAS_FIGURES).each(TRANSPORTS)('with the transport %s', (transport) => {
  /** One call alone does not depend on the transport; all attacks in a pipeline are tested with both. */
  const hasEach = IS_LONG || transport === TRANSPORTS[0];
  let folders: TypeFolders;
  let server: ServerProcess;
  let client: LineClient;
  let pid: number;

  beforeAll(async () => {
    folders = new TypeFolders().script('attack.lua', scriptOf('attack', attackBodies));
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      folders.script(`again${attempt}.lua`, scriptOf(`again${attempt}`, attackBodies));
      folders.script(`flood${attempt}.lua`, scriptOf(`flood${attempt}`, { loop: 'while true do end' }));
    }
    for (const form of ['packed', 'spread']) {
      const [lua, typescript] = [`lua_writer_${form}`, `typescript_writer_${form}`];
      folders.script(`${lua}.lua`, scriptOf(lua, { ...bodiesIn('lua'), fill: FILL.lua }));
      folders.plugin(`${typescript}.ts`, pluginOf(typescript, { ...bodiesIn('typescript'), fill: FILL.typescript }));
    }
    server = await startProcess(['--transport', transport, '-t', '1', '-m', '256', ...folders.flags]);
    client = await LineClient.connect(server.port);
    pid = server.child.pid as number;
    await client.ask(`${SET_PLAIN}get attack:new:k\r\n`);
  });

  afterAll(async () => {
    client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
    folders[Symbol.dispose]();
  });

  /** Calls a method that must be ended: one line, in time. */
  async function expectLine(type: string, method: string, reason: RegExp): Promise<void> {
    await expectWithin(LINE_MS, ATTEMPTS, async () => {
      const threads = threadTimesMs(pid);
      const askedAt = performance.now();
      const reply = await client.ask(`get ${type}:${method}:k\r\n`);
      const clockMs = performance.now() - askedAt;
      expect(reply).toMatch(new RegExp(`^CLIENT_ERROR ${type}:${method}: [\\x20-\\x7e]{1,200}\\r\\n$`));
      expect(reply).toMatch(reason);
      return { processorMs: busiestThreadMs(pid, threads), clockMs };
    });
  }

  test.runIf(hasEach).each(attacks)('$title: the call ends in time with one error line', async ({ method }) => {
    await expectLine('attack', method, /./);
    expect(await client.get('attack$k')).toBe('{}');
  });

  test.runIf(hasEach).each(writes)(
    'writing without end, $title, $type: one error line, in time, and nothing written',
    async (write) => {
      const { type, method, form } = write;
      await client.get(`${type}:new:k`);
      if (form === 'spread') {
        let fills = '';
        for (let first = 0; first < SPREAD_FIELDS; first += FIELDS_A_CALL) fills += `get ${type}:fill:k:${first}\r\n`;
        expect(await client.ask(fills)).toBe('END\r\n'.repeat(SPREAD_FIELDS / FIELDS_A_CALL));
      }
      const before = await client.get(`${type}$k`);
      await expectLine(type, method, / takes | makes more than | out of memory/);
      expect(await client.get(`${type}$k`)).toBe(before);
    },
  );

  test('a pipeline of all attacks takes little memory, and other clients wait for at most one call', async () => {
    const before = residentBytes(pid);
    // The least one: when V8 gives memory back is up to it, and what is kept stays.
    let grown = Number.POSITIVE_INFINITY;
    await expectWithin(OTHERS_MS, ATTEMPTS, async (attempt) => {
      if (attempt > 0) grown = Math.min(grown, residentBytes(pid) - before);
      await client.get(`again${attempt}:new:k`);
      const requests = attacks.map(({ method }) => `get again${attempt}:${method}:k\r\n`);
      return longestWaits(server.port, pid, async () => {
        const replies = (await client.ask(requests.join(''))).trimEnd().split('\r\n');
        expect(replies.filter((line) => line.startsWith(`CLIENT_ERROR again${attempt}:`))).toHaveLength(attacks.length);
      });
    });
    expect(Math.min(grown, residentBytes(pid) - before)).toBeLessThan(GROWTH_BYTES);
  });

  test('sixteen endless calls in one pipeline let other clients be served, and after three kills the method is refused', async () => {
    await expectWithin(OTHERS_MS, ATTEMPTS, async (attempt) => {
      const type = `flood${attempt}`;
      await client.get(`${type}:new:k`);
      const replies: string[] = [];
      const cost = await longestWaits(server.port, pid, async () => {
        replies.push(...(await client.ask(`get ${type}:loop:k\r\n`.repeat(16))).split('\r\n'));
      });
      expect(replies.filter((line) => line.startsWith(`CLIENT_ERROR ${type}:loop: takes`))).toHaveLength(3);
      expect(replies.filter((line) => line.endsWith('killed three times in a minute'))).toHaveLength(13);
      return cost;
    });
  });
});
