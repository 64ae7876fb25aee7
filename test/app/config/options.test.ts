// Every option by flag, environment and file, their precedence, and what is printed instead of starting.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../src/app/config/config.js';
import { makeConfigSchema, OWN_KEYWORDS } from '../../../src/app/config/config-schema.js';
import type { Environment } from '../../../src/app/config/environment.js';
import { environmentName, OPTIONS } from '../../../src/app/config/option-table.js';
import type { Language } from '../../../src/objects/types/loaded-type.js';
import { useConfigDirectory } from './config-directory.js';

const { path, load, loadOrPrint, writeFile } = useConfigDirectory();

function firstFolder({ typeFolders }: Config, language: Language): string | undefined {
  return typeFolders.find((folder) => folder.language === language)?.path;
}

function hasAddresses(...wanted: readonly object[]): (config: Config) => boolean {
  return ({ listeners }) => JSON.stringify(listeners.map(({ address }) => address)) === JSON.stringify(wanted);
}

interface OptionCase {
  readonly name: string;
  /** The value on the command line; none for a switch. */
  readonly text?: string;
  readonly short?: string;
  /** Other flags that the option requires. */
  readonly needs?: Environment;
  readonly expected: Partial<Config> | ((config: Config) => boolean);
}

const WITH_TLS: Environment = { CACHEISMO_ENABLE_SSL: 'yes', CACHEISMO_SSL_CHAIN_CERT: 'c.pem' };

