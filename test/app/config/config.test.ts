// Configuration: every option by flag, environment and file, their precedence, and the error line of each refusal.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Config, loadConfig } from '../../../src/app/config/config.js';
import { checkMemory, fitConnectionLimit } from '../../../src/app/config/config-check.js';
import { makeConfigSchema, OWN_KEYWORDS } from '../../../src/app/config/config-schema.js';
import type { Environment } from '../../../src/app/config/environment.js';
import { environmentName, OPTIONS } from '../../../src/app/config/option-table.js';
import { settingRows } from '../../../src/app/config/setting-rows.js';
import { StartError } from '../../../src/app/start-error.js';
import { largestLimitBytes } from '../../../src/arena/memory.js';
import type { Language } from '../../../src/objects/types/loaded-type.js';
import { loadStatistics } from '../../conformance/recorded/load.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cacheismo-config-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function load(args: readonly string[] = [], environment: Environment = {}): Promise<Config> {
  const config = await loadConfig({ args, environment, directory });
  if ('print' in config) throw new Error(`printed instead: ${config.print}`);
  return config;
}

async function refusal(args: readonly string[], environment: Environment = {}): Promise<string> {
  try {
    await load(args, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    expect((error as StartError).exitCode).toBe(64);
    return (error as StartError).message;
  }
  throw new Error('was accepted');
}

function writeFile(name: string, content: string): void {
  writeFileSync(join(directory, name), content);
}

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
    expected: ({ tls, listeners }) => tls?.keyFile === join(directory, 'c.pem') && listeners[0]?.tls === true,
  },
  {
    name: 'ssl-chain-cert',
    text: 'd.pem',
    needs: { CACHEISMO_ENABLE_SSL: 'yes' },
    expected: ({ tls }) => tls?.chainFile === join(directory, 'd.pem'),
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
    expected: ({ memoryFile }) => memoryFile === join(directory, 'cache.mem'),
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
  { name: 'scripts', text: 'lua', expected: (config) => firstFolder(config, 'lua') === join(directory, 'lua') },
  { name: 'plugins', text: 'ts', expected: (config) => firstFolder(config, 'typescript') === join(directory, 'ts') },
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

test.each([
  ['-U 34567', '-U 34567 has no effect: there is no UDP'],
  ['-U -1', '-U -1 has no effect: there is no UDP'],
])('%s is taken with a notice', async (line, notice) => {
  expect((await load(line.split(' '))).notices).toEqual([notice]);
});

test.each([
  { flags: ['-o', 'ssl_chain_cert=c.pem'], label: '-o ssl_chain_cert' },
  { flags: ['-o', 'ssl_key=/k.pem'], label: '-o ssl_key' },
  { flags: ['-o', 'ssl_verify_mode=2'], label: '-o ssl_verify_mode' },
  { flags: ['--ssl-session-cache'], label: '--ssl-session-cache' },
  { flags: ['--ssl-kernel-tls'], label: '--ssl-kernel-tls' },
  { environment: { CACHEISMO_SSL_KEY: '/k.pem' }, label: 'CACHEISMO_SSL_KEY' },
])(
  '$label without -Z stops the start, since nothing would be encrypted',
  async ({ flags = [], environment, label }) => {
    expect(await refusal(flags, environment)).toBe(
      `${label}: without -Z nothing is encrypted: add -Z, or leave out the option`,
    );
  },
);

test('several options of TLS without -Z are named in one line', async () => {
  expect(await refusal(['-o', 'ssl_chain_cert=c.pem,ssl_key=k.pem'])).toBe(
    '-o ssl_chain_cert, -o ssl_key: without -Z nothing is encrypted: add -Z, or leave out the options',
  );
  expect((await load([], { CACHEISMO_SSL_SESSION_CACHE: 'no' })).notices).toEqual([]);
});

test('-p -1 takes any free port, as 0 does; an empty -o names nothing', async () => {
  const { listeners, notices } = await load(['-p', '-1', '-o', '']);
  expect(listeners.map(({ address }) => address)).toEqual([{ host: '127.0.0.1', port: 0 }]);
  expect(notices).toEqual([]);
});

test('no_modern is what memcached makes of it, and what is named after it counts', async () => {
  const settings = async (text: string) => Object.fromEntries(settingRows(await load(['-o', text])));
  expect(await settings('no_modern')).toMatchObject({
    maxconns_fast: 'yes',
    slab_reassign: 'no',
    slab_automove: '0',
    lru_crawler: 'no',
    hash_algorithm: 'jenkins',
    lru_maintainer_thread: 'no',
    lru_segmented: 'no',
  });
  expect(await settings('no_modern,lru_crawler')).toMatchObject({ lru_crawler: 'yes', lru_maintainer_thread: 'no' });
  expect(await settings('temporary_ttl=30')).toMatchObject({ temp_lru: 'yes', temporary_ttl: '30' });
});

test('the plain form of an option takes precedence over its extended form', async () => {
  expect((await load(['-o', 'idle_timeout=5', '--idle-timeout', '6'])).idleTimeoutSeconds).toBe(6);
});

test('the default item size shrinks with a small memory', async () => {
  expect((await load(['-m', '1'])).itemLimitBytes).toBe(512 * 1024);
});

describe('files', () => {
  test.each([
    ['cacheismo.config.yaml', 'memory-limit: 1g\nlisten: [127.0.0.1, "[::1]"]\n'],
    ['cacheismo.config.yml', 'memory-limit: 1g\nlisten: 127.0.0.1,[::1]\n'],
    ['cacheismo.config.json', '{"memory-limit": 1024, "listen": ["127.0.0.1", "[::1]"]}'],
    ['.cacheismorc', 'memory-limit: 1024\nlisten: ["127.0.0.1", "[::1]"]\n'],
  ])('%s is found', async (name, content) => {
    writeFile(name, content);
    const config = await load();
    expect(config.memoryLimitBytes).toBe(1024 ** 3);
    expect(config.listeners).toHaveLength(2);
  });

  test.each([
    ['cacheismo.config.json', '{ "memory-limit": 1024 }'],
    ['cacheismo.config.yaml', 'memory-limit: 1024\n'],
    ['.cacheismorc', 'memory-limit: 1024\n'],
  ])('%s may begin with a byte order mark', async (name, content) => {
    writeFile(name, `\uFEFF${content}`);
    expect((await load()).memoryLimitBytes).toBe(1024 ** 3);
  });

  test('another file can be named by flag or environment', async () => {
    writeFile('other.yaml', 'unix-mask: 0770\nverbose: 1\n');
    expect(await load(['--config', 'other.yaml'])).toMatchObject({ unixMask: 0o770, verbosity: 1 });
    expect(await load([], { CACHEISMO_CONFIG: join(directory, 'other.yaml') })).toMatchObject({ verbosity: 1 });
  });

  test.each([
    ['port: eleven', 'other.yaml: port eleven: must be an integer from 0 to 65535, or -1 for any free one'],
    ['port: 1.5', 'other.yaml: port 1.5: must be an integer from 0 to 65535, or -1 for any free one'],
    ['disable-cas: 2', 'other.yaml: disable-cas 2: must be true or false'],
    ['memoryLimit: 5', 'other.yaml: memoryLimit: unknown option; did you mean memory-limit?'],
    ['prt: 5', 'other.yaml: prt: unknown option'],
    ['__proto__: 5', 'other.yaml: __proto__: unknown option; did you mean protocol?'],
    ['- port', 'other.yaml: must hold options by name, such as memory-limit: 256'],
  ])('%s is refused', async (content, line) => {
    writeFile('other.yaml', `${content}\n`);
    expect(await refusal(['--config', 'other.yaml'])).toBe(line);
  });

  test('a malformed file that was found is named, and the line ends where the reason does', async () => {
    writeFile('cacheismo.config.yaml', 'port: 1\nlisten: {\na: 1\n');
    const reason = /^cacheismo\.config\.yaml: Flow map in block collection must be .* at line 3, column 1$/;
    expect(await refusal([])).toMatch(reason);
    expect(await refusal(['--config', 'cacheismo.config.yaml'])).toMatch(/^--config cacheismo.* column 1$/);
  });

  test('a missing or malformed file is refused in one line', async () => {
    writeFile('broken.json', '{"port": ');
    writeFile('config.toml', '');
    for (const name of ['missing.yaml', 'broken.json', 'config.toml']) {
      const line = await refusal(['--config', name]);
      expect(line).toMatch(new RegExp(`^--config ${name.replace('.', '\\.')}: .+$`));
    }
  });
});

test.each([
  ['-Y users', 'ascii', 'users'],
  ['-S -Y users', 'auto', 'users'],
  ['-S -o sasl_pwdb=users', 'binary', 'users'],
  ['-S -Y users -B binary', 'binary', 'users'],
])('%s serves %s, and the users are those of the file %s', async (line, protocol, file) => {
  const { listeners, userFile } = await load(line.split(' '));
  expect(listeners.map(({ protocols }) => protocols)).toEqual([protocol]);
  expect(userFile).toBe(join(directory, file));
});

test('-S uses the file of MEMCACHED_SASL_PWDB if none is given, and without -S the variable has no effect', async () => {
  const environment = { MEMCACHED_SASL_PWDB: '/users' };
  expect(await load(['-S'], environment)).toMatchObject({ protocol: 'binary', userFile: '/users' });
  expect(await load(['-S', '-Y', '/others'], environment)).toMatchObject({ protocol: 'auto', userFile: '/others' });
  expect(await load([], environment)).toMatchObject({ protocol: 'auto', userFile: undefined });
});

test('an address beyond loopback without TLS and without a login causes one warning', async () => {
  const notices = async (line: string) => (await load(line.split(' '))).notices;
  const warning = (places: string) => [
    `${places}: everybody who can connect may read and change everything, as there is neither TLS (-Z) nor a login (-Y, -S)`,
  ];
  expect(await notices('-l 0.0.0.0,127.0.0.1,10.0.0.1:5')).toEqual(warning('0.0.0.0, 10.0.0.1'));
  expect(await notices('-l *')).toEqual(warning('all addresses'));
  expect(await notices('-l 127.0.0.1,127.1.2.3,[::1]:11211,localhost')).toEqual([]);
  expect(await notices('-l 0.0.0.0 -Y users')).toEqual([]);
  expect(await notices('-l 0.0.0.0 -Z -o ssl_chain_cert=c.pem')).toEqual([]);
  expect(await notices('-l 0.0.0.0,notls:10.0.0.1 -Z -o ssl_chain_cert=c.pem')).toEqual(warning('10.0.0.1'));
  expect(await notices('-s /tmp/cache.sock')).toEqual([]);
});

test('-Z encrypts all addresses but those that begin with notls:', async () => {
  const args = ['-Z', '-o', 'ssl_chain_cert=c.pem', '-l', '127.0.0.1,notls:127.0.0.1:11212'];
  const { listeners } = await load(args);
  expect(listeners.map(({ tls }) => tls)).toEqual([true, false]);
});

test.each([
  ['-l notls:127.0.0.1', '-Z has no effect: every address begins with notls:'],
  ['-o ssl_ca_cert=a.pem', '-o ssl_ca_cert has no effect: ssl_verify_mode 0 asks no client for a certificate'],
  ['-o ssl_wbuf_size=64', '-o ssl_wbuf_size: a record of TLS holds at most 16 kilobytes'],
])('TLS with %s is served with a notice', async (more, notice) => {
  const { notices } = await load(['-Z', '-o', 'ssl_chain_cert=c.pem', ...more.split(' ')]);
  expect(notices).toContain(notice);
});

describe('refusals name the option as given, the value and what is allowed', () => {
  test.each([
    ['-p abc', '-p abc: must be an integer from 0 to 65535, or -1 for any free one'],
    ['-p 65536', '-p 65536: must be an integer from 0 to 65535, or -1 for any free one'],
    ['--port 1e3', '--port 1e3: must be an integer from 0 to 65535, or -1 for any free one'],
    ['--port=0x10', '--port 0x10: must be an integer from 0 to 65535, or -1 for any free one'],
    ['--port=-2', '--port -2: must be an integer from 0 to 65535, or -1 for any free one'],
    ['-p 80k', '-p 80k: must be an integer from 0 to 65535, or -1 for any free one'],
    ['-U 70000', '-U 70000: must be an integer from -1 to 65535'],
    ['-m 0', '-m 0: must be from 1 to 32700 MiB; also with a suffix as in 512m or 2g'],
    ['-m 40000', '-m 40000: must be from 1 to 32700 MiB; also with a suffix as in 512m or 2g'],
    ['-m 100k', '-m 100k: must be from 1 to 32700 MiB; also with a suffix as in 512m or 2g'],
    ['-I 1023', '-I 1023: must be a size from 1k to 1024m'],
    ['-I 2g', '-I 2g: must be a size from 1k to 1024m'],
    ['-I 33m', '-I 33m: must be at most half of the memory limit, 32768k'],
    ['-c 0', '-c 0: must be an integer from 1 to 1000000'],
    ['-t 65', '-t 65: must be an integer from 1 to 64'],
    ['-t 0', '-t 0: must be an integer from 1 to 64'],
    ['-b 0', '-b 0: must be an integer from 1 to 65535'],
    ['-a 999', '-a 999: must be an octal mask such as 700 or 770'],
    ['-s', "option '-s, --unix-socket <file>' argument missing; see cacheismo --help"],
    [`-s ${'x'.repeat(108)}`, `-s ${'x'.repeat(108)}: must be a path of 1 to 107 bytes`],
    ['-l 127.0.0.1:70000', '-l 127.0.0.1:70000: must be host, host:port or [host]:port'],
    [
      '-l proto[meta]:a',
      '-l proto[meta]:a: must be proto[ascii]:, proto[binary]: or proto[negotiating]: before an address',
    ],
    ['-l a,,b', '-l a,,b: must be addresses such as 127.0.0.1, 0.0.0.0, localhost:11212 or [::1]:11211'],
    ['--transport quic', '--transport quic: must be one of auto, net, epoll'],
    ['--log-format xml', '--log-format xml: must be one of auto, pretty, json'],
    ['--value-timeout 0', '--value-timeout 0: must be an integer from 1 to 86400'],
    ['--write-timeout x', '--write-timeout x: must be an integer from 1 to 86400'],
    ['-o idle_timeout', '-o idle_timeout : must be an integer from 0 to 2000000000'],
    ['-o idle_timeout=x', '-o idle_timeout x: must be an integer from 0 to 2000000000'],
    ['-o warp=9', '-o warp: unknown option; see cacheismo --help'],
    ['-f 1.0', '-f 1.0: must be a number above 1'],
    ['-n 0', '-n 0: must be an integer from 1 to 4294967295'],
    ['-R 0', '-R 0: must be an integer from 1 to 4294967295'],
    ['-N x', '-N x: must be an integer from 1 to 4294967295'],
    ['-o hash_algorithm=foo', '-o hash_algorithm foo: must be one of jenkins, murmur3, xxh3'],
    ['-o hashpower=33', '-o hashpower 33: must be an integer from 12 to 32'],
    ['-o hot_lru_pct=110', '-o hot_lru_pct 110: must be an integer from 1 to 79'],
    ['-o hot_lru_pct=50', '-o hot_lru_pct 50 and warm_lru_pct 40: must be at most 80 together'],
    ['-o warm_max_factor=0', '-o warm_max_factor 0: must be a number above 0'],
    ['-o tail_repair_time=9', '-o tail_repair_time 9: must be an integer from 10 to 4294967295'],
    ['-o lru_crawler_sleep=1000001', '-o lru_crawler_sleep 1000001: must be an integer from 0 to 1000000'],
    ['-o slab_automove=3', '-o slab_automove 3: must be an integer from 0 to 2'],
    ['-o slab_automove_ratio=1', '-o slab_automove_ratio 1: must be a number above 0 and below 1'],
    ['-o slab_automove_window=2', '-o slab_automove_window 2: must be an integer from 3 to 4294967295'],
    ['-o slab_sizes=small', '-o slab_sizes small: must be sizes such as 100-200-300'],
    ['-o temporary_ttl', '-o temporary_ttl : must be an integer from 0 to 4294967295'],
    ['-o modern,', '-o : unknown option; see cacheismo --help'],
    ['-Z -o ssl_chain_cert=c.pem,ssl_verify_mode=4', '-o ssl_verify_mode 4: must be an integer from 0 to 3'],
    ['-Z -o ssl_chain_cert=c.pem,ssl_keyformat=ENGINE', '-o ssl_keyformat ENGINE: must be PEM or DER'],
    [
      '-Z -o ssl_chain_cert=c.pem,ssl_verify_mode=2',
      '-o ssl_verify_mode 2: needs those who may sign, as in -o ssl_ca_cert=ca.pem',
    ],
    ['-Z -o ssl_chain_cert=c.pem -s x', '-Z: a Unix socket is not encrypted: leave out -s or -Z'],
    ['-S', '-S: needs a file of users, as in -Y users or -o sasl_pwdb=users'],
    ['-o sasl_pwdb=users', '-o sasl_pwdb: needs -S, without which nobody logs in by SASL'],
    ['-S -Y users -o sasl_pwdb=others', '-o sasl_pwdb: must be the file of -Y, or be left out'],
    ['-S -B ascii -o sasl_pwdb=users', '-B ascii: with -S and without -Y only binary is served'],
    ['-S -B auto -o sasl_pwdb=users', '-B auto: with -S and without -Y only binary is served'],
    ['-Y users -B binary', '-B binary: with -Y and without -S only ascii is served'],
    ['-Y users -B auto', '-B auto: with -Y and without -S only ascii is served'],
    ['-Y users -l proto[binary]:127.0.0.1', '-l: with -Y alone every address speaks ascii only'],
    ['-S -o sasl_pwdb=users -l proto[ascii]:127.0.0.1', '-l: with -S alone every address speaks binary only'],
    ['-Z', '-Z: needs a certificate, as in -o ssl_chain_cert=server.pem'],
    ['--prot 1', "unknown option '--prot' (Did you mean --port?); see cacheismo --help"],
    [
      'start',
      'start: is neither a subcommand (check, test, init, new, call, dump, load, passwd, shards) nor the value of an option; see cacheismo --help',
    ],
    [
      '-C yes',
      'yes: is neither a subcommand (check, test, init, new, call, dump, load, passwd, shards) nor the value of an option; see cacheismo --help',
    ],
    ['--virtual-prefix-required', '--virtual-prefix-required: needs a prefix, as in --virtual-prefix obj:'],
    ['--config no.json', '--config no.json: no such file or directory'],
    ['--config /dev/zero', '--config /dev/zero: is not a regular file'],
  ])('%s', async (line, expected) => {
    expect(await refusal(line.split(' '))).toBe(expected);
  });

  test('in the environment', async () => {
    const line = await refusal([], { CACHEISMO_MEMORY_LIMIT: 'much' });
    expect(line).toBe('CACHEISMO_MEMORY_LIMIT much: must be from 1 to 32700 MiB; also with a suffix as in 512m or 2g');
    expect(await refusal([], { CACHEISMO_DISABLE_CAS: 'maybe' })).toBe(
      'CACHEISMO_DISABLE_CAS maybe: must be true or false',
    );
  });

  test('control characters of the value do not reach the terminal', async () => {
    expect(await refusal(['-p', '1\n\u001b[2J'])).toBe(
      '-p 1??[2J: must be an integer from 0 to 65535, or -1 for any free one',
    );
  });

  test('more connections than descriptors', () => {
    const given = { value: 1000, text: '1000', label: '-c' };
    expect(() => fitConnectionLimit(1000, given, 256)).toThrow(
      '-c 1000: must be at most 192, as the process may open 256 files (ulimit -n)',
    );
    expect(fitConnectionLimit(1024, undefined, 256)).toMatchObject({ limit: 192, notices: [expect.any(String)] });
    expect(fitConnectionLimit(1000, given, 20_000)).toEqual({ limit: 1000, notices: [] });
  });
});

test.each([
  ['CACHEISMO_MEMRY_LIMIT', '; did you mean CACHEISMO_MEMORY_LIMIT?'],
  ['CACHEISMO_MEMORY', '; did you mean CACHEISMO_MEMORY_LIMIT?'],
  ['CACHEISMO_THRAEDS', '; did you mean CACHEISMO_THREADS?'],
  ['CACHEISMO_CONIFG', '; did you mean CACHEISMO_CONFIG?'],
  ['CACHEISMO_ZEBRA_CROSSING', ''],
])('%s is warned of as unknown', async (name, suggestion) => {
  const { notices } = await load([], { [name]: '1' });
  expect(notices).toEqual([`${name} in the environment is no option and has no effect${suggestion}`]);
});

test('variables that Kubernetes sets for a service of the same name cause no warning', async () => {
  const environment = {
    CACHEISMO_SERVICE_HOST: '10.0.0.1',
    CACHEISMO_SERVICE_PORT: '11211',
    CACHEISMO_SERVICE_PORT_MEMCACHED: '11211',
    CACHEISMO_PORT_11211_TCP: 'tcp://10.0.0.1:11211',
    CACHEISMO_PORT_11211_TCP_PROTO: 'tcp',
  };
  expect((await load([], environment)).notices).toEqual([]);
});

test.each([
  ['inet6:::1', { host: '::1', port: 11211 }],
  ['inet6:[::1]:11212', { host: '::1', port: 11212 }],
  ['inet:127.0.0.1', { host: '127.0.0.1', port: 11211 }],
  ['inet:127.0.0.1:11213', { host: '127.0.0.1', port: 11213 }],
  ['notls:127.0.0.1:11213', { host: '127.0.0.1', port: 11213 }],
  ['tag[b]:proto[ascii]:127.0.0.1:11213', { host: '127.0.0.1', port: 11213 }],
])("memcached's notation -l %s names an address", async (text, wanted) => {
  expect((await load(['-l', text])).listeners.map(({ address }) => address)).toEqual([wanted]);
});

test('each listener has its protocols; a Unix socket replaces all addresses', async () => {
  const { listeners } = await load(['-l', 'proto[ascii]:127.0.0.1:1,[::1]:2', '--transport', 'net']);
  expect(listeners).toEqual([
    { address: { host: '127.0.0.1', port: 1 }, protocols: 'ascii', tls: false, transport: 'net' },
    { address: { host: '::1', port: 2 }, protocols: 'auto', tls: false, transport: 'net' },
  ]);
  const unix = await load(['-s', 'cache.sock', '-a', '770', '-l', '127.0.0.1', '-B', 'ascii']);
  const address = { path: 'cache.sock', mode: 0o770 };
  expect(unix.listeners).toEqual([{ address, protocols: 'ascii', tls: false, transport: 'auto' }]);
});

test('more memory than this Node can address is refused with the reason', () => {
  const given = { value: 20_000, text: '20000', label: '-m' };
  const bytes = 20_000 * 1024 ** 2;
  expect(() => checkMemory(bytes, given, 2 ** 34 - 2 ** 25)).toThrow(
    '-m 20000: must be at most 16352 MiB, as arrays of Node 20 end at 16 GiB; Node 22 and later reach 32 GiB',
  );
  expect(() => checkMemory(bytes, given, 2 ** 35 - 2 ** 25)).not.toThrow();
  expect(largestLimitBytes(5)).toBeGreaterThan(2 ** 34 - 2 ** 25);
});

test("a Kubernetes link to a service of the same name is not read as an option's value", async () => {
  const { listeners } = await load([], { CACHEISMO_PORT: 'tcp://10.0.0.1:11211' });
  expect(listeners[0]?.address).toMatchObject({ port: 11211 });
});

test("memcached's options for slabs are accepted and said to be unneeded", async () => {
  const args = '-f 1.25 -n 48 -L -R 20 -N 2 -o slab_automove=1,no_lru_crawler,hashpower=20,modern'.split(' ');
  const { notices } = await load(args);
  expect(notices.map((notice) => notice.split(' is unneeded: ')[0])).toEqual(
    '-f,-n,-L,-R,-N,-o slab_automove,-o no_lru_crawler,-o hashpower,-o modern'.split(','),
  );
  expect((await load([], { CACHEISMO_SLAB_MIN_SIZE: '48' })).notices).toHaveLength(1);
  writeFile('cacheismo.config.yaml', 'slab-min-size: 48\n');
  expect((await load()).notices).toHaveLength(1);
});

test.each([
  [['-B', 'udp'], {}, '-B udp: must be one of auto, ascii, binary'],
  [['--protocol=meta'], {}, '--protocol meta: must be one of auto, ascii, binary'],
  [[], { CACHEISMO_PROTOCOL: 'http' }, 'CACHEISMO_PROTOCOL http: must be one of auto, ascii, binary'],
])('a protocol that is not served is refused: %j %j', async (args, environment, message) => {
  await expect(load(args, environment)).rejects.toThrow(message);
});

test.each(['auto', 'ascii', 'binary'])('the protocol can be chosen: %s', async (name) => {
  expect(await load(['-B', name])).toMatchObject({ protocol: name });
});

/** All that memcached 1.6 documents or accepts, with the values of its help. */
const EXTENDED =
  'maxconns_fast hashpower=20 no_hashexpand tail_repair_time=10 hash_algorithm=xxh3 lru_crawler no_lru_crawler ' +
  'lru_crawler_sleep=100 lru_crawler_tocrawl=0 read_buf_mem_limit=16 resp_obj_mem_limit=16 lru_maintainer no_lru_maintainer ' +
  'hot_lru_pct=20 warm_lru_pct=40 hot_max_factor=0.2 warm_max_factor=2 temporary_ttl=61 slab_reassign no_slab_reassign slab_automove=1 ' +
  'slab_automove_ratio=0.8 slab_automove_window=30 slab_automove_freeratio=0.01 slab_chunk_max=512 slab_sizes=100-200 no_chunked_items ' +
  'track_sizes modern no_modern sock_cookie_id=1 inline_ascii_resp no_inline_ascii_resp ' +
  'drop_privileges no_drop_privileges relaxed_privileges meta_response_old ext_path=/tmp/file:1G ext_page_size=64 ext_page_count=64 ' +
  'ext_wbuf_size=4 ext_threads=1 ext_item_size=512 ext_item_age=5 ext_low_ttl=0 ext_recache_rate=2000 ext_compact_under=4 ' +
  'ext_drop_under=4 ext_max_sleep=1000000 ext_max_frag=0.8 no_ext_drop_unread';

test.each(EXTENDED.split(' '))("memcached's extended option %s is accepted with one notice", async (option) => {
  const { notices } = await load(['-o', option]);
  expect(notices).toEqual([expect.stringMatching(new RegExp(`^-o ${option.split('=')[0]} is unneeded: .+`))]);
});

test('stats settings has exactly the rows of memcached 1.6.45, with the values of the options', async () => {
  const rows = settingRows(await load(['-m', '100', '-M', '-c', '99', '-A', '-a', '770']));
  expect(rows.map(([name]) => name)).toEqual([...(loadStatistics().get('settings') ?? new Map()).keys()]);
  const settings = Object.fromEntries(rows);
  expect(settings).toMatchObject({
    maxbytes: 104857600,
    maxconns: 99,
    evictions: 'off',
    umask: '770',
    shutdown_command: 'yes',
  });
  expect(settings).toMatchObject({ domain_socket: 'NULL', flush_enabled: 'yes', binding_protocol: 'auto-negotiate' });
});

test("stats settings shows options without effect as given, and memcached's default otherwise", async () => {
  const recorded = loadStatistics().get('settings') ?? new Map<string, string>();
  const depends = ['maxbytes', 'tcpport', 'inter', 'num_threads', 'num_threads_per_udp'];
  const shown = new Map(settingRows(await load([])).map(([name, value]) => [name, String(value)]));
  for (const [name, value] of recorded)
    if (!depends.includes(name)) expect([name, shown.get(name)]).toEqual([name, value]);
  const options =
    'no_lru_crawler,hash_algorithm=jenkins,slab_automove_ratio=0.5,worker_logbuf_size=32,no_maxconns_fast';
  expect(
    Object.fromEntries(settingRows(await load(['-f', '1.1', '-n', '72', '-D', '/', '-o', options]))),
  ).toMatchObject({
    growth_factor: '1.10',
    chunk_size: '72',
    stat_key_prefix: '/',
    detail_enabled: 'yes',
    lru_crawler: 'no',
    hash_algorithm: 'jenkins',
    slab_automove_ratio: '0.50',
    worker_logbuf_size: 32768,
    maxconns_fast: 'no',
  });
});

describe('instead of starting', () => {
  test('-V prints the version', async () => {
    expect(await loadConfig({ args: ['-V'], environment: {}, directory })).toEqual({ print: 'cacheismo 0.1.0\n' });
  });

  test('-i prints the license', async () => {
    const result = await loadConfig({ args: ['-i'], environment: {}, directory });
    expect('print' in result ? result.print : '').toMatch(/^MIT License\n/);
  });

  test('-h prints every option', async () => {
    const result = await loadConfig({ args: ['-h'], environment: {}, directory });
    const help = 'print' in result ? result.print : '';
    for (const { name } of OPTIONS) expect(help).toContain(`--${name}`);
    expect(help).toContain('(default: 11211)');
  });
});
