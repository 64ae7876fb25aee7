// The functions of the C library that the epoll transport calls through koffi, on raw addresses, so that a call allocates nothing. Loaded on
// demand; not available on unknown operating systems and processors.

import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { loadKoffi } from '../../base/koffi.js';

type Descriptor = number;

/** Addresses are numbers: those of a process are below 2^53. After a negative result, `errno` has the reason. */
export interface Libc {
  errno(): number;
  /** The address of a buffer, which must be large enough to be outside of V8's heap, and must outlive the use of the address. */
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
  getPeerName(socket: Descriptor, address: number, lengthAt: number): number;
  getSocketOption(socket: Descriptor, level: number, name: number, value: number, lengthAt: number): number;
  setSocketOption(socket: Descriptor, level: number, name: number, value: number, length: number): number;
  parseAddress(family: number, text: string, to: number): number;
  interfaceIndex(name: string): number;
  pageBytes(): number;
  adviseMemory(from: number, length: number, advice: number): number;
  copyMemory(to: number, from: number, length: number): void;
  /** Ends the process without waiting for anything. */
  exit(code: number): void;
}

/** The numbers below are those of Linux on these processors. */
const KNOWN_PROCESSORS: readonly string[] = ['x64', 'arm64'];

/** The library, or the reason why it is not available. */
export async function loadLibc(): Promise<Libc | string> {
  if (process.platform !== 'linux') return `there is no epoll on ${process.platform}`;
  if (!KNOWN_PROCESSORS.includes(process.arch)) return `epoll is not known on ${process.arch}`;
  try {
    const koffi = loadKoffi();
    // The process itself: Node has loaded a C library.
    const library = koffi.load(null);
    // Reads and writes are below 2 GiB, so their results fit an `int`, which koffi converts faster.
    // One object literal: V8 turns an object that is filled by name into a dictionary, and each call would look up its function.
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
      getPeerName: library.func('int getpeername(int socket, uintptr_t address, uintptr_t length)'),
      getSocketOption: library.func(
        'int getsockopt(int socket, int level, int name, uintptr_t value, uintptr_t length)',
      ),
      setSocketOption: library.func(
        'int setsockopt(int socket, int level, int name, uintptr_t value, uint32_t length)',
      ),
      parseAddress: library.func('int inet_pton(int family, const char *text, uintptr_t to)'),
      interfaceIndex: library.func('uint32_t if_nametoindex(const char *name)'),
      pageBytes: () => library.func('long sysconf(int name)')(SC_PAGESIZE),
      adviseMemory: library.func('int madvise(uintptr_t from, size_t length, int advice)'),
      copyMemory: library.func('void memcpy(uintptr_t to, uintptr_t from, size_t length)'),
      exit: library.func('void _exit(int code)'),
    };
  } catch (error) {
    return `koffi does not load: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`;
  }
}

/** Makes later threads share one malloc arena: the GNU C library gives each thread its own, which keeps its peak memory. Other libraries
    have no such setting. */
export async function shareHeap(): Promise<void> {
  try {
    const koffi = loadKoffi();
    koffi.load(null).func('int mallopt(int parameter, int value)')(M_ARENA_MAX, 1);
  } catch {
    // Nothing to set.
  }
}

const M_ARENA_MAX = -8;
const SC_PAGESIZE = 30;

/** The name of an error number, such as ECONNRESET. */
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
/** The highest bit as a signed 32-bit integer. */
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

export const MADV_DONTNEED = 4;
export const MADV_HUGEPAGE = 14;