const CASES: readonly OptionCase[] = [
  { name: 'port', short: '-p', text: '11311', expected: hasAddresses({ host: '127.0.0.1', port: 11311 }) },
  {
    name: 'listen',
    short: '-l',
    text: '0.0.0.0,[::1]:5',
    expected: hasAddresses({ host: '0.0.0.0', port: 11211 }, { host: '::1', port: 5 }),
  },
  { name: 'unix-socket', short: '-s', text: '/tmp/cache.sock', expected: { unixSocketPath: '/tmp/cache.sock' } },
  { name: 'unix-mask', short: '-a', text: '770', expected: { unixMask: 0o770 } },
  { name: 'conn-limit', short: '-c', text: '12', expected: { connectionLimit: 12 } },
  { name: 'wait-when-full', expected: { waitsWhenFull: true } },
  { name: 'listen-backlog', short: '-b', text: '77', expected: { listenBacklog: 77 } },
  { name: 'udp-port', short: '-U', text: '0', expected: {} },
  { name: 'protocol', short: '-B', text: 'ascii', expected: { protocol: 'ascii' } },
  { name: 'auth-file', short: '-Y', text: '/users', expected: { authFile: '/users', userFile: '/users' } },
  { name: 'enable-sasl', short: '-S', needs: { CACHEISMO_SASL_PWDB: '/users' }, expected: { saslEnabled: true } },
  { name: 'sasl-pwdb', text: '/users', needs: { CACHEISMO_ENABLE_SASL: 'yes' }, expected: { userFile: '/users' } },
  { name: 'idle-timeout', text: '9', expected: { idleTimeoutSeconds: 9 } },
  { name: 'value-timeout', text: '9', expected: { valueTimeoutSeconds: 9 } },
  { name: 'write-timeout', text: '9', expected: { writeTimeoutSeconds: 9 } },
  { name: 'transport', text: 'net', expected: { transport: 'net' } },
  { name: 'threads', short: '-t', text: '4', expected: { threads: 4 } },
  {
    name: 'enable-ssl',
    short: '-Z',
    needs: { CACHEISMO_SSL_CHAIN_CERT: 'c.pem' },
    expected: ({ tls, listeners }) => tls?.keyFile === path('c.pem') && listeners[0]?.tls === true,
  },
  {
    name: 'ssl-chain-cert',
    text: 'd.pem',
    needs: { CACHEISMO_ENABLE_SSL: 'yes' },
    expected: ({ tls }) => tls?.chainFile === path('d.pem'),
  },
  { name: 'ssl-key', text: '/k.pem', needs: WITH_TLS, expected: ({ tls }) => tls?.keyFile === '/k.pem' },
  { name: 'ssl-keyformat', text: 'der', needs: WITH_TLS, expected: ({ tls }) => tls?.keyFormat === 'DER' },
  { name: 'ssl-ca-cert', text: '/a.pem', needs: WITH_TLS, expected: ({ tls }) => tls?.authorityFile === '/a.pem' },
  {
    name: 'ssl-verify-mode',
    text: '2',
    needs: { ...WITH_TLS, CACHEISMO_SSL_CA_CERT: 'a.pem' },
    expected: ({ tls }) => tls?.verifyMode === 2,
  },
  { name: 'ssl-min-version', text: '3', needs: WITH_TLS, expected: ({ tls }) => tls?.minVersion === 3 },
  { name: 'ssl-ciphers', text: 'A:B', needs: WITH_TLS, expected: ({ tls }) => tls?.ciphers === 'A:B' },
  { name: 'ssl-session-cache', needs: WITH_TLS, expected: ({ tls }) => tls?.sessionCache === true },
  { name: 'ssl-kernel-tls', needs: WITH_TLS, expected: ({ tls }) => tls?.kernelTls === true },
  { name: 'ssl-wbuf-size', text: '4', needs: WITH_TLS, expected: ({ tls }) => tls?.writeBufferBytes === 4096 },
  { name: 'memory-limit', short: '-m', text: '256', expected: { memoryLimitBytes: 256 * 1024 * 1024 } },
  { name: 'memory-limit', text: '2g', expected: { memoryLimitBytes: 2 * 1024 ** 3 } },
  { name: 'memory-limit', text: '8192m', expected: { memoryLimitBytes: 8192 * 1024 ** 2 } },
  { name: 'memory-reserve', text: '2g', expected: { memoryReserveBytes: 2 * 1024 ** 3 } },
  { name: 'max-item-size', short: '-I', text: '2m', expected: { itemLimitBytes: 2 * 1024 * 1024 } },
  { name: 'max-item-size', text: '512k', expected: { itemLimitBytes: 512 * 1024 } },
  { name: 'max-item-size', text: '2048', expected: { itemLimitBytes: 2048 } },
  {
    name: 'memory-file',
    short: '-e',
    text: 'cache.mem',
    expected: ({ memoryFile }) => memoryFile === path('cache.mem'),
  },
  { name: 'disable-evictions', short: '-M', expected: { evictionsAllowed: false } },
  { name: 'disable-cas', short: '-C', expected: { casAllowed: false } },
  { name: 'disable-flush-all', short: '-F', expected: { flushAllAllowed: false } },
  { name: 'disable-watch', short: '-W', expected: { watchAllowed: false } },
  { name: 'disable-samples', expected: { requestsSampled: false } },
  { name: 'watcher-logbuf-size', text: '8', expected: { watcherLogBytes: 8192 } },
  { name: 'worker-logbuf-size', text: '16', expected: { workerLogBytes: 16384 } },
  { name: 'prefix-delimiter', short: '-D', text: '/', expected: { prefixDelimiter: '/', prefixesCounted: true } },
  { name: 'disable-dumping', short: '-X', expected: { dumpingAllowed: false } },
  { name: 'enable-shutdown', short: '-A', expected: { shutdownAllowed: true } },
  { name: 'debug-commands', expected: { debugCommandsAllowed: true } },
  { name: 'scripts', text: 'lua', expected: (config) => firstFolder(config, 'lua') === path('lua') },
  { name: 'plugins', text: 'ts', expected: (config) => firstFolder(config, 'typescript') === path('ts') },
  { name: 'types', text: 'gcra,lease', expected: { typesServed: ['gcra', 'lease'] } },
  { name: 'virtual-prefix', text: 'ns:,:1:', expected: { virtualPrefixes: ['ns:', ':1:'] } },
  {
    name: 'virtual-prefix-required',
    needs: { CACHEISMO_VIRTUAL_PREFIX: 'obj:' },
    expected: { virtualPrefixRequired: true },
  },
  { name: 'call-steps', text: '5000', expected: ({ callBudget }) => callBudget.steps === 5000 },
  { name: 'call-bytes', text: '2m', expected: ({ callBudget }) => callBudget.bytes === 2 * 1024 * 1024 },
  { name: 'call-milliseconds', text: '7', expected: ({ callBudget }) => callBudget.milliseconds === 7 },
  { name: 'type-memory', text: '3m', expected: ({ typeMemoryBytes }) => typeMemoryBytes === 3 * 1024 * 1024 },
  { name: 'pinned-limit', text: '40%', expected: { pinnedLimit: { percent: 40 } } },
  { name: 'pinned-limit', text: '90%', expected: { pinnedLimit: { percent: 90 } } },
  { name: 'pinned-limit', text: '3M', expected: { pinnedLimit: { bytes: 3 * 1024 * 1024 } } },
  { name: 'pinned-limit', text: '5000', expected: { pinnedLimit: { bytes: 5000 } } },
  { name: 'no-objects', expected: { objectsAllowed: false } },
  { name: 'admin-port', text: '9150', expected: { adminPort: 9150 } },
  { name: 'admin-listen', text: '::1', needs: { CACHEISMO_ADMIN_PORT: '9150' }, expected: { adminHost: '::1' } },
  {
    name: 'admin-token-file',
    text: '/tmp/token',
    needs: { CACHEISMO_ADMIN_PORT: '9150' },
    expected: { adminTokenFile: '/tmp/token' },
  },
  { name: 'log-format', text: 'json', expected: { logFormat: 'json' } },
  { name: 'user', short: '-u', text: 'nobody', expected: { user: 'nobody' } },
  { name: 'pidfile', short: '-P', text: '/tmp/cache.pid', expected: { pidFile: '/tmp/cache.pid' } },
  { name: 'watchdog-seconds', text: '0', expected: { watchdogSeconds: 0 } },
  { name: 'debug-check', text: '60', expected: { debugCheckSeconds: 60 } },
  { name: 'daemon', short: '-d', expected: { daemon: true } },
  { name: 'lock-memory', short: '-k', expected: { memoryLocked: true } },
  { name: 'enable-coredumps', short: '-r', expected: { coreDumps: true } },
  { name: 'extended', short: '-o', text: 'idle_timeout=7', expected: { idleTimeoutSeconds: 7 } },
  { name: 'extended', text: 'no_maxconns_fast', expected: { waitsWhenFull: true } },
];

