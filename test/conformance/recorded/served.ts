// The protocols and options that this server serves: the one switch for the tests of memcached's behaviour that are written before
// it. Whoever builds one sets it to true here. Not for differences: these are in differences.ts.

export const SERVED = {
  text: true,
  meta: true,
  binary: true,
  /** `-Y`: authentication by the first storage command. */
  asciiAuthentication: true,
};
