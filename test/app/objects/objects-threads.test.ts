// Statistics of methods with two serving threads: they are the same in both.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineClient } from '../line-client.js';
import { type ServerProcess, startProcess } from '../server-process.js';
import { scriptOf, TypeFolders } from '../type-folders.js';

const THREADS = 2;
const CLIENTS = 4;

const plugin = (answer: string): string => `import { defineType, method } from 'cacheismo';
export default defineType({
  name: 'told',
  methods: {
    new: method({ access: 'create', run: () => 'CREATED' }),
    say: method({ access: 'read', run: () => '${answer}' }),
    fail: method({ access: 'read', run: () => { throw new Error('no'); } }),
    spin: method({ access: 'write', run: (self) => { for (;;) self.set('a', 1); } }),
  },
});
`;
const script = (answer: string): string =>
  scriptOf('said', { say: `return "${answer}"`, fail: 'error("no")', spin: 'while true do end' });

describe.runIf(process.platform === 'linux').each([
  ['a script', 'said', 'scripts/said.lua'],
  ['a plugin', 'told', 'plugins/told.ts'],
])('of %s', (_, type, file) => {
  let folders: TypeFolders;
  let server: ServerProcess;
  let clients: LineClient[];

  beforeAll(async () => {
    folders = new TypeFolders().script('said.lua', script('one')).plugin('told.ts', plugin('one'));
    server = await startProcess(['-t', `${THREADS}`, '--call-milliseconds', '20', ...folders.flags]);
    // Threads get connections in turn.
    clients = [];
    for (let count = 0; count < CLIENTS; count++) clients.push(await LineClient.connect(server.port));
    await clients[0].get(`${type}:new:k`);
  });

  afterAll(async () => {
    for (const client of clients) client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
    folders[Symbol.dispose]();
  });

  /** The line about a method, which is the same for every client. */
  async function figures(method: string): Promise<string[]> {
    const lists: string[] = [];
    for (const client of clients) lists.push(await client.get(`cacheismo:methods:${type}`));
    return lists.map((list) => (new RegExp(`^${method} .*$`, 'm').exec(list) as RegExpExecArray)[0]);
  }

  test('calls and errors are summed, and a failure is logged once', async () => {
    await Promise.all(
      clients.map(async (client, index) => {
        for (let call = 0; call <= 10 * index; call++) expect(await client.get(`${type}:say:k`)).toBe('one');
        for (let call = 0; call < 5; call++) expect(await client.get(`${type}:fail:k`)).toMatch(/^CLIENT_ERROR/);
      }),
    );
    for (const line of await figures('say')) expect(line).toMatch(/ calls 64 errors 0 mean \d+\.\d us/);
    for (const line of await figures('fail')) expect(line).toMatch(/ calls 20 errors 20 /);
    const types = await clients[0].get('cacheismo:types');
    expect(types).toMatch(new RegExp(`^${type} .* calls 85 errors 20 `, 'm'));
    expect(server.log.filter(({ msg }) => msg.includes(`${type}:fail failed`))).toHaveLength(1);
  });

  test('all threads refuse a method after its third kill in any of them, until its file changes', async () => {
    const replies: string[] = [];
    for (const client of clients) replies.push(await client.get(`${type}:spin:k`));
    expect(replies.slice(0, 3).filter((reply) => / takes /.test(reply))).toHaveLength(3);
    for (const client of clients)
      expect(await client.get(`${type}:spin:k`)).toMatch(/ is refused for \d+ s: killed three times in a minute$/);
    for (const line of await figures('spin'))
      expect(line).toMatch(/ errors 8 .* kills [34] suspensions 1 refused for \d+ s/);

    const file2 = file.replace(/^.*\//, '');
    if (type === 'said') folders.script(file2, script('two'));
    else folders.plugin(file2, plugin('two'));
    await server.logged(new RegExp(`^${file}: version 2 of ${type} is live$`));
    for (const client of clients) expect(await client.get(`${type}:say:k`)).toBe('two');
    for (const line of await figures('say')) expect(line).toContain(` calls ${CLIENTS} errors 0 `);
    for (const line of await figures('spin')) expect(line).toMatch(/ calls 0 errors 0 mean 0\.0 us$/);
    expect(await clients[3].get(`${type}:spin:k`)).toContain(' takes ');
  });
});
