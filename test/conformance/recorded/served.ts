// The protocols and options that this server supports: the one switch for tests of memcached's behaviour that were written before the
// implementation. Set an entry to true when it is implemented. Differences: differences.ts.

export const SERVED = {
  text: true,
  meta: true,
  binary: true,
  /** `-Y`: authentication by the first storage command. */
  asciiAuthentication: true,
};
