// Servers whose extensions are clients of the cache: PostgreSQL with pgmemcache and Apache's socache. The test name says if one is not
// installed. Both run as the user of the OS that they are meant for, since they refuse to run as root.

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ServerProcess, startProcess } from '../../app/server-process.js';
import { ask, freePort, untilListening } from '../memcached.js';
import { run } from './programs.js';

const POSTGRES = '/usr/lib/postgresql/15/bin';
const PGMEMCACHE = '/usr/lib/postgresql/15/lib/pgmemcache.so';
const APACHE = '/usr/sbin/apache2';
const APACHE_MODULES = '/usr/lib/apache2/modules';
const SOCACHE = `${APACHE_MODULES}/mod_socache_memcache.so`;
const TIMEOUT_MS = 60_000;

let server: ServerProcess;
let folder = '';
const children: ChildProcess[] = [];

beforeAll(async () => {
  server = await startProcess(['--no-objects']);
  folder = mkdtempSync(join(tmpdir(), 'services-'));
  chmodSync(folder, 0o755);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGINT');
  await Promise.all(children.map((child) => child.exitCode ?? new Promise((resolve) => child.once('exit', resolve))));
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: 'ignore' });
  children.push(child);
  return child;
}

/** Why a test cannot run here. */
function obstacle(...paths: readonly string[]): string {
  if (!paths.every((path) => existsSync(path))) return ' (skipped: not installed)';
  return process.getuid?.() === 0 ? '' : ' (skipped: needs root)';
}

function service(title: string, why: string, body: () => Promise<void>): void {
  test.skipIf(why !== '')(`${title}${why}`, { timeout: TIMEOUT_MS }, body);
}

/** A counter of the server. */
async function counter(name: string): Promise<number> {
  const rows = await ask(server.port, 'stats\r\n');
  return Number(new RegExp(`^STAT ${name} (\\d+)`, 'm').exec(rows)?.[1]);
}

service('PostgreSQL reads and writes by pgmemcache, in both protocols', obstacle(PGMEMCACHE), async () => {
  const port = await freePort();
  const data = join(folder, 'data');
  mkdirSync(data);
  await run('chown', ['postgres', data]);
  const asPostgres = (...command: readonly string[]) =>
    run('setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', ...command]);
  const made = await asPostgres(`${POSTGRES}/initdb`, '-D', data, '-A', 'trust', '--no-sync');
  expect(made.code, made.errors).toBe(0);
  const settings = ['port', port, 'listen_addresses', '127.0.0.1', 'unix_socket_directories', data, 'fsync', 'off'];
  const options = settings.flatMap((word, index) => (index % 2 === 0 ? ['-c', `${word}=${settings[index + 1]}`] : []));
  const postgres = [
    '--reuid=postgres',
    '--regid=postgres',
    '--clear-groups',
    `${POSTGRES}/postgres`,
    '-D',
    data,
    ...options,
  ];
  await untilListening(port, start('setpriv', [...postgres, '-c', 'shared_preload_libraries=pgmemcache']));
  const ask = async (...queries: readonly string[]) => {
    const commands = queries.flatMap((query) => ['-c', query]);
    const { output } = await asPostgres(
      'psql',
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-d',
      'postgres',
      '-XAtq',
      ...commands,
    );
    return output.trim().split('\n');
  };
  await vi.waitFor(async () => expect(await ask('SELECT 1')).toEqual(['1']), { timeout: TIMEOUT_MS, interval: 200 });
  await ask('CREATE EXTENSION pgmemcache');
  // Its incr and decr carry an initial value, which libmemcached sends in the binary protocol only.
  for (const [isBinary, ...numbers] of [
    ['0', '-1', '-1'],
    ['1', '8', '7'],
  ]) {
    const replies = await ask(
      `SET pgmemcache.default_behavior = 'BINARY_PROTOCOL:${isBinary}'`,
      `SELECT memcache_server_add('127.0.0.1:${server.port}')`,
      "SELECT memcache_set('k', 'value')",
      "SELECT memcache_get('k')",
      "SELECT memcache_add('k', 'other')",
      "SELECT memcache_append('k', '!')",
      "SELECT memcache_get('k')",
      "SELECT memcache_set('n', '5')",
      "SELECT memcache_incr('n', 3)",
      "SELECT memcache_decr('n', 1)",
      "SELECT memcache_delete('k')",
      "SELECT memcache_get('k') IS NULL",
    );
    expect(replies).toEqual(['t', 't', 'value', 'f', 't', 'value!', 't', ...numbers, 't', 't']);
  }
});

service('Apache keeps logins in the cache by mod_socache_memcache', obstacle(APACHE, SOCACHE), async () => {
  const port = await freePort();
  writeFileSync(
    join(folder, 'users'),
    `ann:{SHA}${Buffer.from('cbfdac6008f9cab4083784cbd1874f76618d2a97', 'hex').toString('base64')}\n`,
  );
  mkdirSync(join(folder, 'pages'));
  writeFileSync(join(folder, 'pages', 'index.html'), 'inside');
  const modules = [
    'mpm_event',
    'authn_core',
    'authn_file',
    'authn_socache',
    'socache_memcache',
    'auth_basic',
    'authz_core',
    'authz_user',
  ];
  const configuration = `
    ${modules.map((name) => `LoadModule ${name}_module ${APACHE_MODULES}/mod_${name}.so`).join('\n')}
    ServerName localhost
    Listen 127.0.0.1:${port}
    User www-data
    PidFile ${folder}/apache.pid
    ErrorLog ${folder}/apache.log
    DocumentRoot ${folder}/pages
    AuthnCacheSOCache memcache:127.0.0.1:${server.port}
    <Directory ${folder}/pages>
      AuthType Basic
      AuthName inside
      AuthBasicProvider socache file
      AuthnCacheProvideFor file
      AuthUserFile ${folder}/users
      Require valid-user
    </Directory>
  `;
  const path = join(folder, 'apache.conf');
  writeFileSync(path, configuration);
  await untilListening(port, start(APACHE, ['-f', path, '-DFOREGROUND']));
  const [sets, hits] = [await counter('cmd_set'), await counter('get_hits')];
  const get = async (password: string) => {
    const authorization = `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`;
    const reply = await fetch(`http://127.0.0.1:${port}/index.html`, { headers: { authorization } });
    return [reply.status, reply.ok ? await reply.text() : ''];
  };
  expect(await get('password123')).toEqual([200, 'inside']);
  expect(await get('password123')).toEqual([200, 'inside']);
  expect(await get('wrong')).toEqual([401, '']);
  expect(await counter('cmd_set')).toBe(sets + 1);
  expect(await counter('get_hits')).toBe(hits + 2);
});
