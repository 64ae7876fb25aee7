// The log lines of -v and -vv, with both transports.

import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type ServerProcess, startPlain } from './server-process.js';

/** The complete reply to a text, after which the client closes its half. */
async function send(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.end(Buffer.from(text, 'latin1'));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

const messages = ({ log }: ServerProcess) => log.map(({ msg }) => msg).join('\n');

describe.each(['epoll', 'net'])('with the transport %s', (transport) => {
  test('-v logs connections and refused requests', async () => {
    await using server = await startPlain('-v', '--transport', transport);
    await send(server.port, 'set a x 0 1\r\nx\r\nget a\r\n\x1b[2J\r\n');
    await server.logged(/^connection \d+ opened$/);
    await server.logged(/^connection \d+ closed: the client closed it$/);
    await server.logged(/^a request was refused: CLIENT_ERROR bad command line format: set a x 0 1$/);
    await server.logged(/^a request was refused: ERROR: \?\[2J$/);
    expect(messages(server)).not.toContain('a client asks');
  });

  test('-vv logs requests too', async () => {
    await using server = await startPlain('-vv', '--transport', transport);
    await send(server.port, 'get some\r\n');
    await server.logged(/^a client asks: get some$/);
  });

  test('lines about clients are logged only with -v, or after a client has sent verbosity', async () => {
    await using server = await startPlain('--transport', transport);
    await send(server.port, 'foo\r\n');
    expect(await send(server.port, 'verbosity 1\r\n')).toBe('OK\r\n');
    await send(server.port, 'bar\r\n');
    await server.logged(/^a request was refused: ERROR: bar$/);
    expect(messages(server)).not.toContain('foo');
  });

  test('-v logs refused connections and evictions', async () => {
    await using server = await startPlain('-v', '-c', '1', '-m', '1', '-I', '100k', '--transport', transport);
    const value = 'v'.repeat(50_000);
    const sets = Array.from({ length: 60 }, (_, index) => `set k${index} 0 0 ${value.length} noreply\r\n${value}\r\n`);
    const holder = connect(server.port, '127.0.0.1');
    holder.write(`${sets.join('')}version\r\n`);
    await once(holder, 'data');
    expect(await send(server.port, '')).toBe('ERROR Too many open connections\r\n');
    await server.logged(/^connection \d+ refused: too many open connections, at most 1 are served \(-c\)$/);
    await server.logged(/^\d+ items were evicted to make room since the last such line, \d+ in all$/);
    holder.destroy();
  });

  test('a binary client is closed, logged and counted where only text is allowed', async () => {
    await using server = await startPlain('-B', 'ascii', '--transport', transport);
    await send(server.port, 'set a 0 0 1\r\nx\r\n');
    expect(await send(server.port, `\x80\x01\0\x01${'\0'.repeat(20)}a\r\nflush_all\r\n`)).toBe('');
    await server.logged(/closed because it speaks the binary protocol/);
    expect(await send(server.port, 'get a\r\nstats transport\r\n')).toMatch(
      /^VALUE a 0 1\r\nx\r\nEND\r\n[\s\S]*STAT binary_refused 1\r\n/,
    );
  });

  test('a flood of refused requests does not flood the log', async () => {
    await using server = await startPlain('-v', '--transport', transport);
    await send(server.port, 'foo\r\n'.repeat(20_000));
    await server.logged(/^\d+ further lines of one second were left out$/);
    expect(server.log.length).toBeLessThan(1000);
  });
});
