// Byte strings: strings whose characters are bytes. Keys, values and names of users are handled so, since clients send any bytes; what a
// person types or reads is text.

/** The bytes of a text in UTF-8, as a terminal or a client sends it. */
export function byteText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** What a person reads. */
export function readableText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
