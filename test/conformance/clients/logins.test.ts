// Third-party clients that log in: by SASL, and by the first set of the text protocol. The test name says if a client is not installed.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashPassword } from '../../../src/security/password-hash.js';
import { startProcess } from '../../app/server-process.js';
import { isPresent, pythonWith, runClient } from './programs.js';

/** The folder in which `npm run test:clients` installs packages that are not dependencies of the project. */
const MODULES = process.env.CLIENT_MODULES ?? join(tmpdir(), 'cacheismo-clients');

interface LoginClient {
  readonly client: string;
  readonly isInstalled: () => boolean;
  readonly run: (port: number, password: string) => Promise<Record<string, unknown>>;
  readonly right: unknown;
  readonly wrong: unknown;
}

function python(client: string, right: unknown, wrong: unknown): LoginClient {
  const program = () => pythonWith(client) ?? '';
  return {
    client,
    isInstalled: () => program() !== '',
    run: (port, password) => runClient([program(), '-B', 'login_clients.py'], port, [client, password]),
    right,
    wrong,
  };
}

const CLIENTS: readonly LoginClient[] = [
  python('bmemcached', [true, '1', null], 'refused: MemcachedException'),
  python('pylibmc', [true, '1', null], expect.stringMatching(/^refused: /)),
  python('pymemcache', [true, '1', null], 'refused: MemcacheClientError'),
  {
    client: 'PHP memcached',
    isInstalled: () => isPresent(['php', '-r', 'exit(class_exists("Memcached") && Memcached::HAVE_SASL ? 0 : 1);']),
    run: (port, password) => runClient(['php', 'login_client.php'], port, [password]),
    right: [true, '1', false],
    wrong: 'refused',
  },
  {
    client: 'memjs',
    isInstalled: () => existsSync(join(MODULES, 'node_modules', 'memjs')),
    run: (port, password) => runClient(['node', 'login_client.mjs'], port, [password, MODULES]),
    right: [true, '1', null],
    wrong: 'refused',
  },
];

describe('a client that logs in', () => {
  let folder = '';
  let flags: readonly string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'logins-'));
    const users = join(folder, 'users');
    writeFileSync(users, `ann:${await hashPassword('secret')}\n`, { mode: 0o600 });
    flags = ['--no-objects', '-S', '-Y', users];
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  for (const { client, isInstalled, run, right, wrong } of CLIENTS) {
    const isMissing = !isInstalled();
    test.skipIf(isMissing)(
      `${client} is served with the right password only${isMissing ? ' (not installed)' : ''}`,
      async () => {
        await using server = await startProcess(flags);
        expect(await run(server.port, 'secret')).toEqual({ result: right });
        expect(await run(server.port, 'wrong')).toEqual({ result: wrong });
      },
    );
  }
});
