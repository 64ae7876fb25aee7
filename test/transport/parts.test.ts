// The small parts of a transport on their own: listen addresses, limits of descriptors, output windows, the connection table.

import { describe, expect, test } from 'vitest';
import type { Connection } from '../../src/transport/connection.js';
import { ConnectionTable } from '../../src/transport/connection-table.js';
import { connectionLimit, isLastDescriptor, systemDescriptorLimit } from '../../src/transport/descriptors.js';
import { OutputBuffers } from '../../src/transport/output-buffers.js';
import { parseListenAddresses } from '../../src/transport/transport-options.js';
import { FakeEngine } from './fake-engine.js';

describe('a listen address', () => {
  test.each([
    ['127.0.0.1', [{ host: '127.0.0.1', port: 11211 }]],
    ['localhost:11311', [{ host: 'localhost', port: 11311 }]],
    [
      '127.0.0.1,10.0.0.1:5',
      [
        { host: '127.0.0.1', port: 11211 },
        { host: '10.0.0.1', port: 5 },
      ],
    ],
    [
      '[::1]:7, [fe80::1]',
      [
        { host: '::1', port: 7 },
        { host: 'fe80::1', port: 11211 },
      ],
    ],
    ['::1', [{ host: '::1', port: 11211 }]],
    ['*', [{ host: undefined, port: 11211 }]],
    [':12', [{ host: undefined, port: 12 }]],
    ['', []],
  ])('%s', (text, expected) => {
    expect(parseListenAddresses(text, 11211)).toEqual(expected);
  });

  test.each(['a:b', '1.2.3.4:70000', '[::1', '1.2.3.4:'])('%s is refused', (text) => {
    expect(() => parseListenAddresses(text, 11211)).toThrow(`cannot listen on ${text}: `);
  });
});

describe('the limit of descriptors', () => {
  test('is read from the OS', () => {
    expect(systemDescriptorLimit()).toBeGreaterThan(8);
  });

  test.each([
    [1024, 20_000, 1024],
    [1024, 1024, 960],
    [1024, 60, 30],
    [1024, 1, 1],
    [5000, Number.POSITIVE_INFINITY, 5000],
  ])('of %i connections wanted with %d descriptors, %i are allowed', (wanted, descriptors, expected) => {
    expect(connectionLimit(wanted, descriptors)).toBe(expected);
  });

  test.each([
    [1024, 996],
    [100, 80],
    [60, 52],
  ])('of %i the last ones, from %i on, are for refusals and for changed object types', (limit, first) => {
    expect(isLastDescriptor(first - 1, limit)).toBe(false);
    expect(isLastDescriptor(first, limit)).toBe(true);
    expect(isLastDescriptor(-1, limit)).toBe(false);
  });
});

describe('an output window', () => {
  test('is replaced while the kernel reads it, and replies become copies when none is spare', () => {
    const engine = new FakeEngine(2);
    const full = engine.output.size;
    const outputs = new OutputBuffers(engine, engine, engine.spareOutputs, false);
    const first = outputs.current.view(10);
    expect(outputs.current.view(10)).toBe(first);
    expect(first.buffer).toBe(engine.buffer);
    const retired = outputs.retire();
    const second = outputs.current.view(9000);
    expect(second.byteOffset).not.toBe(first.byteOffset);
    expect(engine.output.size).toBe(full);
    const alsoRetired = outputs.retire();
    expect(outputs.isScarce).toBe(true);
    expect(engine.output.size).toBeLessThan(full);
    expect(outputs.current.copy(outputs.current.at, 10).buffer).not.toBe(engine.buffer);
    for (const window of [retired, alsoRetired]) outputs.release(window);
    expect(outputs.isScarce).toBe(false);
    expect(engine.output.size).toBe(full);
    expect(outputs.spareCount).toBe(2);
  });
});

describe('the connection table', () => {
  const tableOf = (count: number) => {
    const table = new ConnectionTable();
    const all = Array.from({ length: count }, () => ({ tableIndex: -1 }) as Connection);
    for (const connection of all) table.add(connection);
    return { table, all };
  };

  test('visits all connections in turn', () => {
    const { table, all } = tableOf(10);
    const seen = new Map<Connection, number>();
    for (let round = 0; round < 5; round++) table.visitSome(4, (one) => seen.set(one, (seen.get(one) ?? 0) + 1));
    expect(all.map((one) => seen.get(one))).toEqual(all.map(() => 2));
  });

  test('allows a visit to remove connections', () => {
    const { table, all } = tableOf(10);
    const seen = new Set<Connection>();
    table.visitSome(10, (one) => {
      seen.add(one);
      if (one.tableIndex % 2 === 0) table.remove(one);
    });
    expect(seen.size).toBe(10);
    table.visitAll((one) => table.remove(one));
    expect(table.size).toBe(0);
    expect(new Set(all.map((one) => one.tableIndex))).toEqual(new Set([-1]));
  });
});
