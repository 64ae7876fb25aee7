// The two ways in which the line of a meta command is read: in one pass, and any line once its end is known.

import { describe, expect, test } from 'vitest';
import { NO_ERROR } from '../../../src/protocols/error-lines.js';
import { MetaParser } from '../../../src/protocols/meta/meta-parser.js';
import { MetaRequest } from '../../../src/protocols/meta/meta-request.js';
import { MAX_KEY_BYTES } from '../../../src/protocols/text/text-request.js';

const AT = 512;

/** What follows the command word, in lines of the usual form. */
const USUAL = [
  ' a',
  ' a v',
  ' key00000012 s v f k',
  ' a v k O123 q',
  ` ${'k'.repeat(MAX_KEY_BYTES)} v Oabc`,
  ' Zm9v b k v',
  ' a T-1 N30 R60 C7 E18446744073709551615 t',
  ' a MI D5 J0 N0 v c',
  ' a F4294967295 I P1',
  ' \xff\x80 h l t u x s',
];

/** Lines that are refused, or are left to the second way. */
const UNUSUAL = [
  '',
  ' ',
  '  a v',
  ' a  v',
  ' a v ',
  ' a v v',
  ' a y',
  ' a vx',
  ' a !',
  ' a T',
  ' a Tx',
  ' a\0 v',
  ' a b',
];
UNUSUAL.push(` ${'k'.repeat(MAX_KEY_BYTES + 1)} v`, ` a O${'o'.repeat(32)}`, ` a${' k'.repeat(30)}`);

/** The rest of the line in memory, with bytes after it that must not be read. */
function placed(rest: string, length = rest.length) {
  const bytes = new Uint8Array(AT + rest.length + 32).fill(0x0a);
  bytes.set(Buffer.from(rest, 'latin1').subarray(0, length), AT);
  const request = new MetaRequest(bytes, 0);
  return { request, parser: new MetaParser(bytes, request), to: AT + length };
}

function read(rest: string, hasLength: boolean): MetaRequest {
  const { parser, request, to } = placed(rest);
  parser.read(AT, to, hasLength);
  return request;
}

function readUsual(rest: string, hasLength: boolean, length = rest.length) {
  const { parser, request, to } = placed(rest, length);
  return { end: parser.readUsual(AT, to, hasLength), request };
}

describe.each([
  ['without a length', ''],
  ['with a length', ' 12'],
])('a line %s', (_name, sent) => {
  const hasLength = sent !== '';
  const lines = USUAL.map((line) => line.replace(/^( [^ ]+)/, `$1${sent}`));

  test.each(lines)('of the usual form is read in one pass as it is in two: %j', (line) => {
    const { end, request } = readUsual(`${line}\r\n`, hasLength);
    expect(end).toBe(AT + line.length + 2);
    const expected = read(line, hasLength);
    expect(request.error).toBe(NO_ERROR);
    expect(fieldsOf(request)).toEqual(fieldsOf(expected));
  });

  test.each(lines)('is not read in one pass before it is complete: %j', (line) => {
    const whole = `${line}\r\n`;
    for (let length = 0; length < whole.length; length++) expect(readUsual(whole, hasLength, length).end).toBe(-1);
  });

  test('of another form, or with a mistake, is not read in one pass', () => {
    for (const line of UNUSUAL) expect(readUsual(`${line}\r\n`, hasLength).end, line).toBe(-1);
    for (const line of lines) expect(readUsual(`${line}\n`, hasLength).end, line).toBe(-1);
  });
});

test.each([' a', ' a x', ' a 1234567890', ' a +5', ' a 5x', ' a  5'])(
  'a length of another form is not read in one pass: %j',
  (line) => {
    expect(readUsual(`${line}\r\n`, true).end).toBe(-1);
  },
);

test('a line that is read in one pass keeps nothing of the one before', () => {
  const { parser, request } = placed(' a T9 F7 MS\r\n b v\r\n');
  const next = parser.readUsual(AT, AT + 13, false);
  expect(parser.readUsual(next, next + 6, false)).toBe(next + 6);
  expect(fieldsOf(request)).toMatchObject({ clientFlags: 0, count: 1, exptime: 0, mode: 0, upper: 0 });
});

function fieldsOf(request: MetaRequest) {
  const { count, letters, tokenEnds, tokenStarts } = request;
  const tokens = Array.from({ length: count }, (_, index) => [letters[index], tokenStarts[index], tokenEnds[index]]);
  const { assignedCas, clientFlags, comparedCas, delta, exptime, initial, keyAt, keyLength, lower, mode } = request;
  const { hasKey, recacheExptime, sentKeyAt, sentKeyLength, upper, valueLength, vivifyExptime } = request;
  const numbers = { clientFlags, count, exptime, lower, mode, recacheExptime, upper, valueLength, vivifyExptime };
  return {
    ...numbers,
    assignedCas,
    comparedCas,
    delta,
    hasKey,
    initial,
    keyAt,
    keyLength,
    sentKeyAt,
    sentKeyLength,
    tokens,
  };
}
