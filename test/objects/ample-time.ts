/** Milliseconds of CPU time for a call in tests of what calls do, more than a server allows: code that is neither bundled nor warm takes several times
    as long as a server's, and the limit of calls has tests of its own. */
export const AMPLE_MS = 1000;
