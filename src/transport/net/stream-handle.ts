// The part of Node's internal stream handles that `HandleChannel` uses, and the check that this version of Node has it. A short request
// takes about a fifth more time with Node's public sockets.

import type { Server } from 'node:net';
import { nodeAddress, type SocketAddress, UNNAMED } from '../socket-address.js';

interface NodeAddress {
  address?: string;
  family?: string;
  port?: number;
}

/** The address of the client, or the one that it has connected to. */
export function handleAddress(handle: StreamHandle, end: 'getpeername' | 'getsockname'): SocketAddress {
  const found: NodeAddress = {};
  return handle[end]?.(found) === 0 ? nodeAddress(found.address, found.family, found.port) : UNNAMED;
}

/** A TCP or Unix socket beneath a net.Socket. */
export interface StreamHandle {
  readonly fd: number;
  readonly writeQueueSize: number;
  onread: (() => void) | undefined;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  writeBuffer(request: StreamRequest, bytes: Uint8Array): number;
  shutdown(request: StreamRequest): number;
  close(onClosed?: () => void): void;
  /** Fills in the address of one end; not on Unix sockets. */
  getpeername?(to: NodeAddress): number;
  getsockname?(to: NodeAddress): number;
  setNoDelay?(on: boolean): number;
  setKeepAlive?(on: boolean, delaySeconds: number): number;
}

export interface StreamRequest {
  oncomplete?: (status: number) => void;
  /** Keeps the bytes of an unfinished write alive. */
  bytes?: Uint8Array;
}

interface ListeningHandle {
  onconnection: (error: number, client: StreamHandle | undefined) => void;
}

/** Node's internal binding for streams; `streamBaseState` has the result of the last call. */
export interface StreamBinding {
  readonly WriteWrap: new () => StreamRequest;
  readonly ShutdownWrap: new () => StreamRequest;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

let found: StreamBinding | null | undefined;

/** The binding, or null if this version of Node has none; then `SocketChannel` is used. */
export function streamBinding(): StreamBinding | null {
  if (found === undefined) found = findBinding();
  return found;
}

function findBinding(): StreamBinding | null {
  try {
    const load = (process as unknown as { binding?: (name: string) => Partial<StreamBinding> }).binding;
    const binding = load?.call(process, 'stream_wrap');
    return binding !== undefined && isComplete(binding) ? binding : null;
  } catch {
    return null;
  }
}

function isComplete(binding: Partial<StreamBinding>): binding is StreamBinding {
  return (
    typeof binding.WriteWrap === 'function' &&
    typeof binding.ShutdownWrap === 'function' &&
    binding.streamBaseState instanceof Int32Array &&
    typeof binding.kReadBytesOrError === 'number' &&
    typeof binding.kLastWriteWasAsync === 'number'
  );
}

/** The address that a server listens on. */
export function serverAddress(server: Server): SocketAddress {
  const address = server.address();
  if (address === null || typeof address === 'string') return { kind: 'unix', host: address ?? '', port: 0 };
  return nodeAddress(address.address, address.family, address.port);
}

/** The number of a listening server's descriptor; -1 where Node does not say it. */
export function serverDescriptor(server: Server): number {
  return (server as unknown as { readonly _handle?: { readonly fd?: number } })._handle?.fd ?? -1;
}

/** The handle of a listening server, if it can pass on connections before Node creates sockets for them. */
export function listeningHandle(server: Server): ListeningHandle | null {
  const handle = (server as unknown as { _handle?: Partial<ListeningHandle> | null })._handle;
  return typeof handle?.onconnection === 'function' ? (handle as ListeningHandle) : null;
}

export function isStreamHandle(handle: Partial<StreamHandle> | undefined): handle is StreamHandle {
  return (
    handle !== undefined &&
    typeof handle.useUserBuffer === 'function' &&
    typeof handle.readStart === 'function' &&
    typeof handle.readStop === 'function' &&
    typeof handle.writeBuffer === 'function' &&
    typeof handle.shutdown === 'function' &&
    typeof handle.close === 'function'
  );
}
