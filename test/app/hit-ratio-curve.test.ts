// `stats curve` of the built server against servers of half and of twice its size, which get the same requests: what it says of a size is what
// a server of that size has. Against simulations: test/store/hit-ratio-curve.test.ts. LONG_TESTS takes more requests and all traces.

import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { keyPicker, Random } from '../bench/load/random.js';
import { AskingClient } from './asking-client.js';
import { startProcess } from './server-process.js';

const IS_LONG = process.env.LONG_TESTS !== undefined;
const REQUESTS = IS_LONG ? 600_000 : 150_000;
const MEMORY_MIB = IS_LONG ? 64 : 8;
const FACTORS = [0.5, 1, 2];
const BATCH = 64;

interface Trace {
  readonly name: string;
  /** The keys asked for, one after another; `items` are as many as a cache of the size has, about. */
  readonly pick: (items: number) => () => number;
  readonly bytesOf: (key: number) => number;
}

/** One key in 64 is in the sample, so that a small cache needs small values for enough of them. */
const MOST_BYTES = IS_LONG ? 4096 : 500;
const MEAN_BYTES = MOST_BYTES / 2 + 50;
/** From 100 bytes on, the same for each key. */
const mixedBytes = (key: number) => 100 + ((key * 7919) % (MOST_BYTES - 99));

const TRACES: readonly Trace[] = [
  {
    name: `Zipf keys with values of 100 to ${MOST_BYTES} bytes`,
    pick: (items) => keyPicker({ kind: 'zipf', exponent: 0.99 }, items * 10, new Random(5)),
    bytesOf: mixedBytes,
  },
  {
    name: 'a scan between Zipf keys',
    pick: (items) => {
      const zipf = keyPicker({ kind: 'zipf', exponent: 0.9 }, items * 5, new Random(6));
      let request = 0;
      return () => (++request % 4 === 0 ? items * 5 + request / 4 : zipf());
    },
    bytesOf: mixedBytes,
  },
  {
    name: 'blocks in a loop one and a half times as long as the cache, and others at random',
    pick: (items) => {
      const others = keyPicker({ kind: 'zipf', exponent: 0.8 }, Math.floor(items / 4), new Random(7));
      const blocks = Math.floor(items * 1.25);
      let request = 0;
      return () => (++request % 3 === 0 ? blocks + others() : request % blocks);
    },
    bytesOf: () => 2048,
  },
];

/** Asks for keys in batches, and stores what was missing, as clients do. */
class CachingClient {
  #misses: string[] = [];
  #asked: string[] = [];
  #received = '';
  #wake: () => void = () => {};

  private constructor(
    private readonly socket: Socket,
    private readonly trace: Trace,
    private readonly pick: () => number,
  ) {
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('data', (text: string) => {
      this.#received += text;
      if (this.#received.endsWith('MN\r\n')) this.#wake();
    });
  }

  static async connect(port: number, trace: Trace): Promise<CachingClient> {
    const socket = createConnection(port, '127.0.0.1');
    await once(socket, 'connect');
    return new CachingClient(socket, trace, trace.pick(Math.floor((MEMORY_MIB * 2 ** 20) / MEAN_BYTES)));
  }

  async ask(requests: number): Promise<void> {
    for (let done = 0; done < requests; done += BATCH) {
      const batch = this.#misses;
      this.#asked = Array.from({ length: BATCH }, () => `k${this.pick()}`);
      batch.push(...this.#asked.map((key) => `mg ${key}\r\n`), 'mn\r\n');
      this.#received = '';
      this.socket.write(batch.join(''));
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const missing = this.#received
        .split('\r\n')
        .flatMap((line, index) => (line === 'EN' ? [this.#asked[index]] : []));
      this.#misses = [...new Set(missing)].map((key) => {
        const length = this.trace.bytesOf(Number(key.slice(1)));
        return `ms ${key} ${length} q\r\n${'x'.repeat(length)}\r\n`;
      });
    }
  }

  close(): void {
    this.socket.destroy();
  }
}

/** The real hit ratio of a server, and those that it estimates for the sizes. */
async function ratiosOf(trace: Trace, mebibytes: number) {
  await using server = await startProcess(['-m', String(mebibytes), '--no-objects']);
  const caching = await CachingClient.connect(server.port, trace);
  await caching.ask(REQUESTS);
  const client = await AskingClient.connect(server.port);
  expect(await client.line('stats reset\r\n')).toBe('RESET');
  await caching.ask(REQUESTS);
  const real = (await client.stat('get_hits')) / (await client.stat('cmd_get'));
  const rows = await client.list('stats curve\r\n');
  const estimated = FACTORS.map((factor) => Number(new RegExp(`STAT ${factor}:hit_ratio (\\S+)\\r`).exec(rows)?.[1]));
  client.close();
  caching.close();
  return { real, estimated };
}

test.each(IS_LONG ? TRACES : TRACES.slice(0, 1))(
  'stats curve says what servers of half and twice the size have: $name',
  { timeout: 600_000 },
  async (trace) => {
    // The first of a few, since chance decides which keys are in the sample.
    const real: number[] = [];
    for (const factor of FACTORS) real.push((await ratiosOf(trace, MEMORY_MIB * factor)).real);
    const estimates: number[][] = [];
    for (let attempt = 0; attempt < (IS_LONG ? 3 : 1); attempt++)
      estimates.push((await ratiosOf(trace, MEMORY_MIB)).estimated);
    const errors = FACTORS.map((_, size) => {
      const found = estimates.map((estimated) => estimated[size]).sort((left, right) => left - right);
      return found[Math.floor(found.length / 2)] - real[size];
    });
    const shown = (ratios: readonly number[]) => ratios.map((ratio) => ratio.toFixed(4)).join(' ');
    console.log(`${trace.name}: real ${shown(real)}, estimated ${estimates.map(shown).join(' / ')}`);
    for (const error of errors) expect(Math.abs(error)).toBeLessThan(IS_LONG ? 0.02 : 0.05);
  },
);
