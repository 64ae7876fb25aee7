// The error line of each option that is refused, and the warning of one that does not exist.

import { describe, expect, test } from 'vitest';
import { checkMemory, fitConnectionLimit } from '../../../src/app/config/config-check.js';
import { largestLimitBytes } from '../../../src/arena/memory.js';
import { useConfigDirectory } from './config-directory.js';

const { load, refusal } = useConfigDirectory();

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
  [['-B', 'udp'], {}, '-B udp: must be one of auto, ascii, binary'],
  [['--protocol=meta'], {}, '--protocol meta: must be one of auto, ascii, binary'],
  [[], { CACHEISMO_PROTOCOL: 'http' }, 'CACHEISMO_PROTOCOL http: must be one of auto, ascii, binary'],
])('a protocol that is not served is refused: %j %j', async (args, environment, message) => {
  await expect(load(args, environment)).rejects.toThrow(message);
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