function check(config: Config, { expected }: OptionCase): void {
  if (typeof expected === 'function') expect(expected(config)).toBe(true);
  else expect(config).toMatchObject(expected);
}

describe.each(CASES)('--$name $text', (row) => {
  const { name, text, short, needs = {} } = row;
  const value = text === undefined ? [] : [text];

  test('by its flags', async () => {
    check(await load([`--${name}`, ...value], needs), row);
    if (text !== undefined) check(await load([`--${name}=${text}`], needs), row);
    if (short !== undefined) check(await load([short, ...value], needs), row);
    if (short !== undefined && text !== undefined) check(await load([`${short}${text}`], needs), row);
  });

  test('by the environment', async () => {
    check(await load([], { ...needs, [environmentName({ name })]: text ?? 'yes' }), row);
  });

  test('by a file', async () => {
    writeFile('cacheismo.config.json', JSON.stringify({ [name]: text ?? true }));
    check(await load([], needs), row);
  });
});

test('every option has a case above', () => {
  const tried = new Set([...CASES.map(({ name }) => name), 'verbose']);
  expect(OPTIONS.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
});

test('the schema is valid', () => {
  const ajv = new Ajv2020({ strict: true }).addVocabulary(OWN_KEYWORDS);
  expect(ajv.validateSchema(makeConfigSchema())).toBe(true);
});

test('schemas/config.schema.json is the one that the rows produce', () => {
  const file = fileURLToPath(new URL('../../../schemas/config.schema.json', import.meta.url));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(makeConfigSchema());
});

test('defaults are safe, and otherwise those of memcached', async () => {
  expect(await load()).toMatchObject({
    listeners: [{ address: { host: '127.0.0.1', port: 11211 }, protocols: 'auto', tls: false, transport: 'auto' }],
    memoryLimitBytes: 64 * 1024 * 1024,
    itemLimitBytes: 1024 * 1024,
    connectionLimit: 1024,
    evictionsAllowed: true,
    shutdownAllowed: false,
    debugCommandsAllowed: false,
    unixMask: 0o700,
    verbosity: 0,
    notices: [],
  });
});

test('the configuration is frozen', async () => {
  expect(Object.isFrozen(await load())).toBe(true);
});

test('each -v raises the verbosity', async () => {
  expect((await load(['-v'])).verbosity).toBe(1);
  expect((await load(['-vv'])).verbosity).toBe(2);
  expect((await load([], { CACHEISMO_VERBOSE: '2' })).verbosity).toBe(2);
});

test('a repeated list option adds to the list', async () => {
  expect((await load(['-l', '127.0.0.1', '-l', '[::1]'])).listeners).toHaveLength(2);
});

test('flags take precedence over the environment, and the environment over the file', async () => {
  writeFile('cacheismo.config.yaml', 'memory-limit: 100\nconn-limit: 10\nthreads: 2\n');
  const environment = { CACHEISMO_CONN_LIMIT: '20', CACHEISMO_THREADS: '3' };
  const config = await load(['-t', '4'], environment);
  expect(config).toMatchObject({ memoryLimitBytes: 100 * 1024 * 1024, connectionLimit: 20, threads: 4 });
});

test('-vvvv is taken for -vvv', async () => {
  expect((await load(['-vvvv'])).verbosity).toBe(3);
});

test('the plain form of an option takes precedence over its extended form', async () => {
  expect((await load(['-o', 'idle_timeout=5', '--idle-timeout', '6'])).idleTimeoutSeconds).toBe(6);
});

test('the default item size shrinks with a small memory', async () => {
  expect((await load(['-m', '1'])).itemLimitBytes).toBe(512 * 1024);
});

describe('instead of starting', () => {
  test('-V prints the version', async () => {
    expect(await loadOrPrint(['-V'])).toEqual({ print: 'cacheismo 0.1.0\n' });
  });

  test('-i prints the license', async () => {
    const result = await loadOrPrint(['-i']);
    expect('print' in result ? result.print : '').toMatch(/^MIT License\n/);
  });

  test('-h prints every option', async () => {
    const result = await loadOrPrint(['-h']);
    const help = 'print' in result ? result.print : '';
    for (const { name } of OPTIONS) expect(help).toContain(`--${name}`);
    expect(help).toContain('(default: 11211)');
  });
});
