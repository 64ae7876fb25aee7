// The body of a request to /api/call.

interface Given {
  /** Undefined if it is left out. */
  readonly argument: string | undefined;
  /** Its text if it is left out but a later one is given. */
  readonly defaultText: string;
}

interface CallBody {
  readonly type: string;
  readonly method: string;
  readonly key: string;
  readonly arguments: readonly string[];
  readonly data?: string;
}

/** What a key of memcached may have. */
const MOST_KEY_BYTES = 250;

/** The last argument becomes the data block if the virtual key would be too long with it. */
export function callBody(type: string, method: string, key: string, given: readonly Given[]): CallBody {
  const last = given.findLastIndex(({ argument }) => argument !== undefined);
  const all = given.slice(0, last + 1).map(({ argument, defaultText }) => argument ?? defaultText);
  const data = all.at(-1);
  if ([type, method, key, ...all].map(encoded).join(':').length <= MOST_KEY_BYTES || data === undefined)
    return { type, method, key, arguments: all };
  return { type, method, key, arguments: all.slice(0, -1), data };
}

/** As the server encodes a part of a virtual key. */
function encoded(part: string): string {
  return encodeURIComponent(part).replace(/[!'()*]/g, '%XX');
}
