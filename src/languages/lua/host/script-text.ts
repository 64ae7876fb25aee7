// The text of a script without its first bytes that are not for Lua: the mark that editors put before text, and a first line for the shell.
// Lines keep their numbers.

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const HASH = 0x23;
const LINE_FEED = 0x0a;

export function scriptText(source: Uint8Array): Uint8Array {
  const text = BYTE_ORDER_MARK.every((byte, at) => source[at] === byte) ? source.subarray(3) : source;
  if (text[0] !== HASH) return text;
  const end = text.indexOf(LINE_FEED);
  return end === -1 ? new Uint8Array(0) : text.subarray(end);
}

/** `quota.lua` of `scripts/quota.lua`: what errors call a script. */
export function baseName(file: string): string {
  return file.replace(/^.*\//, '');
}
