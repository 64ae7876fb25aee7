// Every command of third-party clients against the built server, each in a script of the client's language. The test name says if a client
// is not installed; `npm run test:clients` installs those that it can.

import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOnAllProcessors } from '../../app/server-process.js';
import { ask, startMemcached } from '../memcached.js';
import type { ProtocolName } from '../recorded/load.js';
import { SERVED } from '../recorded/served.js';
import {
  GO,
  hasGomemcache,
  hasPhp,
  hasSpymemcached,
  isPresent,
  pythonWith,
  runClient,
  SPYMEMCACHED,
} from './programs.js';

/** The folder in which `npm run test:clients` installs packages that are not dependencies of the project. */
const MODULES = process.env.CLIENT_MODULES ?? join(tmpdir(), 'cacheismo-clients');

interface Client {
  readonly client: string;
  readonly protocol: ProtocolName;
  readonly isInstalled: () => boolean;
  /** The script is the last part; the port and other arguments follow it. */
  readonly command: readonly string[];
  readonly args?: readonly string[];
  /** The expected results of the calls, by name. */
  readonly results: Readonly<Record<string, unknown>>;
}

/** The calls that nearly every client offers. */
const COMMON = {
  set: [true, '1', null],
  add: [false, true],
  replace: [true, false],
  incr: [11, 16, 0],
  large: true,
  odd: true,
  flush: [true, null],
};

const JOIN = [true, false, true, '234'];
const PHP_MEMCACHED = {
  ...{ ...COMMON, join: JOIN, delete: [true, false], multi: { m1: '1', m2: '2' }, cas: [true, false, '5'] },
  ...{ touch: [true, false], 'too large': [false, '5'], types: [42, 4.5, true, [1, 'two']], deleteMulti: true },
  ...{ delayed: { a: '234', b: '5' }, buffered: '50', stats: true, version: true },
};
const PERL = { ...COMMON, join: JOIN, delete: [true, false], multi: { m1: '1', m2: '2' }, types: true };
const DALLI = {
  ...{ ...COMMON, join: JOIN, incr: [11, 16, 0, null], delete: [true, null], multi: { m1: '1', m2: '2' } },
  ...{ cas: ['2', true, false, '5'], 'cas block': [true, '5!', null], touch: [true, false], gat: ['5!', null] },
  ...{ fetch: ['made', 'made'], quiet: 99, keys: ['x', 'x', 'x'], types: [42, [1, { two: 2 }], null] },
  ...{ stats: true, 'stats items': true, version: true },
};
const RAILS = {
  write: [true, { b: 1 }, true, null],
  fetch: ['made', 'made'],
  read_multi: { m1: 1, m2: 2 },
  fetch_multi: { m1: 1, m3: 'm3 made' },
  increment: [2, 7, 5],
  unless_exist: false,
  delete: [true, null],
  'long key': 'x',
  session: 1,
  throttle: [200, 200, 200, 429, 429],
  stats: true,
  clear: [true, null],
};
const DJANGO = {
  set: [null, [1, 'two'], 'default'],
  never: [null, 1, null, null],
  add: [false, true],
  get_or_set: ['made', 'made'],
  many: [[], { m1: 1, m2: 2 }],
  incr: [null, 11, 16, 15, 'ValueError'],
  touch: [true, false],
  delete: [true, null, null],
  version: [null, null, 1],
  clear: [null, null],
};
const DOGPILE = {
  get_or_create: [{ made: 1 }, { made: 1 }, 1],
  multi: [1, 2],
  delete: { made: 2 },
  lock: [true, false, null, true],
};

function python(client: string, module: string, protocol: ProtocolName, script: string, results: object): Client {
  const interpreter = pythonWith(module);
  const [file, ...args] = script.split(' ') as [string, ...string[]];
  const command = [interpreter ?? 'python3', '-B', file];
  return { client, protocol, isInstalled: () => interpreter !== undefined, command, args, results: { ...results } };
}

function npm(client: string, protocol: ProtocolName, results: object): Client {
  const isInstalled = () => existsSync(join(MODULES, 'node_modules', client));
  return {
    client,
    protocol,
    isInstalled,
    command: ['node', 'use_npm.mjs'],
    args: [client, MODULES],
    results: { ...results },
  };
}

