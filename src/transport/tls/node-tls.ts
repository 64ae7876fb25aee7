// TLS on Node's own sockets: takes the socket of a new client and returns it after the handshake. The epoll transport calls OpenSSL
// directly: tls-channel.ts.

import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import type { ConnectionRows } from '../connection-rows.js';
import { ConnectionState } from '../connection-states.js';
import type { ProtocolNames } from '../listener.js';
import { socketAddress, socketDescriptor } from '../net/socket-channel.js';
import { nodeAddress } from '../socket-address.js';
import { HANDSHAKE_SECONDS } from '../timeouts.js';
import { OPENSSL_OPTIONS } from './openssl.js';
import { readTlsFiles, SESSION_CONTEXT, TlsError, type TlsSettings } from './tls-settings.js';

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

export interface NodeTlsEvents {
  /** The handshake is done; the argument tells whether the session is new. */
  onSecure(socket: TLSSocket, isNewSession: boolean, protocols: ProtocolNames): void;
  /** The connection is closed before the handshake is done; `isError` is false if the client itself closed it. */
  onFailed(isError: boolean): void;
}

export class NodeTls {
  private readonly server: Server;
  /** The new clients with the protocols of their listeners. */
  readonly #handshaking = new Map<Socket, ProtocolNames>();
  /** Milliseconds since 1970. */
  loadedAtMs = Date.now();

  /** Throws TlsError, whose line names the file that cannot be used and the reason. */
  constructor(
    private readonly settings: TlsSettings,
    private readonly events: NodeTlsEvents,
  ) {
    this.server = orTlsError(settings, () =>
      createServer({
        ...certificates(settings),
        ...behaviour(settings),
        pauseOnConnect: true,
        handshakeTimeout: HANDSHAKE_SECONDS * 1000,
      }),
    );
    this.server.on('secureConnection', (socket) => this.#onSecure(socket));
    this.server.on('tlsClientError', (error, socket) => {
      this.#end(socket, (error as NodeJS.ErrnoException).code !== 'ECONNRESET');
      socket.destroy();
    });
  }

  /** Connections whose handshake is under way. */
  get handshaking(): number {
    return this.#handshaking.size;
  }

  /** Reads the files again, for new connections. On a TlsError nothing changes. */
  refresh(): void {
    const { server, settings } = this;
    orTlsError(settings, () => server.setSecureContext({ ...certificates(settings), ...behaviour(settings) }));
    this.loadedAtMs = Date.now();
  }

  accept(socket: Socket, protocols: ProtocolNames): void {
    this.#handshaking.set(socket, protocols);
    // Node reports nothing else in this case.
    socket.once('close', () => {
      if (this.#handshaking.delete(socket)) this.events.onFailed(false);
    });
    this.server.emit('connection', socket);
  }

  /** Rows of `stats conns` for connections whose handshake is under way. */
  addRows(rows: ConnectionRows): void {
    for (const socket of this.#handshaking.keys()) {
      const peer = nodeAddress(socket.remoteAddress, socket.remoteFamily, socket.remotePort);
      rows.addClient(socketDescriptor(socket), peer, socketAddress(socket), ConnectionState.reading, () => 0);
    }
  }

  /** Closes the connections whose handshake is under way. */
  close(): void {
    for (const socket of this.#handshaking.keys()) socket.destroy();
  }

  #onSecure(socket: TLSSocket): void {
    // OpenSSL would do this itself in the configured mode, but Node sets another one.
    const hasBadCertificate = this.settings.verifyMode === 1 && !socket.authorized && hasCertificate(socket);
    if (hasBadCertificate) {
      this.#end(socket, true);
      socket.destroy();
      return;
    }
    const raw = rawSocket(socket);
    const protocols = this.#handshaking.get(raw);
    this.#handshaking.delete(raw);
    this.events.onSecure(socket, !socket.isSessionReused(), protocols);
  }

  #end(socket: TLSSocket, isError: boolean): void {
    if (this.#handshaking.delete(rawSocket(socket))) this.events.onFailed(isError);
  }
}

/** For settings that OpenSSL rejects, Node reports `error:0A0000B9:SSL routines::no cipher match`. */
function orTlsError<Result>({ ciphers }: TlsSettings, make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (error instanceof TlsError || !(error instanceof Error)) throw error;
    const reason = error.message.split('::').at(-1);
    const isCiphers = (error as NodeJS.ErrnoException).code === 'ERR_SSL_NO_CIPHER_MATCH';
    throw new TlsError(`${isCiphers ? `ssl_ciphers ${ciphers}` : 'TLS'}: ${reason}`, { cause: error });
  }
}

/** The socket that was given to `accept`. */
function rawSocket(socket: TLSSocket): Socket {
  return (socket as unknown as { readonly _parent: Socket })._parent;
}

function hasCertificate(socket: TLSSocket): boolean {
  return Object.keys(socket.getPeerCertificate()).length > 0;
}

function certificates(settings: TlsSettings): TlsOptions {
  const { authorities, chain, key } = readTlsFiles(settings);
  const keyText = key.export({ type: 'pkcs8', format: 'pem' });
  return { cert: chain, key: keyText, ...(authorities === undefined ? {} : { ca: authorities }) };
}

function behaviour({ ciphers, minVersion, sessionCache, verifyMode }: TlsSettings): TlsOptions {
  const options: TlsOptions = {
    minVersion: VERSIONS[minVersion],
    requestCert: verifyMode > 0,
    rejectUnauthorized: verifyMode > 1,
    sessionIdContext: SESSION_CONTEXT,
    secureOptions: OPENSSL_OPTIONS.always + (sessionCache ? 0 : OPENSSL_OPTIONS.withoutTickets),
    ...(ciphers === undefined ? {} : { ciphers }),
  };
  return options;
}
