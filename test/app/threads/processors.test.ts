// The number of processors that a process may use, by its control groups and by its affinity.

import { expect, test } from 'vitest';
import type { ReadText } from '../../../src/app/control-groups.js';
import { busyThreads, usableProcessors } from '../../../src/app/threads/processors.js';

function files(texts: Readonly<Record<string, string>>): ReadText {
  return (path) => texts[path];
}

const V1 = '/sys/fs/cgroup/cpu';

test.each<[string, Record<string, string>, number]>([
  ['no control group', {}, 8],
  [
    'a group of version 2 without a quota',
    { '/proc/self/cgroup': '0::/a\n', '/sys/fs/cgroup/a/cpu.max': 'max 100000\n' },
    8,
  ],
  ['half a processor, version 2', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '50000 100000\n' }, 1],
  [
    'two and a half processors, version 2',
    { '/proc/self/cgroup': '0::/a/b\n', '/sys/fs/cgroup/a/b/cpu.max': '250000 100000' },
    2,
  ],
  [
    'a parent with less, version 2',
    {
      '/proc/self/cgroup': '0::/a/b\n',
      '/sys/fs/cgroup/a/b/cpu.max': '800000 100000',
      '/sys/fs/cgroup/a/cpu.max': '300000 100000',
    },
    3,
  ],
  [
    "a container that sees its host's path",
    { '/proc/self/cgroup': '0::/../x\n', '/sys/fs/cgroup/cpu.max': '100000 100000' },
    1,
  ],
  [
    'half a processor, version 1',
    {
      '/proc/self/cgroup': '3:cpu,cpuacct:/docker/x\n1:memory:/y\n',
      [`${V1}/cpu.cfs_quota_us`]: '50000\n',
      [`${V1}/cpu.cfs_period_us`]: '100000\n',
    },
    1,
  ],
  [
    'no quota, version 1',
    { '/proc/self/cgroup': '3:cpu:/\n', [`${V1}/cpu.cfs_quota_us`]: '-1\n', [`${V1}/cpu.cfs_period_us`]: '100000\n' },
    8,
  ],
  [
    'three processors of a mixed system',
    {
      '/proc/self/cgroup': '4:cpuacct,cpu:/s\n0::/\n',
      [`${V1}/s/cpu.cfs_quota_us`]: '30000',
      [`${V1}/s/cpu.cfs_period_us`]: '10000',
    },
    3,
  ],
  ['more than there are', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '6400000 100000' }, 8],
])('the number of processors is found with %s', (_name, texts, wanted) => {
  expect(busyThreads(usableProcessors(files(texts), 8))).toBe(wanted);
});

test('a process bound to one processor keeps one busy', () => {
  expect(busyThreads(usableProcessors(files({}), 1))).toBe(1);
});
