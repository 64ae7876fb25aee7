// The warning about a memory limit that does not fit into the process's control group.

import { expect, test } from 'vitest';
import { memoryNotices } from '../../src/app/group-memory.js';

const MEBIBYTE = 1024 ** 2;

function notices(files: Readonly<Record<string, string>>, limit: number, threads = 1): readonly string[] {
  return memoryNotices(limit * MEBIBYTE, threads, (path) => files[path]);
}

const VERSION_2 = { '/proc/self/cgroup': '0::/a/b\n', '/sys/fs/cgroup/a/b/memory.max': `${512 * MEBIBYTE}\n` };
const VERSION_1 = {
  '/proc/self/cgroup': '7:memory:/docker/x\n3:cpu:/y\n',
  '/sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes': `${512 * MEBIBYTE}\n`,
};

test.each([
  ['version 2', VERSION_2],
  ['version 1', VERSION_1],
  ["a parent's, version 2", { '/proc/self/cgroup': '0::/a/b\n', '/sys/fs/cgroup/a/memory.max': `${512 * MEBIBYTE}` }],
  [
    "a container's, whose path is its host's",
    { '/proc/self/cgroup': '0::/x\n', '/sys/fs/cgroup/memory.max': `${512 * MEBIBYTE}` },
  ],
])('a memory limit that does not fit is named with one that does: a limit of %s', (_kind, files) => {
  expect(notices(files, 392)).toEqual([]);
  expect(notices(files, 393)).toEqual([
    '-m 393 and up to 120 MiB for the process exceed the 512 MiB of the control group, so that the kernel may end the server: give -m 392 or raise the limit',
  ]);
  expect(notices(files, 362, 2)).toEqual([]);
  expect(notices(files, 363, 2)).toHaveLength(1);
});

test('a control group that is too small for any memory limit is named', () => {
  const files = { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': `${100 * MEBIBYTE}` };
  expect(notices(files, 64)[0]).toMatch(/: raise the limit$/);
});

test.each([
  ['there is no control group', {}],
  ['version 2 has no limit', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': 'max\n' }],
  [
    'version 1 has no limit',
    { '/proc/self/cgroup': '7:memory:/\n', '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' },
  ],
])('any memory limit fits if %s', (_reason, files) => {
  expect(notices(files, 1_000_000)).toEqual([]);
});
