// Dialogues: each place of a pipeline keeps its number, repeats words of replies, and ends only after its last call.

import { expect, test } from 'vitest';
import { Dialogue } from './dialogue.js';
import { Driver } from './driver.js';
import type { LoadPlan, RequestPlan } from './plan.js';

const REQUESTS: RequestPlan = {
  protocol: 'memcached',
  mode: 'dialogue',
  firstKey: 100,
  keys: 50,
  valueBytes: 0,
  setShare: 0,
  distribution: { kind: 'uniform' },
  calls: [
    ['get', 'q:take:####'],
    ['get', 'q:ack:@2:##'],
  ],
  replies: [['JOB'], ['OK']],
};
const PLAN: LoadPlan = {
  port: 1,
  serverPid: 0,
  requests: REQUESTS,
  connections: 1,
  pipeline: 2,
  seconds: 1,
  warmupSeconds: 0,
  offeredPerSecond: 0,
  client: 'net',
};

function driverOf(requests: RequestPlan): { driver: Driver; source: Dialogue } {
  const source = new Dialogue(requests, PLAN.connections, PLAN.pipeline);
  const driver = new Driver({ ...PLAN, requests }, source);
  driver.start(0, 1);
  return { driver, source };
}

/** Begins a batch, returns its requests, and answers each. */
function converse({ driver, source }: ReturnType<typeof driverOf>, now: number, replies: readonly string[]): string[] {
  const [lane] = driver.lanes;
  if (!driver.begin(lane, now)) return [];
  const sent = source.bytes.toString('latin1', lane.from, lane.to);
  const bytes = Buffer.from(replies.map((text) => `VALUE k 0 ${text.length}\r\n${text}\r\nEND\r\n`).join(''));
  lane.replies.count(bytes, 0, bytes.length);
  expect(driver.finish(lane, now)).toBe(true);
  return sent.split('\r\n').slice(0, -1);
}

test('a dialogue repeats words of each reply in the next call of the same number', () => {
  const load = driverOf(REQUESTS);
  expect(converse(load, 0, ['JOB one 1', 'JOB two 2'])).toEqual(['get q:take:0100', 'get q:take:0129']);
  expect(converse(load, 0, ['OK', 'OK'])).toEqual(['get q:ack:one:00', 'get q:ack:two:29']);
  expect(converse(load, 0, ['JOB x 1', 'JOB y 2'])).toEqual(['get q:take:0108', 'get q:take:0137']);
  expect(load.driver.operations).toBe(6);
});

test('a lane that has made the first call when the time is over makes the others too', () => {
  const load = driverOf(REQUESTS);
  expect(converse(load, 999, ['JOB one 1', 'JOB two 2'])).toHaveLength(2);
  expect(converse(load, 2000, ['OK', 'OK'])).toHaveLength(2);
  expect(converse(load, 2000, [])).toEqual([]);
});

test('a wrong reply ends the round with its text', () => {
  expect(() => converse(driverOf(REQUESTS), 0, ['EMPTY 7', 'JOB a 1'])).toThrow(
    'get q:take:#### was answered by "EMPTY 7"',
  );
});

test('each number comes once when it has to, the last batch being shorter', () => {
  const load = driverOf({
    ...REQUESTS,
    mode: 'dialogueEach',
    firstKey: 0,
    keys: 3,
    calls: [['get', 'k#']],
    replies: [['v']],
  });
  const sent = [...converse(load, 0, ['v', 'v']), ...converse(load, 5000, ['v']), ...converse(load, 5000, [])];
  expect(sent.sort()).toEqual(['get k0', 'get k1', 'get k2']);
});

test('a later dialogue of the same plan continues with new numbers', () => {
  const first = driverOf(REQUESTS);
  converse(first, 0, ['JOB one 1', 'JOB two 2']);
  const { taken } = first.source;
  expect(taken).toBe(2);
  const source = new Dialogue(REQUESTS, 1, 1, taken);
  const driver = new Driver({ ...PLAN, pipeline: 1 }, source);
  driver.start(0, 1);
  driver.begin(driver.lanes[0], 0);
  expect(source.bytes.toString('latin1', driver.lanes[0].from, driver.lanes[0].to)).toBe('get q:take:0108\r\n');
});

test('requests to redis are arrays with the lengths of what they repeat', () => {
  const requests: RequestPlan = {
    ...REQUESTS,
    protocol: 'redis',
    keys: 1,
    calls: [
      ['TAKE', 'q'],
      ['ACK', 'q', '@1', 'job##', 'x@2y'],
    ],
    replies: [['*2'], [':1']],
  };
  const source = new Dialogue(requests, 1, 1);
  const driver = new Driver({ ...PLAN, requests, pipeline: 1 }, source);
  driver.start(0, 1);
  const [lane] = driver.lanes;
  driver.begin(lane, 0);
  expect(source.bytes.toString('latin1', lane.from, lane.to)).toBe('*2\r\n$4\r\nTAKE\r\n$1\r\nq\r\n');
  const reply = Buffer.from('*2\r\n$3\r\nabc\r\n:42\r\n');
  lane.replies.count(reply, 0, reply.length);
  driver.finish(lane, 0);
  driver.begin(lane, 0);
  expect(source.bytes.toString('latin1', lane.from, lane.to)).toBe(
    '*5\r\n$3\r\nACK\r\n$1\r\nq\r\n$3\r\nabc\r\n$5\r\njob00\r\n$4\r\nx42y\r\n',
  );
});
