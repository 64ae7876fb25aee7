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
  socketPair(family: number, type: number, protocol: number, to: number): number;
  bind(socket: Descriptor, address: number, length: number): number;
  listen(socket: Descriptor, backlog: number): number;
  getSocketName(socket: Descriptor, address: number, lengthAt: number): number;
  setSocketOption(socket: Descriptor, level: number, name: number, value: number, length: number): number;
  parseAddress(family: number, text: string, to: number): number;
  interfaceIndex(name: string): number;
  adviseMemory(from: number, length: number, advice: number): number;
  copyMemory(to: number, from: number, length: number): void;
  /** Ends the process without waiting for anything. */
  exit(code: number): void;
}

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
    // No read or write here is of 2 GiB, so their results are taken as `int`, which costs less to hand over.
    // One literal: an object that is filled by name is a table to the engine, and each call would look its function up there.
    return {
      errno: () => koffi.errno(),
      addressOf: (bytes) => Number(koffi.address(bytes)),
      epollCreate: library.func('int epoll_create1(int flags)'),
      epollControl: library.func('int epoll_ctl(int epoll, int operation, int descriptor, uintptr_t event)'),
      epollWait: library.func('int epoll_wait(int epoll, uintptr_t events, int count, int timeout)'),
      eventfd: library.func('int eventfd(uint32_t initial, int flags)'),
      read: library.func('intptr_t read(int descriptor, uintptr_t to, size_t length)'),
      writeBytes: library.func('intptr_t write(int descriptor, const void *from, size_t length)'),
      receive: library.func('int recv(int socket, uintptr_t to, size_t length, int flags)'),
      send: library.func('int send(int socket, uintptr_t from, size_t length, int flags)'),
      sendBytes: library.func('intptr_t send(int socket, const void *from, size_t length, int flags)'),
      sendMessage: library.func('int sendmsg(int socket, uintptr_t header, int flags)'),
      accept: library.func('int accept4(int socket, uintptr_t address, uintptr_t length, int flags)'),
      shutdown: library.func('int shutdown(int socket, int how)'),
      close: library.func('int close(int descriptor)'),
      open: library.func('int open(const char *path, int flags)'),
      socket: library.func('int socket(int family, int type, int protocol)'),
      socketPair: library.func('int socketpair(int family, int type, int protocol, uintptr_t to)'),
      bind: library.func('int bind(int socket, uintptr_t address, uint32_t length)'),
      listen: library.func('int listen(int socket, int backlog)'),
      getSocketName: library.func('int getsockname(int socket, uintptr_t address, uintptr_t length)'),
      setSocketOption: library.func(
        'int setsockopt(int socket, int level, int name, uintptr_t value, uint32_t length)',
      ),
      parseAddress: library.func('int inet_pton(int family, const char *text, uintptr_t to)'),
      interfaceIndex: library.func('uint32_t if_nametoindex(const char *name)'),
      adviseMemory: library.func('int madvise(uintptr_t from, size_t length, int advice)'),
      copyMemory: library.func('void memcpy(uintptr_t to, uintptr_t from, size_t length)'),
      exit: library.func('void _exit(int code)'),
    };
  } catch (error) {
    return `koffi does not load: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`;
  }
}

/** Has all threads that are still to come share one heap: the GNU library gives each its own, which keeps what it once needed. Other
    libraries have no such setting. */
export async function shareHeap(): Promise<void> {
  try {
    const { default: koffi } = await import('koffi');
    koffi.load(null).func('int mallopt(int parameter, int value)')(M_ARENA_MAX, 1);
  } catch {
    // They stay as they are.
  }
}

const M_ARENA_MAX = -8;

/** The system's name of an error, such as ECONNRESET. */
export function errorName(errno: number): string {
  return getSystemErrorName(-errno);
}

export const { EAGAIN, EINTR, EMFILE, ENFILE, ECONNABORTED, EPROTO } = constants.errno;

export const EPOLL_CLOEXEC = 0x80000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
export const EPOLLIN = 0x1;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;
export const EPOLLRDHUP = 0x2000;
/** The highest bit, as an integer of 32 bits has it. */
export const EPOLLET = -0x8000_0000;

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
