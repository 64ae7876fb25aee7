// Starts the installed memcached, if there is one, and runs whole conversations with it.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const QUIET_MS = 5000;

/** The version of the installed memcached, or undefined. */
export function memcachedVersion(): string | undefined {
  try {
    return execFileSync('memcached', ['-V'], { encoding: 'utf8' }).trim().split(' ')[1];
  } catch {
    return undefined;
  }
}

export interface Peer {
  readonly port: number;
  stop(): void;
}

export async function startMemcached(flags: readonly string[] = []): Promise<Peer> {
  const port = await freePort();
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn('memcached', [...user, '-l', '127.0.0.1', '-p', String(port), '-t', '1', ...flags], {
    stdio: 'ignore',
  });
  await untilListening(port, child);
  return { port, stop: () => child.kill() };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Tries to connect until it works or the process has ended. */
export async function untilListening(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    if (await canConnect(port)) return;
  }
  throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => setImmediate(() => resolve(false)));
  });
}

/** The whole reply to the requests on one connection, which is half-closed after them. */
export function ask(port: number, requests: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.setTimeout(QUIET_MS, () =>
      socket.destroy(new Error(`no reply to ${JSON.stringify(requests.slice(0, 80))}`)),
    );
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(Buffer.concat(chunks).toString('latin1'));
      else reject(error);
    });
    socket.on('end', () => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
    socket.end(Buffer.from(requests, 'latin1'));
  });
}
