// Events for clients that read slowly, or not at all.

import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { ADMIN_METRICS } from '../../../src/app/admin/admin-metrics.js';
import { EventStream } from '../../../src/app/admin/event-stream.js';
import { METRICS_PER_THREAD, Metrics } from '../../../src/base/metrics.js';

/** A response whose client reads only when the test makes it read. */
class FakeResponse extends EventEmitter {
  waiting = '';
  read = '';

  get writableLength(): number {
    return this.waiting.length;
  }

  writeHead(): void {}

  write(text: string): void {
    this.waiting += text;
  }

  readAll(): void {
    this.read += this.waiting;
    this.waiting = '';
  }
}

function streamWith(clients: readonly FakeResponse[]) {
  const metrics = new Metrics(new Float64Array(METRICS_PER_THREAD), 0);
  const stream = new EventStream(metrics);
  for (const client of clients) stream.add(client as unknown as ServerResponse);
  return { stream, dropped: () => metrics.total(ADMIN_METRICS.admin_events_dropped) };
}

test('a client that does not read loses events; they are counted, the count is sent to it, and others lose none', () => {
  const [slow, quick] = [new FakeResponse(), new FakeResponse()];
  const { stream, dropped } = streamWith([slow, quick]);
  const sent = 5000;
  for (let number = 0; number < sent; number++) {
    stream.send('log', { number, message: 'x'.repeat(100) });
    quick.readAll();
  }
  expect(slow.waiting.length).toBeLessThanOrEqual(128 * 1024);
  const received = (text: string) => text.match(/^event: log$/gm)?.length ?? 0;
  expect(received(quick.read)).toBe(sent);
  expect(received(slow.waiting) + dropped()).toBe(sent);
  slow.readAll();
  const lost = dropped();
  stream.send('log', { number: sent });
  expect(slow.waiting).toBe(`event: lost\ndata: {"events":${lost}}\n\nevent: log\ndata: {"number":${sent}}\n\n`);
});

test('the stream says when its first client comes and its last one leaves', () => {
  const [one, other] = [new FakeResponse(), new FakeResponse()];
  const { stream } = streamWith([]);
  const needed: boolean[] = [];
  stream.onNeeded = (isNeeded) => needed.push(isNeeded);
  stream.add(one as unknown as ServerResponse);
  stream.add(other as unknown as ServerResponse);
  one.emit('close');
  other.emit('close');
  stream.send('log', {});
  expect(needed).toEqual([true, false]);
});
