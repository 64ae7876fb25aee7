// Clients that slowly read large values must not keep memory from others. Clients that read nothing: test/transport/suite-limits.ts.

import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { LineClient } from '../line-client.js';
import { startPlain } from '../server-process.js';

const READERS = 32;
const VALUE = 'v'.repeat(1_000_000);

test.each(['epoll', 'net'])('slow readers do not keep others from storing (%s)', async (transport) => {
  await using server = await startPlain('--transport', transport, '-m', '32', '-t', '2');
  using client = await LineClient.connect(server.port);
  const sockets: Socket[] = [];
  for (let number = 0; number < READERS; number++) {
    expect(await client.set(`value${number}`, VALUE)).toBe('STORED');
    // Node accepts this option, though its types do not declare it.
    const options = { port: server.port, host: '127.0.0.1', highWaterMark: 1024 };
    const socket = createConnection(options);
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write(`get ${`value${number} `.repeat(12).trim()}\r\n`);
    socket.pause();
    sockets.push(socket);
  }
  // Each second the timer closes the slowest of them.
  let refused = READERS;
  for (let round = 0; round < 8 && refused > 0; round++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const socket of sockets) socket.read(1);
    refused = 0;
    for (let number = 0; number < READERS; number++) {
      if ((await client.set(`other${number}`, 'x'.repeat(200_000))) !== 'STORED') refused++;
    }
  }
  expect(refused).toBe(0);
  expect(await client.ask('stats transport\r\n')).toMatch(/STAT held_closes [1-9]/);
  for (const socket of sockets) socket.destroy();
});
