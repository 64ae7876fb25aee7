// The requests of the warm-up, before the first client, leave no trace.

import { expect, test } from 'vitest';
import { warmUp } from '../../../src/protocols/text/warm-up-requests.js';
import { checkStore } from '../../store/checker.js';
import { Harness, statsOf } from './harness.js';

test('a warm-up leaves no item, no count and no used byte', () => {
  const harness = new Harness();
  const before = [...statsOf(harness)].filter(([name]) => !name.startsWith('rusage'));
  warmUp(harness.engine.protocol, harness.engine.shell);
  expect([...statsOf(harness)].filter(([name]) => !name.startsWith('rusage'))).toEqual(before);
  checkStore(harness.store);
  expect(harness.ask('set a 0 0 1\r\nx\r\ngets a\r\n')).toBe('STORED\r\nVALUE a 0 1 1\r\nx\r\nEND\r\n');
});
