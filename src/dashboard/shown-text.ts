// Bytes as the API sends them: as text if they are UTF-8, else in base64.

import { visible, visibleLines } from './short-text.js';

export interface ShownBytes {
  readonly text?: string;
  readonly base64?: string;
}

const DUMPED_A_LINE = 16;

/** One line, for a key. */
export function keyText({ text, base64 = '' }: ShownBytes): string {
  if (text !== undefined) return visible(text);
  return [...bytesOf(base64)]
    .map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : hex(byte, '\\x')))
    .join('');
}

/** A value: its text, or a dump if it is none. */
export function valueText({ text, base64 = '' }: ShownBytes): string {
  if (text !== undefined) return visibleLines(text);
  return dump(bytesOf(base64));
}

function dump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += DUMPED_A_LINE) {
    const line = [...bytes.subarray(at, at + DUMPED_A_LINE)];
    const characters = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    const digits = line.map((byte) => hex(byte)).join(' ');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${digits.padEnd(3 * DUMPED_A_LINE)} ${characters}`);
  }
  return lines.join('\n');
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function hex(byte: number, before = ''): string {
  return `${before}${byte.toString(16).padStart(2, '0')}`;
}
