// The calls of the C library that the epoll transport makes, through koffi, on raw addresses so that nothing is allocated for a
// call. Loaded only where it is wanted, and absent where the system or the processor is not one that it knows. Not for
// anything that Node offers well enough.

import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';

type Descriptor = number;

/** Addresses are numbers: what a process can reach lies below 2^53. Negative results leave their reason in `errno`. */
export interface Libc {
  errno(): number;
  /** Where the bytes of a buffer lie; the buffer must be large enough to lie outside of Node's heap, and outlive the use. */
  addressOf(bytes: Uint8Array): number;
  epollCreate(flags: number): Descriptor;
  epollControl(epoll: Descriptor, operation: number, descriptor: Descriptor, event: number): number;
  epollWait(epoll: Descriptor, events: number, count: number, timeoutMs: number): number;
  eventfd(initial: number, flags: number): Descriptor;
  read(descriptor: Descriptor, to: number, length: number): number;
  writeBytes(descriptor: Descriptor, bytes: Uint8Array, length: number): number;
  receive(socket: Descriptor, to: number, length: number, flags: number): number;
  send(socket: Descriptor, from: number, length: number, flags: number): number;
  sendBytes(socket: Descriptor, bytes: Uint8Array, length: number, flags: number): number;
  sendMessage(socket: Descriptor, header: number, flags: number): number;
  accept(socket: Descriptor, address: number, lengthAt: number, flags: number): Descriptor;
  shutdown(socket: Descriptor, how: number): number;
  close(descriptor: Descriptor): number;
  open(path: string, flags: number): Descriptor;
  socket(family: number, type: number, protocol: number): Descriptor;
  bind(socket: Descriptor, address: number, length: number): number;
  listen(socket: Descriptor, backlog: number): number;
  getSocketName(socket: Descriptor, address: number, lengthAt: number): number;
  setSocketOption(socket: Descriptor, level: number, name: number, value: number, length: number): number;
  parseAddress(family: number, text: string, to: number): number;
  interfaceIndex(name: string): number;
  adviseMemory(from: number, length: number, advice: number): number;
}

const SIGNATURES: Readonly<Record<Exclude<keyof Libc, 'errno' | 'addressOf'>, string>> = {
  epollCreate: 'int epoll_create1(int flags)',
  epollControl: 'int epoll_ctl(int epoll, int operation, int descriptor, uintptr_t event)',
  epollWait: 'int epoll_wait(int epoll, uintptr_t events, int count, int timeout)',
  eventfd: 'int eventfd(uint32_t initial, int flags)',
  read: 'intptr_t read(int descriptor, uintptr_t to, size_t length)',
  writeBytes: 'intptr_t write(int descriptor, const void *from, size_t length)',
  receive: 'intptr_t recv(int socket, uintptr_t to, size_t length, int flags)',
  send: 'intptr_t send(int socket, uintptr_t from, size_t length, int flags)',
  sendBytes: 'intptr_t send(int socket, const void *from, size_t length, int flags)',
  sendMessage: 'intptr_t sendmsg(int socket, uintptr_t header, int flags)',
  accept: 'int accept4(int socket, uintptr_t address, uintptr_t length, int flags)',
  shutdown: 'int shutdown(int socket, int how)',
  close: 'int close(int descriptor)',
  open: 'int open(const char *path, int flags)',
  socket: 'int socket(int family, int type, int protocol)',
  bind: 'int bind(int socket, uintptr_t address, uint32_t length)',
  listen: 'int listen(int socket, int backlog)',
  getSocketName: 'int getsockname(int socket, uintptr_t address, uintptr_t length)',
  setSocketOption: 'int setsockopt(int socket, int level, int name, uintptr_t value, uint32_t length)',
  parseAddress: 'int inet_pton(int family, const char *text, uintptr_t to)',
  interfaceIndex: 'uint32_t if_nametoindex(const char *name)',
  adviseMemory: 'int madvise(uintptr_t from, size_t length, int advice)',
};

/** The numbers below are those of Linux on these processors. */
const KNOWN_PROCESSORS: readonly string[] = ['x64', 'arm64'];

/** The library, or in words why there is none here. */
export async function loadLibc(): Promise<Libc | string> {
  if (process.platform !== 'linux') return `there is no epoll on ${process.platform}`;
  if (!KNOWN_PROCESSORS.includes(process.arch)) return `epoll is not known on ${process.arch}`;
  try {
    const { default: koffi } = await import('koffi');
    // The process itself: Node has the C library loaded, whichever one it is.
    const library = koffi.load(null);
    const libc: Record<string, unknown> = {
      errno: () => koffi.errno(),
      addressOf: (bytes: Uint8Array) => Number(koffi.address(bytes)),
    };
    for (const [name, signature] of Object.entries(SIGNATURES)) libc[name] = library.func(signature);
    return libc as unknown as Libc;
  } catch (error) {
    return `koffi does not load: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`;
  }
}

/** The system's name of an error, such as ECONNRESET. */
export function errorName(errno: number): string {
  return getSystemErrorName(-errno);
}

export const { EAGAIN, EINTR, EMFILE, ENFILE, ECONNABORTED } = constants.errno;

export const EPOLL_CLOEXEC = 0x80000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
export const EPOLLIN = 0x1;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;

export const EFD_NONBLOCK = 0x800;
export const EFD_CLOEXEC = 0x80000;
export const O_CLOEXEC = 0x80000;
export const SOCK_STREAM = 1;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_CLOEXEC = 0x80000;
export const MSG_NOSIGNAL = 0x4000;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_KEEPALIVE = 9;
export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const TCP_KEEPIDLE = 4;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;

export const MADV_HUGEPAGE = 14;
