// Keys in the encoding that memcached uses in dumps and in the lines for watchers.

/** Every byte is encoded as %XX except letters, digits and a few marks. Characters are bytes. */
export function encodedKey(key: string): string {
  return key.replace(
    /[^A-Za-z0-9\-._~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
