// Listens on TCP addresses and Unix sockets and hands over each new client as a channel. Not for limits: whoever takes
// the channel decides whether the client may stay.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Channel } from './channel.js';
import { HandleChannel, HandleChannels } from './net/handle-channel.js';
import { SocketChannel } from './net/socket-channel.js';
import { isStreamHandle, listeningHandle, type StreamHandle, streamBinding } from './net/stream-handle.js';
import { type ListenAddress, listenError, type UnixSocketOptions } from './transport-options.js';
import { clearSocketPath, withFileMode } from './unix-socket.js';

/** Undefined stands for all. */
export type ProtocolNames = ListenAddress['protocols'];

interface ListenerEvents {
  /** A client of a listener, with the protocols that this names. */
  onChannel(channel: Channel, protocols: ProtocolNames): void;
  /** Of a client that encrypts, before its handshake. */
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

  /** Whether clients come as handles, the cheaper way. */
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

  /** Takes no new clients; a socket file is removed. */
  close(): void {
    for (const server of this.#servers) server.close();
    this.#servers.length = 0;
  }

  #listen(name: string, isTls: boolean, protocols: ProtocolNames, bind: (server: Server) => void): Promise<Server> {
    const server = createServer({ pauseOnConnect: !isTls, allowHalfOpen: true });
    server.on('connection', (socket) => {
      if (isTls) this.events.onTlsSocket(socket, protocols);
      else this.events.onChannel(new SocketChannel(socket, this.readArea), protocols);
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
      // Bound at once where no name has to be looked up; otherwise the handle comes before the first client as well.
      if (!isTls) server.once('listening', () => this.#takeHandles(server, protocols));
      this.#servers.push(server);
    });
  }

  /** Lets the server hand over bare handles; where it does not, 'connection' brings sockets. */
  #takeHandles(server: Server, protocols: ProtocolNames): void {
    const listening = listeningHandle(server);
    const channels = this.channels;
    if (listening === null || channels === null) return;
    listening.onconnection = (error, client) => {
      if (error !== 0 || client === undefined) this.events.onAcceptError(String(error));
      else this.#onHandle(client, channels, protocols);
    };
  }

  #onHandle(client: StreamHandle, channels: HandleChannels, protocols: ProtocolNames): void {
    if (isStreamHandle(client)) this.events.onChannel(new HandleChannel(client, channels), protocols);
    else this.events.onAcceptError('unknown handle');
  }
}
