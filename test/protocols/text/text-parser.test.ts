// The text parser on its own: requests cut at every byte, numbers, keys and lines at their limits.

import { describe, expect, test } from 'vitest';
import { Command } from '../../../src/operations/command-table.js';
import { ERROR_TEXTS, ErrorIds, type ErrorName } from '../../../src/protocols/error-lines.js';
import { MetaParser } from '../../../src/protocols/meta/meta-parser.js';
import { MetaRequest } from '../../../src/protocols/meta/meta-request.js';
import { KeyStep, MAX_OPEN_LINE_BYTES, Parsed, TextParser } from '../../../src/protocols/text/text-parser.js';
import { Request } from '../../../src/protocols/text/text-request.js';

const AT = 16;
const K250 = 'k'.repeat(250);

interface Parse {
  readonly parsed: Parsed;
  readonly request: Request;
  readonly parser: TextParser;
  readonly bytes: Uint8Array;
  readonly to: number;
}

/** Parses the first `length` bytes of the text. The bytes after them in memory are newlines, which must not be read. */
function parse(text: string, length = text.length): Parse {
  const bytes = new Uint8Array(AT + text.length + 16).fill(0x0a);
  bytes.set(Buffer.from(text, 'latin1').subarray(0, length), AT);
  const request = new Request();
  const parser = new TextParser(bytes, request, new MetaParser(bytes, new MetaRequest(bytes, 0)));
  const to = AT + length;
  return { parsed: parser.parse(AT, to), request, parser, bytes, to };
}

function keyOf({ bytes, request }: Parse): string {
  return Buffer.from(bytes.subarray(request.keyAt, request.keyAt + request.keyLength)).toString('latin1');
}

/** Valid requests, and the expected fields of the request object. */
const GOOD: readonly (readonly [string, Partial<Request> & { readonly key?: string }])[] = [
  ['get a\r\n', { command: Command.get, key: 'a', isList: false }],
  [`get ${K250}\r\n`, { command: Command.get, key: K250 }],
  ['get \xff\x80\r\n', { command: Command.get, key: '\xff\x80' }],
  ['get __proto__\r\n', { command: Command.get, key: '__proto__' }],
  ['get a\n', { command: Command.get, isList: true }],
  ['get a b\r\n', { command: Command.get, isList: true }],
  ['gets a\r\n', { command: Command.gets, isList: true }],
  ['gat 10 a\r\n', { command: Command.gat, isList: true, exptime: 10 }],
  ['gats -1 a b\r\n', { command: Command.gats, isList: true, exptime: -1 }],
  ['set a 1 2 3\r\n', { command: Command.set, key: 'a', clientFlags: 1, exptime: 2, valueLength: 3, noreply: false }],
  ['set a 1 2 3\n', { command: Command.set, key: 'a', clientFlags: 1, exptime: 2, valueLength: 3 }],
  ['set a 1 2 3 noreply\r\n', { command: Command.set, key: 'a', valueLength: 3, noreply: true }],
  ['set  a  1  2  3 \r\n', { command: Command.set, key: 'a', clientFlags: 1, exptime: 2, valueLength: 3 }],
  ['set a 4294967295 0 0\r\n', { command: Command.set, clientFlags: 4294967295, valueLength: 0 }],
  ['set a 0 -1 1\r\n', { command: Command.set, exptime: -1 }],
  ['set a 0 2147483648 1\r\n', { command: Command.set, exptime: -2147483648 }],
  ['set a 0 0 2147483645\r\n', { command: Command.set, valueLength: 2147483645 }],
  ['set a 0 0 0000000000000000000012\r\n', { command: Command.set, valueLength: 12 }],
  ['add a 0 0 1\r\n', { command: Command.add }],
  ['replace a 0 0 1\r\n', { command: Command.replace }],
  ['append a 0 0 1\r\n', { command: Command.append }],
  ['prepend a 0 0 1\r\n', { command: Command.prepend }],
  ['cas a 0 0 1 18446744073709551615 noreply\r\n', { command: Command.cas, noreply: true }],
  ['incr a 5\r\n', { command: Command.incr, key: 'a' }],
  ['decr a 5 noreply\r\n', { command: Command.decr, key: 'a', noreply: true }],
  ['touch a 30\r\n', { command: Command.touch, key: 'a', exptime: 30 }],
  ['delete a\r\n', { command: Command.delete, key: 'a' }],
  ['delete a 0\r\n', { command: Command.delete, noreply: false }],
  ['delete a 0 noreply\r\n', { command: Command.delete, noreply: true }],
  ['delete a 5\r\n', { command: Command.delete, key: 'a', noreply: false }],
  ['delete a b c d\r\n', { command: Command.delete, key: 'a' }],
  ['flush_all\r\n', { command: Command.flushAll, exptime: 0 }],
  ['flush_all noreply\r\n', { command: Command.flushAll, noreply: true }],
  ['flush_all 10 noreply\r\n', { command: Command.flushAll, exptime: 10, noreply: true }],
  ['flush_all 1 2 3\r\n', { command: Command.flushAll, exptime: 1, noreply: false }],
  ['version\r\n', { command: Command.version }],
  ['verbosity 1\r\n', { command: Command.verbosity }],
  ['stats items\r\n', { command: Command.stats }],
  ['quit\r\n', { command: Command.quit }],
  ['shutdown graceful\r\n', { command: Command.shutdown }],
  ['debugtime -5\r\n', { command: Command.debugtime, exptime: -5 }],
];

