// The folders of the kernel's control groups that this process is in, of both versions. Their limits: threads/processors.ts and
// group-memory.ts.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The text of a file, undefined where there is none. */
export type ReadText = (path: string) => string | undefined;

const ROOT = '/sys/fs/cgroup';

/** Folders where a controller of the first version is mounted. */
const VERSION_1_ROOTS = {
  cpu: [`${ROOT}/cpu`, `${ROOT}/cpu,cpuacct`],
  memory: [`${ROOT}/memory`],
} as const;

interface GroupFolder {
  readonly folder: string;
  readonly version: 1 | 2;
}

/** The folders of the groups, with those above them, whose limits hold as well. Not all of them exist. */
export function groupFolders(controller: keyof typeof VERSION_1_ROOTS, read: ReadText): readonly GroupFolder[] {
  return (read('/proc/self/cgroup') ?? '').split('\n').flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const version = controllers === '' ? 2 : 1;
    if (path === '' || (version === 1 && !controllers.split(',').includes(controller))) return [];
    const roots = version === 2 ? [ROOT, `${ROOT}/unified`] : VERSION_1_ROOTS[controller];
    return roots.flatMap((root) => upwards(root, path).map((folder) => ({ folder, version }) as const));
  });
}

/** The group's folder and those above it. Inside a container the path may be the host's and not exist; the root is the container's
 * group. */
function upwards(root: string, path: string): string[] {
  const folders: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    folders.push(join(root, at === '/' ? '' : at));
    if (at === '/' || at === '.') return folders;
  }
}

export function readIfAny(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
