// Clients that announce values and send a byte of them now and then must not keep memory from others. Clients that stop sending:
// test/transport/suite-limits.ts.

import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { LineClient } from '../line-client.js';
import { startPlain } from '../server-process.js';

const WRITERS = 200;
const VALUE_BYTES = 100_000;
/** The bytes that a client on a slow network sends every 100 ms: 20 KB/s. */
const PART = 'p'.repeat(2000);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function connect(port: number): Promise<Socket> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

// Both mostly wait.
test.concurrent.each(['epoll', 'net'])(
  'slow writers are closed, and a client on a slow network is not (%s)',
  async (transport) => {
    await using server = await startPlain('--transport', transport, '-m', '16', '--value-timeout', '4', '-t', '2');
    using client = await LineClient.connect(server.port);
    const honest = await connect(server.port);
    let reply = '';
    honest.setEncoding('latin1').on('data', (text: string) => {
      reply += text;
    });
    honest.write(`set honest 0 0 ${VALUE_BYTES}\r\n`);
    const writers = await Promise.all(Array.from({ length: WRITERS }, () => connect(server.port)));
    let open = WRITERS;
    for (const [number, socket] of writers.entries()) {
      socket.resume().once('close', () => open--);
      socket.write(`set slow${number} 0 0 ${VALUE_BYTES}\r\n`);
    }
    for (let part = 0; part < VALUE_BYTES / PART.length; part++) {
      honest.write(PART);
      if (part % 9 === 0) for (const socket of writers) socket.write('s');
      await pause(100);
    }
    honest.write('\r\n');
    for (let round = 0; round < 30 && reply === ''; round++) await pause(100);
    expect(reply).toBe('STORED\r\n');
    for (let round = 0; round < 30 && open > 0; round++) await pause(100);
    expect(open).toBe(0);

    const stats = await client.ask('stats transport\r\n');
    const count = (name: string) => Number(new RegExp(`STAT ${name} (\\d+)`).exec(stats)?.[1]);
    expect(count('held_closes')).toBeGreaterThan(0);
    expect(count('value_timeouts') + count('held_closes')).toBe(WRITERS);
    for (let number = 0; number < 100; number++) {
      expect(await client.set(`other${number}`, 'x'.repeat(VALUE_BYTES))).toBe('STORED');
    }
  },
);
