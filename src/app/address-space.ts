// Whether address space is scarce: then none is reserved that may never be used.

import { readFileSync } from 'node:fs';

/** `ulimit -v`, as the kernel shows it. */
const UNLIMITED = /^Max address space +unlimited/m;
/** `vm.overcommit_memory`: with 2 the kernel counts reserved memory as if it were used. */
const COUNTS_RESERVED = '2';

type Read = (path: string) => string | undefined;

export function isAddressSpaceLimited(read: Read = readIfThere): boolean {
  const limits = read('/proc/self/limits');
  const overcommit = read('/proc/sys/vm/overcommit_memory');
  return (limits !== undefined && !UNLIMITED.test(limits)) || overcommit?.trim() === COUNTS_RESERVED;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
