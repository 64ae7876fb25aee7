// Makes virtual keys that are safe with any input: whatever bytes an argument has, it stays one argument, and the key is one word of
// printable ASCII, which every memcached client sends as it is. How the server reads keys: src/objects/keys/virtual-key.ts.

/** A value of a parameter. An array or object is sent as JSON. */
export type CallArgument =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly unknown[]
  | { readonly [name: string]: unknown };

/** memcached's limit, which clients check as well. */
export const MAX_KEY_BYTES = 250;

const TYPE_NAME = /^[a-z][a-z0-9_]{0,31}$/;
const METHOD_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,31}$/;

/** Characters that an object's key must not contain even in escaped form: it is the key of an item, which lists of keys show. */
const NOT_IN_KEYS: readonly number[] = [0, 0x0a, 0x0d, 0x20];

const PERCENT = 0x25;
const COLON = 0x3a;
const FIRST_PRINTABLE = 0x21;
const LAST_PRINTABLE = 0x7e;

/** The key that calls a method, such as `set:put:user%3A42:a%20b` for `virtualKey('set', 'put', 'user:42', 'a b')`. Strings are sent in
 * UTF-8; for other bytes give a Uint8Array. Throws for values that cannot be sent, with a message that names them. */
export function virtualKey(type: string, method: string, key?: string | Uint8Array, ...args: CallArgument[]): string {
  const text = keyOfAnyLength(type, method, key, args);
  if (text.length > MAX_KEY_BYTES) {
    const advice = 'send the last argument as the data block of a set';
    throw new RangeError(`the key has ${text.length} bytes, more than ${MAX_KEY_BYTES}; ${advice}`);
  }
  return text;
}

/** The same, but for the length. */
export function keyOfAnyLength(
  type: string,
  method: string,
  key: string | Uint8Array | undefined,
  args: readonly CallArgument[],
): string {
  if (!TYPE_NAME.test(type)) throw new TypeError(`${shown(type)} cannot be the name of a type`);
  if (!METHOD_NAME.test(method)) throw new TypeError(`${shown(method)} cannot be the name of a method`);
  if (key === undefined) return `${type}:${method}`;
  if (key.length === 0) throw new RangeError('the key of an object must not be empty');
  const all = [key, ...args].map(bytesOf);
  if (all[0]?.some((byte) => NOT_IN_KEYS.includes(byte))) {
    throw new RangeError('the key of an object must not have a blank, a line end or a zero byte in it');
  }
  const joined = [type, method, ...all.map(escaped)].join(':');
  // The server ignores one colon at the end, so an empty last argument needs another.
  return joined.endsWith(':') ? `${joined}:` : joined;
}

/** The bytes of an argument, not escaped, as a data block has them. */
export function bytesOf(part: CallArgument, index: number): Uint8Array {
  if (part instanceof Uint8Array) return part;
  if (typeof part === 'number' && !Number.isFinite(part)) throw new RangeError(`argument ${index} is ${part}`);
  if (part === null || part === undefined || typeof part === 'function' || typeof part === 'symbol') {
    throw new TypeError(`argument ${index} is ${String(part)}; leave it out for the method's default`);
  }
  return Buffer.from(typeof part === 'object' ? JSON.stringify(part) : String(part), 'utf8');
}

function escaped(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const isPlain = byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE && byte !== PERCENT && byte !== COLON;
    text += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

function shown(name: unknown): string {
  return JSON.stringify(name)?.slice(0, 50) ?? String(name);
}
