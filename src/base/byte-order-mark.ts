// Some editors begin a file with a byte order mark, which belongs to no line of it.

const IN_TEXT = '\uFEFF';
const IN_BYTES = '\xef\xbb\xbf';

/** Of a text, or of a byte string. */
export function withoutByteOrderMark(content: string): string {
  if (content.startsWith(IN_TEXT)) return content.slice(IN_TEXT.length);
  return content.startsWith(IN_BYTES) ? content.slice(IN_BYTES.length) : content;
}
