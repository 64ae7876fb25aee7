// The C library through koffi, for calls at the start and at the end of the process. Linux only. Calls while requests are served:
// transport/epoll/libc.ts.

import { loadKoffi } from '../base/koffi.js';

type Koffi = ReturnType<typeof loadKoffi>;

/** The functions that `declare` makes of the library; undefined if it cannot be loaded, or lacks one of them. */
export async function declareFunctions<T>(
  declare: (library: ReturnType<Koffi['load']>, koffi: Koffi) => T,
): Promise<T | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const koffi = loadKoffi();
    return declare(koffi.load(null), koffi);
  } catch {
    return undefined;
  }
}