function php(client: string, protocol: ProtocolName, extension: string, script: string, results: object): Client {
  const isInstalled = () => hasPhp(extension);
  return { client, protocol, isInstalled, command: ['php', script], args: [protocol], results: { ...results } };
}

function perl(client: string, results: object): Client {
  const isInstalled = () => isPresent(['perl', `-M${client}`, '-e', '1']);
  return {
    client,
    protocol: 'text',
    isInstalled,
    command: ['perl', 'use_cache_memcached.pl'],
    args: [client],
    results: { ...results },
  };
}

function ruby(client: string, protocol: ProtocolName, needs: string, script: string, results: object): Client {
  const isInstalled = () => isPresent(['ruby', '-e', needs]);
  return { client, protocol, isInstalled, command: ['ruby', script], args: [protocol], results: { ...results } };
}

const META = 'require "dalli"; exit Gem.loaded_specs["dalli"].version >= Gem::Version.new("3.2")';
const RACK = 'require "dalli"; require "active_support"; require "rack/attack"; require "connection_pool"';

const SPY_RESULTS = {
  ...{ ...COMMON, join: JOIN, 'incr with a start': [7, 8], delete: [true, false], multi: '{m1=1, m2=2}' },
  ...{
    cas: ['OK', 'EXISTS', '5'],
    touch: [true, false],
    pipelined: 250,
    stats: true,
    'stats settings': true,
    version: 1,
  },
};

function java(protocol: ProtocolName, results: object): Client {
  const command = ['java', '-cp', SPYMEMCACHED, 'UseSpymemcached.java'];
  return {
    client: 'spymemcached',
    protocol,
    isInstalled: hasSpymemcached,
    command,
    args: [protocol],
    results: { ...results },
  };
}

