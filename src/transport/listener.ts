// Listens on TCP addresses and Unix sockets and passes each new client on as a channel. Limits of connections: connections.ts.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { ConnectionRows } from './connection-rows.js';
import { HandleChannel, HandleChannels } from './net/handle-channel.js';
import type { NetChannel } from './net/net-channel.js';
import { SocketChannel } from './net/socket-channel.js';
import {
  isStreamHandle,
  listeningHandle,
  type StreamHandle,
  serverAddress,
  serverDescriptor,
  streamBinding,
} from './net/stream-handle.js';
import type { SocketAddress } from './socket-address.js';
import { type ListenAddress, listenError, type UnixSocketOptions } from './transport-options.js';
import { clearSocketPath, withFileMode } from './unix-socket.js';

/** Undefined: all protocols. */
export type ProtocolNames = ListenAddress['protocols'];

interface ListenerEvents {
  /** A new client, with the protocols of its listener. */
  onChannel(channel: NetChannel, protocols: ProtocolNames): void;
  /** A new TLS client, before its handshake. */
  onTlsSocket(socket: Socket, protocols: ProtocolNames): void;
  onAcceptError(code: string): void;
}

export class Listener {
  readonly #servers: Server[] = [];
  private readonly channels: HandleChannels | null;

  constructor(
    private readonly readArea: Uint8Array,
    private readonly backlog: number,
    useHandles: boolean,
    private readonly events: ListenerEvents,
  ) {
    const binding = useHandles ? streamBinding() : null;
    this.channels = binding === null ? null : new HandleChannels(binding, readArea);
  }

  /** Whether clients arrive as handles, which is cheaper than as sockets. */
  get usesHandles(): boolean {
    return this.channels !== null;
  }

  async listenTcp({ host, port, isTls, protocols }: ListenAddress): Promise<AddressInfo> {
    const name = `${host ?? '*'}:${port}`;
    const bind = (created: Server) => created.listen({ host, port, backlog: this.backlog });
    const server = await this.#listen(name, isTls ?? false, protocols, bind);
    return server.address() as AddressInfo;
  }

  async listenUnix({ path, mode, protocols }: UnixSocketOptions): Promise<string> {
    await clearSocketPath(path);
    await this.#listen(path, false, protocols, (created) =>
      withFileMode(mode, () => created.listen({ path, backlog: this.backlog })),
    );
    return path;
  }

  /** Rows of `stats conns`. */
  addRows(rows: ConnectionRows): void {
    for (const server of this.#servers) rows.addListener(serverDescriptor(server), serverAddress(server));
  }

  /** Stops accepting clients and removes a socket file. */
  close(): void {
    for (const server of this.#servers) server.close();
    this.#servers.length = 0;
  }

  #listen(name: string, isTls: boolean, protocols: ProtocolNames, bind: (server: Server) => void): Promise<Server> {
    const server = createServer({ pauseOnConnect: !isTls, allowHalfOpen: true });
    server.on('connection', (socket) => {
      if (isTls) this.events.onTlsSocket(socket, protocols);
      else this.events.onChannel(new SocketChannel(socket, this.readArea, serverAddress(server)), protocols);
    });
    return new Promise((resolve, reject) => {
      const refuse = (error: NodeJS.ErrnoException) => reject(listenError(name, error.code, error));
      server.once('error', refuse);
      server.once('listening', () => {
        server.off('error', refuse);
        server.on('error', (error: NodeJS.ErrnoException) => this.events.onAcceptError(error.code ?? error.message));
        resolve(server);
      });
      bind(server);
      // Without a name to look up, the address is bound synchronously; otherwise the handle still exists before the first client.
      if (!isTls) server.once('listening', () => this.#takeHandles(server, protocols));
      this.#servers.push(server);
    });
  }

  /** Makes the server pass on bare handles; if it cannot, its 'connection' event passes on sockets. */
  #takeHandles(server: Server, protocols: ProtocolNames): void {
    const listening = listeningHandle(server);
    const channels = this.channels;
    if (listening === null || channels === null) return;
    const address = serverAddress(server);
    listening.onconnection = (error, client) => {
      if (error !== 0 || client === undefined) this.events.onAcceptError(String(error));
      else this.#onHandle(client, channels, address, protocols);
    };
  }

  #onHandle(client: StreamHandle, channels: HandleChannels, listening: SocketAddress, protocols: ProtocolNames): void {
    if (isStreamHandle(client)) this.events.onChannel(new HandleChannel(client, channels, listening), protocols);
    else this.events.onAcceptError('unknown handle');
  }
}