describe('a good request', () => {
  test.each(GOOD)('%j', (text, wanted) => {
    const result = parse(text);
    const { key, ...fields } = wanted;
    expect(result.parsed).toBe(Parsed.request);
    expect(result.request).toMatchObject(fields);
    if (key !== undefined) expect(keyOf(result)).toBe(key);
    if (!result.request.isList) expect(result.request.end).toBe(result.to);
  });

  test.each(GOOD)('%j cut at every byte needs more', (text) => {
    for (let length = 0; length < text.length; length++) expect(parse(text, length).parsed).toBe(Parsed.needMore);
  });

  test.each(GOOD)('%j uses no more than its line', (text) => {
    const { parsed, request, to } = parse(`${text}set b 0 0 1\r\nx\r\n`);
    expect(parsed).toBe(Parsed.request);
    expect(request.end).toBeLessThanOrEqual(to - 16);
  });
});

const DIGITS_400 = '9'.repeat(400);

/** Refused lines, and the expected error. */
const BAD: readonly (readonly [string, ErrorName])[] = [
  ['\r\n', 'badFormat'],
  ['\n', 'badFormat'],
  ['  \r\n', 'unknownCommand'],
  [' \r\n', 'badFormat'],
  ['x\r\n', 'badFormat'],
  ['ge\r\n', 'unknownCommand'],
  ['  get a\r\n', 'unknownCommand'],
  ['geta a\r\n', 'unknownCommand'],
  ['GET a\r\n', 'unknownCommand'],
  ['get\r\n', 'badFormat'],
  ['gets \r\n', 'badFormat'],
  ['gat\r\n', 'badFormat'],
  ['gat x a\r\n', 'invalidExptime'],
  ['gat 1e3 a\r\n', 'invalidExptime'],
  ['set\r\n', 'badFormat'],
  ['set a 0 0\r\n', 'badFormat'],
  ['set a 0 0 1 noreply more\r\n', 'unknownCommand'],
  [`set ${K250}k 0 0 1\r\n`, 'badFormat'],
  ['set a\0 0 0 1\r\n', 'badFormat'],
  ['set a\0b 0 0 1\r\n', 'badFormat'],
  ['set a -1 0 1\r\n', 'badFormat'],
  ['set a 18446744073709551616 0 1\r\n', 'badFormat'],
  ['set a 1e3 0 1\r\n', 'badFormat'],
  ['set a 0 1e3 1\r\n', 'badFormat'],
  ['set a 0 9223372036854775808 1\r\n', 'badFormat'],
  ['set a 0 - 1\r\n', 'badFormat'],
  ['set a 0 --1 1\r\n', 'badFormat'],
  ['set a 0 0 -1\r\n', 'badFormat'],
  ['set a 0 0 1e3\r\n', 'badFormat'],
  ['set a 0 0 0x10\r\n', 'badFormat'],
  ['set a 0 0 ++1\r\n', 'badFormat'],
  ['set a 0 0 2147483646\r\n', 'badFormat'],
  ['set a 0 0 2147483647\r\n', 'badFormat'],
  ['set a 0 0 4294967295\r\n', 'badFormat'],
  ['set a 0 0 18446744073709551617\r\n', 'badFormat'],
  [`set a 0 0 ${DIGITS_400}\r\n`, 'badFormat'],
  ['cas a 0 0 1\r\n', 'badFormat'],
  ['cas a 0 0 1 x\r\n', 'badFormat'],
  ['cas a 0 0 1 -1\r\n', 'badFormat'],
  ['cas a 0 0 1 18446744073709551616\r\n', 'badFormat'],
  ['incr a\r\n', 'badFormat'],
  ['incr a 1 2 3\r\n', 'unknownCommand'],
  ['incr a x\r\n', 'invalidDelta'],
  ['incr a -1\r\n', 'invalidDelta'],
  ['incr a 18446744073709551616\r\n', 'invalidDelta'],
  [`decr a ${DIGITS_400}\r\n`, 'invalidDelta'],
  ['touch a\r\n', 'badFormat'],
  ['touch a x\r\n', 'invalidExptime'],
  ['delete\r\n', 'badFormat'],
  ['delete a b c d e\r\n', 'badFormat'],
  ['flush_all x\r\n', 'invalidExptime'],
  ['verbosity\r\n', 'badFormat'],
  ['verbosity x\r\n', 'badFormat'],
  ['verbosity 1 2 3\r\n', 'unknownCommand'],
  ['debugtime\r\n', 'unknownCommand'],
  ['debugtime x\r\n', 'unknownCommand'],
];

