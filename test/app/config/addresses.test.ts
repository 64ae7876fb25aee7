// Addresses, TLS and logins: which listeners the options make, and what is refused or warned of because anybody could use the cache.

import { expect, test } from 'vitest';
import { useConfigDirectory } from './config-directory.js';

const { path, load, refusal } = useConfigDirectory();

test('-p -1 takes any free port, as 0 does; an empty -o names nothing', async () => {
  const { listeners, notices } = await load(['-p', '-1', '-o', '']);
  expect(listeners.map(({ address }) => address)).toEqual([{ host: '127.0.0.1', port: 0 }]);
  expect(notices).toEqual([]);
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

test("a Kubernetes link to a service of the same name is not read as an option's value", async () => {
  const { listeners } = await load([], { CACHEISMO_PORT: 'tcp://10.0.0.1:11211' });
  expect(listeners[0]?.address).toMatchObject({ port: 11211 });
});

test.each(['auto', 'ascii', 'binary'])('the protocol can be chosen: %s', async (name) => {
  expect(await load(['-B', name])).toMatchObject({ protocol: name });
});

test.each([
  ['-Y users', 'ascii', 'users'],
  ['-S -Y users', 'auto', 'users'],
  ['-S -o sasl_pwdb=users', 'binary', 'users'],
  ['-S -Y users -B binary', 'binary', 'users'],
])('%s serves %s, and the users are those of the file %s', async (line, protocol, file) => {
  const { listeners, userFile } = await load(line.split(' '));
  expect(listeners.map(({ protocols }) => protocols)).toEqual([protocol]);
  expect(userFile).toBe(path(file));
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
