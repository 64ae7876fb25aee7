// The catalogue of error lines that a client can be sent: one number and one text each. Clients match on these words,
// so they are memcached's wherever memcached has them.

const TEXTS = {
  unknownCommand: 'ERROR',
  badFormat: 'CLIENT_ERROR bad command line format',
  badDataChunk: 'CLIENT_ERROR bad data chunk',
  lineTooLong: 'CLIENT_ERROR line too long',
  invalidDelta: 'CLIENT_ERROR invalid numeric delta argument',
  invalidExptime: 'CLIENT_ERROR invalid exptime argument',
  nonNumeric: 'CLIENT_ERROR cannot increment or decrement non-numeric value',
  notForObjects: 'CLIENT_ERROR append, prepend, incr, decr and cas are not for objects',
  tooLarge: 'SERVER_ERROR object too large for cache',
  outOfMemoryStoring: 'SERVER_ERROR out of memory storing object',
  outOfMemoryReading: 'SERVER_ERROR out of memory writing get response',
  outOfMemory: 'SERVER_ERROR out of memory',
  flushNotAllowed: 'CLIENT_ERROR flush_all not allowed',
  shutdownNotEnabled: 'SERVER_ERROR: shutdown not enabled',
  invalidShutdownMode: 'CLIENT_ERROR invalid shutdown mode',
  statsDetailNotAllowed: 'CLIENT_ERROR stats detail not allowed',
  statsDetailUsage: 'CLIENT_ERROR usage: stats detail on|off|dump',
  cachedumpNotAllowed: 'CLIENT_ERROR stats cachedump not allowed',
  metadumpNotAllowed: 'ERROR metadump not allowed',
  pipelinedMetadump: 'ERROR cannot pipeline other commands before metadump',
  pipelinedMgdump: 'ERROR cannot pipeline other commands before mgdump',
  dumpNotAllowed: 'ERROR dump not allowed',
  tooManyDumps: 'ERROR too many dumps at once; try again later',
  keyDumpNotAllowed: 'ERROR key dump not allowed',
  badCachedump: 'CLIENT_ERROR bad command line',
  illegalSlabClass: 'CLIENT_ERROR Illegal slab id',
  badClass: 'BADCLASS invalid class id',
  sameClass: 'SAME src and dst class are identical',
  badClasses: 'BADCLASS invalid src or dst class id',
  noSparePages: 'NOSPARE source class has no spare pages',
  lruPercents: 'ERROR hot and warm pcts must not exceed 80',
  lruFactors: 'ERROR hot/warm age factors must be greater than 0',
  crawlerDisabled: 'CLIENT_ERROR lru crawler disabled',
  crawlerRuns: 'ERROR failed to start lru crawler thread',
  crawlerSleeps: 'CLIENT_ERROR sleep must be one second or less',
  limitTooSmall: 'MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m',
  limitNotInMegabytes: 'MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes',
  limitNotAdjusted: 'MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust',
  badToken: 'CLIENT_ERROR bad token in command line format',
  invalidFlag: 'CLIENT_ERROR invalid flag',
  duplicateFlag: 'CLIENT_ERROR duplicate flag',
  invalidOrDuplicateFlag: 'CLIENT_ERROR invalid or duplicate flag',
  tooManyFlags: 'CLIENT_ERROR options flags are too long',
  opaqueTooLong: 'CLIENT_ERROR opaque token too long',
  badBase64Key: 'CLIENT_ERROR error decoding key',
  invalidInitial: 'CLIENT_ERROR invalid numeric initial value',
  invalidMetaDelta: 'CLIENT_ERROR invalid numeric delta value',
  badModeLength: 'CLIENT_ERROR incorrect length for M token',
  invalidSetMode: 'CLIENT_ERROR invalid mode for ms M token',
  invalidArithmeticMode: 'CLIENT_ERROR invalid mode for ma M token',
  unauthenticated: 'CLIENT_ERROR unauthenticated',
  authenticationFailure: 'CLIENT_ERROR authentication failure',
  badLoginEnd: 'CLIENT_ERROR bad command line termination',
  badLoginToken: 'CLIENT_ERROR bad authentication token format',
  notPermitted: 'CLIENT_ERROR not permitted',
  watchNotAllowed: 'CLIENT_ERROR watch commands not allowed',
  pipelinedWatch: 'ERROR cannot pipeline other commands before watch',
} as const;

export type ErrorName = keyof typeof TEXTS;
export type ErrorId = number & { readonly __error: unique symbol };

/** No line: the request is refused silently. */
export const NO_ERROR = 0 as ErrorId;

const names = Object.keys(TEXTS) as ErrorName[];

/** The number of each error, from 1. */
export const ErrorIds = Object.freeze(Object.fromEntries(names.map((name, index) => [name, index + 1]))) as Readonly<
  Record<ErrorName, ErrorId>
>;

export const ERROR_TEXTS: Readonly<Record<ErrorName, string>> = TEXTS;

/** The line of an error, for people; a request that is refused without one closes its connection. */
export function errorText(id: ErrorId): string {
  return id === NO_ERROR ? 'the connection is closed' : TEXTS[names[id - 1]];
}

/** The bytes of each error's line with its CR LF, by number. */
export const ERROR_LINES: readonly Uint8Array[] = ['', ...names.map((name) => `${TEXTS[name]}\r\n`)].map((text) =>
  new TextEncoder().encode(text),
);
