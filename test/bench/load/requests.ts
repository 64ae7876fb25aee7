// Builds requests before a round starts, so that sending takes little time in the load process: one long buffer and the offset of each
// request. Any pipeline is a range of it.

import { largestCallBytes, writeCall } from './calls.js';
import { type Call, KEY_BYTES, KEYS_PER_MULTI_GET, type Mode, type Protocol, type RequestPlan } from './plan.js';
import { keyPicker, Random } from './random.js';
import { type ReplyCounter, replyCounter } from './replies.js';
import { RequestWriter } from './request-writer.js';
import type { Lane, RequestSource } from './source.js';

export class RequestPool implements RequestSource {
  /** The next request to send. It continues from round to round, so that short rounds do not repeat the same few keys. */
  #cursor = 0;

  constructor(
    private readonly protocol: Protocol,
    readonly bytes: Buffer,
    /** Byte offset of each request, and of the end of the last. */
    readonly starts: Float64Array,
    readonly count: number,
    /** In order, too. */
    readonly once: boolean,
  ) {}

  get isSpent(): boolean {
    return this.once && this.#cursor >= this.count;
  }

  counterOf(): ReplyCounter {
    return replyCounter(this.protocol);
  }

  isMidway(): boolean {
    return false;
  }

  next(lane: Lane, wanted: number): void {
    if (!this.once && this.#cursor + wanted > this.count) this.#cursor = 0;
    const end = Math.min(this.#cursor + wanted, this.count);
    lane.from = this.starts[this.#cursor];
    lane.to = this.starts[end];
    lane.awaited = end - this.#cursor;
    this.#cursor = end;
  }
}

const POOL_BYTES = 96 * 2 ** 20;
const POOL_REQUESTS = 2_000_000;
/** Fewer, because a scenario has many kinds of calls. */
const POOL_CALLS = 200_000;
const FEWEST_REQUESTS = 512;
const SEED = 12345;

/** Builds requests for about twice as many draws as there are keys, or as many as a bounded pool holds. */
export function buildRequests(plan: RequestPlan): RequestPool {
  const once = plan.mode === 'fill' || plan.mode === 'callEach';
  const largest = largestRequestBytes(plan);
  const count = once ? plan.keys * (plan.calls?.length ?? 1) : drawnRequests(plan, largest);
  const writer = new RequestWriter(count * largest);
  const random = new Random(SEED);
  const pick = keyPicker(plan.distribution, plan.keys, random);
  const write =
    plan.calls === undefined ? keyRequests(plan, random, pick) : callRequests(plan, plan.calls, random, pick);
  const starts = new Float64Array(count + 1);
  for (let index = 0; index < count; index++) {
    starts[index] = writer.length;
    write(writer, index);
  }
  starts[count] = writer.length;
  return new RequestPool(plan.protocol, writer.bytes, starts, count, once);
}

function drawnRequests(plan: RequestPlan, largestBytes: number): number {
  const most = plan.calls === undefined ? POOL_REQUESTS : POOL_CALLS;
  const wanted = Math.min(most, Math.max(2 * plan.keys, FEWEST_REQUESTS));
  return Math.max(FEWEST_REQUESTS, Math.min(wanted, Math.floor(POOL_BYTES / largestBytes)));
}

type WriteRequest = (writer: RequestWriter, index: number) => void;

function keyRequests(plan: RequestPlan, random: Random, pick: () => number): WriteRequest {
  const write = WRITERS[plan.protocol];
  return (writer, index) => {
    switch (requestKind(plan, random)) {
      case 'get':
        write.get(writer, plan.firstKey + pick());
        break;
      case 'mget':
        write.multiGet(writer, () => plan.firstKey + pick());
        break;
      default:
        write.set(writer, plan.firstKey + (plan.mode === 'fill' ? index : pick()), plan.valueBytes);
    }
  };
}

function callRequests(plan: RequestPlan, calls: readonly Call[], random: Random, pick: () => number): WriteRequest {
  let number = 0;
  return (writer, index) => {
    const turn = index % calls.length;
    if (turn === 0) number = plan.firstKey + (plan.mode === 'callEach' ? index / calls.length : pick());
    writeCall(writer, plan.protocol, calls[turn], number, random);
  };
}

function requestKind(plan: RequestPlan, random: Random): Exclude<Mode, 'mix'> {
  if (plan.mode !== 'mix') return plan.mode;
  return random.fraction() < plan.setShare ? 'set' : 'get';
}

function largestRequestBytes(plan: RequestPlan): number {
  if (plan.calls !== undefined) return Math.max(...plan.calls.map(largestCallBytes));
  if (plan.mode === 'get') return 64;
  if (plan.mode === 'mget') return 64 + KEYS_PER_MULTI_GET * (KEY_BYTES + 24);
  return plan.valueBytes + 96;
}

const [BINARY_GET, BINARY_SET, BINARY_GETKQ] = ['\0', '\x01', '\x0d'] as const;
/** Flags and expiry. */
const NO_FLAGS = '\0'.repeat(8);

/** The bytes of a request with a key. */
function binaryHeader(to: RequestWriter, opcode: string, extrasBytes: number, valueBytes: number): void {
  const body = extrasBytes + KEY_BYTES + valueBytes;
  const length = String.fromCharCode(body >>> 24, (body >>> 16) & 0xff, (body >>> 8) & 0xff, body & 0xff);
  to.text(`\x80${opcode}\0${String.fromCharCode(KEY_BYTES, extrasBytes)}\0\0\0${length}${'\0'.repeat(12)}`);
}

interface ProtocolWriter {
  get(to: RequestWriter, key: number): void;
  set(to: RequestWriter, key: number, valueBytes: number): void;
  multiGet(to: RequestWriter, nextKey: () => number): void;
}

const WRITERS: Readonly<Record<Protocol, ProtocolWriter>> = {
  memcached: {
    get(to, key) {
      to.text('get ');
      to.key(key);
      to.text('\r\n');
    },
    set(to, key, valueBytes) {
      to.text('set ');
      to.key(key);
      to.text(` 0 0 ${valueBytes}\r\n`);
      to.value(valueBytes);
      to.text('\r\n');
    },
    multiGet(to, nextKey) {
      to.text('get');
      for (let index = 0; index < KEYS_PER_MULTI_GET; index++) {
        to.text(' ');
        to.key(nextKey());
      }
      to.text('\r\n');
    },
  },
  binary: {
    get(to, key) {
      binaryHeader(to, BINARY_GET, 0, 0);
      to.key(key);
    },
    set(to, key, valueBytes) {
      binaryHeader(to, BINARY_SET, NO_FLAGS.length, valueBytes);
      to.text(NO_FLAGS);
      to.key(key);
      to.value(valueBytes);
    },
    multiGet(to, nextKey) {
      for (let index = 0; index < KEYS_PER_MULTI_GET; index++) {
        binaryHeader(to, BINARY_GETKQ, 0, 0);
        to.key(nextKey());
      }
      to.text(`\x80\x0a${'\0'.repeat(22)}`);
    },
  },
  redis: {
    get(to, key) {
      to.text(`*2\r\n$3\r\nGET\r\n$${KEY_BYTES}\r\n`);
      to.key(key);
      to.text('\r\n');
    },
    set(to, key, valueBytes) {
      to.text(`*3\r\n$3\r\nSET\r\n$${KEY_BYTES}\r\n`);
      to.key(key);
      to.text(`\r\n$${valueBytes}\r\n`);
      to.value(valueBytes);
      to.text('\r\n');
    },
    multiGet(to, nextKey) {
      to.text(`*${KEYS_PER_MULTI_GET + 1}\r\n$4\r\nMGET\r\n`);
      for (let index = 0; index < KEYS_PER_MULTI_GET; index++) {
        to.text(`$${KEY_BYTES}\r\n`);
        to.key(nextKey());
        to.text('\r\n');
      }
    },
  },
};
