// The few calls of Linux's C library that the load process makes for each batch, on raw addresses so that nothing is allocated.

import koffi from 'koffi';

const library = koffi.load('libc.so.6');

export const libc = {
  socket: library.func('int socket(int domain, int type, int protocol)') as (d: number, t: number, p: number) => number,
  connect: library.func('int connect(int fd, uintptr_t address, uint32_t length)') as FdAddressLength,
  setsockopt: library.func('int setsockopt(int fd, int level, int name, uintptr_t value, uint32_t length)') as (
    fd: number,
    level: number,
    name: number,
    value: number,
    length: number,
  ) => number,
  close: library.func('int close(int fd)') as (fd: number) => number,
  epollCreate: library.func('int epoll_create1(int flags)') as (flags: number) => number,
  epollCtl: library.func('int epoll_ctl(int epoll, int operation, int fd, uintptr_t event)') as (
    epoll: number,
    operation: number,
    fd: number,
    event: number,
  ) => number,
  epollWait: library.func('int epoll_wait(int epoll, uintptr_t events, int count, int timeout)') as (
    epoll: number,
    events: number,
    count: number,
    timeoutMilliseconds: number,
  ) => number,
  // Reads and writes are below 2 GiB, so their results fit an `int`, which koffi converts faster.
  receive: library.func('int recv(int fd, uintptr_t to, size_t length, int flags)') as FdBytesFlags,
  send: library.func('int send(int fd, uintptr_t from, size_t length, int flags)') as FdBytesFlags,
  threadClock: library.func('int clock_gettime(int clock, uintptr_t time)') as (clock: number, time: number) => number,
};

type FdAddressLength = (fd: number, address: number, length: number) => number;
type FdBytesFlags = (fd: number, at: number, length: number, flags: number) => number;

export function errno(): number {
  return koffi.errno();
}

/** The address of a buffer, which must not be pooled and must outlive the use of the address. */
export function addressOf(buffer: Uint8Array): number {
  return Number(koffi.address(buffer));
}

export const AF_INET = 2;
export const SOCK_STREAM = 1;
export const SOCK_NONBLOCK = 0x800;
export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const EPOLLIN = 1;
export const EPOLLOUT = 4;
/** The highest bit. */
export const EPOLLET = 0x8000_0000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_MOD = 3;
export const EAGAIN = 11;
export const EINTR = 4;

/** `struct epoll_event` is packed on x86-64 and aligned elsewhere; in 32-bit words. */
export const EVENT_WORDS = process.arch === 'x64' ? 3 : 4;
export const EVENT_DATA_WORD = process.arch === 'x64' ? 1 : 2;