const CLIENTS: readonly Client[] = [
  java('text', SPY_RESULTS),
  java('binary', { ...SPY_RESULTS, gat: '5' }),
  php('PHP memcached', 'text', 'memcached', 'use_memcached.php', PHP_MEMCACHED),
  php('PHP memcached', 'binary', 'memcached', 'use_memcached.php', PHP_MEMCACHED),
  php('PHP memcache', 'text', 'memcache', 'use_memcache.php', {
    ...{ ...COMMON, join: JOIN, delete: [true, false], multi: { m1: '1', m2: '2' }, cas: [true, false, '5'] },
    ...{ stats: true, version: true },
  }),
  php('PHP sessions', 'binary', 'memcached', 'use_php_session.php', {
    read: { cart: { apple: 2 } },
    kept: { cart: { apple: 2 } },
    destroyed: [],
  }),
  {
    ...php('Symfony', 'binary', 'memcached', 'use_symfony.php', {
      get: [{ computed: 42 }, { computed: 42 }, 1],
      save: [false, true, true, 'two'],
      delete: [true, false],
      deferred: [true, 3],
      clear: [true, false],
    }),
    isInstalled: () => isPresent(['php', '-r', "exit((@include 'Symfony/Component/Cache/autoload.php') ? 0 : 1);"]),
  },
  perl('Cache::Memcached', { ...PERL, stats: true }),
  perl('Cache::Memcached::Fast', {
    ...{ ...PERL, cas: [true, false, '5'], touch: [true, false], gat: ['5', null], set_multi: true, version: true },
  }),
  ruby('Dalli', 'binary', 'require "dalli"', 'use_dalli.rb', DALLI),
  ruby('Dalli', 'meta', META, 'use_dalli.rb', DALLI),
  ruby('Rails, Rack sessions and rack-attack', 'binary', RACK, 'use_rails.rb', RAILS),
  ruby('Rails, Rack sessions and rack-attack', 'meta', `${RACK}; ${META}`, 'use_rails.rb', RAILS),
  python('python-binary-memcached', 'bmemcached', 'binary', 'use_bmemcached.py', {
    ...{ ...COMMON, delete: [true, null], multi: [[], { m1: '1', m2: '2' }], cas: ['2', true, false, '5'] },
    ...{
      large: [true, true],
      odd: [true, true],
      types: [true, [1, { two: 2 }]],
      delete_multi: true,
      stats: [true, true],
    },
  }),
  ...['PyLibMCCache', 'PyMemcacheCache', 'MemcachedCache'].map((name) => {
    return python(`Django's ${name}`, 'django', 'text', `use_frameworks.py django:${name}`, DJANGO);
  }),
  python('Flask-Caching', 'flask_caching', 'text', 'use_frameworks.py flask_caching', {
    set: [true, { b: 1 }, null],
    memoize: [4, 4, 1],
    forgotten: [4, 2],
    many: [true, [1, 2, null]],
    add: [false, true],
    delete: [true, null],
    clear: [true, null],
  }),
  python('Flask-Limiter', 'flask_limiter', 'text', 'use_frameworks.py flask_limiter', {
    status: [200, 200, 200, 429, 429],
    remaining: ['2', '1', '0', '0', '0'],
  }),
  ...(['memcached', 'pylibmc', 'pymemcache', 'bmemcached'] as const).map((name) => {
    const protocol = name === 'bmemcached' ? 'binary' : 'text';
    return python(`dogpile.cache.${name}`, 'dogpile.cache', protocol, `use_frameworks.py dogpile:${name}`, DOGPILE);
  }),
  {
    client: 'gomemcache',
    protocol: 'text',
    isInstalled: hasGomemcache,
    command: [...GO, 'use_gomemcache.go'],
    results: {
      ...{
        ...COMMON,
        delete: [true, false],
        multi: { m1: '1', m2: '2' },
        cas: [true, false, '5'],
        touch: [true, false],
      },
      'too large': false,
    },
  },
  npm('memjs', 'binary', {
    // This client's prepend appends.
    ...{ ...COMMON, join: [true, 'Error', true, '342'], delete: [true, false], touch: [true, false] },
    ...{ many: true, stats: true },
  }),
  npm('@keyv/memcache', 'binary', {
    set: [true, { b: [1] }, null],
    has: [true, false],
    many: [{ b: [1] }, null],
    delete: [true, null],
    clear: null,
  }),
  npm('connect-memjs', 'binary', { read: ['apple'], destroyed: null }),
  npm('memcache-plus', 'text', {
    ...{ set: ['1', null], types: [{ b: 1 }], add: ['Error', null], replace: [null, 'Error'], incr: [11, 16, 13] },
    ...{ multi: { a: '3', b: '2', missing: null }, cas: true, delete: [true, null], join: '234', large: true },
    ...{ version: true, items: 'object', flush: null },
  }),
  npm('memcache-client', 'text', {
    ...{ set: [['STORED'], '1', null], types: [['STORED'], { b: 1 }], add: ['Error', ['STORED']] },
    ...{ replace: [['STORED'], 'Error'], join: [['STORED'], ['STORED'], '234'], incr: ['11', '16', '13'] },
    ...{ cas: [['STORED'], 'Error'], delete: [['DELETED'], 'Error'], touch: [['TOUCHED'], 'Error'] },
    ...{ multi: ['a', 'b'], odd: true, large: true, noreply: '1', version: true, flush: ['OK', null] },
  }),
];

/** CLIENTS_AGAINST=memcached runs all scripts against memcached: a failure is then the fault of the script or the client. */
const isAgainstMemcached = process.env.CLIENTS_AGAINST === 'memcached';

function absent({ protocol, isInstalled }: Client): string {
  if (!SERVED[protocol] && !isAgainstMemcached) return ` (to come: ${protocol})`;
  return isInstalled() ? '' : ' (skipped: not installed)';
}

describe('every command returns what it returns with memcached', () => {
  let port = 0;
  let stop: () => PromiseLike<void> | void;

  beforeAll(async () => {
    if (isAgainstMemcached) ({ port, stop } = await startMemcached());
    else {
      const server = await startOnAllProcessors(['--no-objects']);
      ({ port } = server);
      stop = () => server[Symbol.asyncDispose]();
    }
  });

  afterAll(() => stop());

  for (const client of CLIENTS) {
    const why = absent(client);
    test.skipIf(why !== '')(`${client.client}, ${client.protocol}${why}`, async () => {
      await ask(port, 'flush_all\r\n');
      expect(await runClient(client.command, port, client.args)).toEqual(client.results);
    });
  }
});
