// Keys in the encoding that memcached uses in dumps and in the lines for watchers.

/** What each byte becomes: %XX, but for letters, digits and a few marks. */
const ENCODED = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9\-._~]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** Characters are bytes. */
export function encodedKey(key: string): string {
  let encoded = '';
  for (let at = 0; at < key.length; at++) encoded += ENCODED[key.charCodeAt(at)];
  return encoded;
}
