// Fuzz target `sockets`: the random requests of `wire`, over sockets to the built server, with both transports, with room for all items and
// with evictions.

import { once } from 'node:events';
import { connect } from 'node:net';
import { type ServerProcess, startOnAllProcessors } from '../../app/server-process.js';
import { randomOf } from '../runner.js';
import type { FuzzTarget, Json, Sequence } from '../target.js';
import { prefixOf } from './in-process.js';
import { WireModel } from './model.js';
import type { Draw } from './request-parts.js';
import { Grammar, type WireRequest } from './requests.js';
import { SocketClient } from './socket-client.js';

const ITEM_LIMIT = 300_000;
const CLIENTS = 8;

interface Setup {
  readonly transport: 'epoll' | 'net';
  readonly mayEvict: boolean;
  readonly pieceSeed: number;
}

type Step = readonly [client: number, request: WireRequest];

const servers = new Map<string, Promise<ServerProcess>>();

export const socketsTarget: FuzzTarget = {
  name: 'sockets',
  generate(random) {
    const draw: Draw = (below) => random.below(below);
    const mayEvict = draw(3) === 0;
    const grammars = Array.from({ length: CLIENTS }, (_, client) => {
      const options = {
        prefix: prefixOf(client),
        keys: 16 + draw(200),
        longestValue: client % 3 === 0 ? 250_000 : 6000,
        itemLimit: ITEM_LIMIT,
        isAlone: false,
        version: undefined,
        mayEvict,
        isClockExact: false,
        hasObjects: false,
      };
      return new Grammar(draw, options, () => undefined);
    });
    const steps = Array.from({ length: 200 + draw(1500) }, (): Step => {
      const client = draw(CLIENTS);
      return [client, grammars[client].next()];
    });
    const setup: Setup = { transport: draw(2) === 0 ? 'epoll' : 'net', mayEvict, pieceSeed: draw(2 ** 31) };
    return { setup: setup as unknown as Json, steps: steps as unknown as readonly Json[] };
  },
  async run({ setup, steps }: Sequence) {
    const { transport, mayEvict, pieceSeed } = setup as unknown as Setup;
    const { child, port } = await serverFor(transport, mayEvict);
    const versionLine = await ask(port, 'version\r\n');
    await ask(port, 'flush_all\r\n');
    const random = randomOf(pieceSeed);
    const sending = Array.from({ length: CLIENTS }, (_, client) => {
      const own = randomOf(random.below(2 ** 31));
      const requests = (steps as unknown as readonly Step[])
        .filter(([sender]) => sender === client)
        .map(([, request]) => request);
      const model = new WireModel({ itemLimit: ITEM_LIMIT, mayEvict });
      return new SocketClient({ port, draw: (below) => own.below(below), model, versionLine }).run(requests);
    });
    const failures = (await Promise.allSettled(sending)).filter((result) => result.status === 'rejected');
    if (child.exitCode !== null) throw new Error(`the server has ended with ${child.exitCode}`);
    if (failures[0] !== undefined) throw failures[0].reason;
    return steps.length;
  },
  async close() {
    const running = await Promise.all(servers.values());
    servers.clear();
    for (const server of running) await server[Symbol.asyncDispose]();
  },
};

async function serverFor(transport: string, mayEvict: boolean): Promise<ServerProcess> {
  const flags = ['--transport', transport, mayEvict ? '-m2' : '-m256', '-I', String(ITEM_LIMIT)];
  const name = flags.join(' ');
  const running = await servers.get(name);
  if (running !== undefined && running.child.exitCode === null) return running;
  const started = startOnAllProcessors(flags);
  servers.set(name, started);
  return started;
}

async function ask(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return chunk.toString('latin1');
}