describe('a bad request', () => {
  test.each(BAD)('%j', (text, error) => {
    const { parsed, request, to } = parse(text);
    expect(parsed).toBe(Parsed.error);
    expect(ERROR_TEXTS[error]).toBeDefined();
    expect(request.errorId).toBe(ErrorIds[error]);
    expect(request.closes).toBe(false);
    expect(request.end).toBe(to);
  });

  test.each(BAD)('%j cut at every byte needs more', (text) => {
    for (let length = 0; length < text.length; length++) expect(parse(text, length).parsed).toBe(Parsed.needMore);
  });

  test('of a browser closes the connection silently', () => {
    const { parsed, request } = parse('GET / HTTP/1.1\r\n');
    expect(parsed).toBe(Parsed.error);
    expect(request).toMatchObject({ closes: true, errorId: 0 });
  });

  test('without a line end is refused at the longest length of a line', () => {
    expect(parse('x'.repeat(MAX_OPEN_LINE_BYTES)).parsed).toBe(Parsed.needMore);
    const { parsed, request } = parse('x'.repeat(MAX_OPEN_LINE_BYTES + 1));
    expect(parsed).toBe(Parsed.error);
    expect(request).toMatchObject({ closes: true, errorId: ErrorIds.lineTooLong });
  });
});

describe('numbers of a request', () => {
  test.each([
    ['0', 0, 0],
    ['4294967295', 0, 0xffffffff],
    ['4294967296', 1, 0],
    ['9007199254740993', 0x200000, 1],
    ['18446744073709551615', 0xffffffff, 0xffffffff],
    ['00000000000000000000000000000007', 0, 7],
  ])('cas token and delta %s', (digits, high, low) => {
    for (const text of [`cas a 0 0 1 ${digits}\r\n`, `incr a ${digits}\r\n`]) {
      const { request } = parse(text);
      expect([request.operand.high, request.operand.low]).toEqual([high, low]);
    }
  });
});

describe('a list of keys', () => {
  /** The keys that nextKey returns, and the reason why it ended. */
  function keys(text: string): [string[], KeyStep] {
    const result = parse(text);
    expect(result.parsed).toBe(Parsed.request);
    const found: string[] = [];
    for (;;) {
      const step = result.parser.nextKey(result.request.end, result.to);
      if (step !== KeyStep.key) return [found, step];
      found.push(keyOf(result));
    }
  }

  test.each([
    ['get a b c\r\n', ['a', 'b', 'c'], KeyStep.endOfLine],
    ['get a b c\n', ['a', 'b', 'c'], KeyStep.endOfLine],
    ['get   a   b  \r\n', ['a', 'b'], KeyStep.endOfLine],
    ['gat 0\r\n', [], KeyStep.endOfLine],
    [`get a ${K250}k b\r\n`, ['a'], KeyStep.badKey],
    ['get a b\x01 c\x7f\r\n', ['a', 'b\x01', 'c\x7f'], KeyStep.endOfLine],
    ['get a b\rc\r\n', ['a', 'b\rc'], KeyStep.endOfLine],
    ['get a b\r\r\n', ['a', 'b\r'], KeyStep.endOfLine],
    ['get a b\0 c\r\n', ['a'], KeyStep.badKey],
    [`get \r${K250.slice(1)} \x01${K250}\r\n`, [`\r${K250.slice(1)}`], KeyStep.badKey],
    [`get ${'a '.repeat(5000)}`, new Array(5000).fill('a'), KeyStep.needMore],
  ])('%j', (text, wanted, end) => {
    expect(keys(text)).toEqual([wanted, end]);
  });
});

test('a key ends exactly at the bytes that cannot be part of one', () => {
  for (let byte = 0; byte < 256; byte++) {
    const isPart = byte !== 0x20 && byte !== 0x0a && byte !== 0;
    // Control bytes are rare in keys: the fast path stops at them, and the slow path accepts the key.
    const isFast = byte > 0x20;
    for (const before of ['', 'a', 'ab', 'abc', '\xff', 'a\xff', '\x80\xff\xff', '!!\xff', '~\xff!', 'abcd\xff']) {
      const got = parse(`get ${before}${String.fromCharCode(byte)}~z\r\n`);
      const { parser, request } = got;
      if (isPart) {
        expect([got.parsed, request.isList]).toEqual([Parsed.request, !isFast]);
        if (!isFast) expect(parser.nextKey(request.end, got.to)).toBe(KeyStep.key);
        expect([request.end, keyOf(got)]).toEqual([
          isFast ? got.to : got.to - 2,
          `${before}${String.fromCharCode(byte)}~z`,
        ]);
        continue;
      }
      // A line whose key ends at another byte takes the slow path, which reports the error.
      expect(request.isList || got.parsed === Parsed.error).toBe(true);
      if (byte === 0x20 && before !== '') expect(parser.nextKey(request.end, got.to)).toBe(KeyStep.key);
    }
  }
});
