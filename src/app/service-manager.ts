// Reports the state of the server to a service manager such as systemd, by datagrams to the socket that NOTIFY_SOCKET names (sd_notify(3)).
// Nothing here waits: a message that the socket does not take is tried again for some seconds.

import { declareFunctions } from './c-library.js';
import type { Log } from './log.js';

/** Numbers of Linux on x64 and arm64. */
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0x80002;
const MSG_DONTWAIT_NOSIGNAL = 0x4040;

/** `struct sockaddr_un`: the family in two bytes, then the path, or a zero byte and an abstract name. */
const PATH_AT = 2;
const LONGEST_PATH = 107;

const RETRY_MS = 100;
const MOST_TRIES = 50;
/** Messages; one is sent for each change of the state. */
const MOST_WAITING = 16;

interface DatagramLibrary {
  socket(family: number, type: number, protocol: number): number;
  sendto(
    socket: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ): number;
}

export class ServiceManager {
  #watchdog: NodeJS.Timeout | undefined;

  private constructor(
    private readonly send: (message: string) => void,
    private readonly watchdogMs: number | undefined,
  ) {}

  /** Undefined without a service manager. Takes its variables out of the environment: they are not for other processes. */
  static async connect(environment: NodeJS.ProcessEnv, log: Pick<Log, 'warn'>): Promise<ServiceManager | undefined> {
    const { NOTIFY_SOCKET: path, WATCHDOG_USEC: watchdogUs, WATCHDOG_PID: watchdogPid } = environment;
    for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name];
    if (path === undefined || path === '') return undefined;
    const address = addressOf(path);
    const library = address === undefined ? undefined : await loadLibrary();
    if (address === undefined || library === undefined) {
      const reason =
        address === undefined ? 'must be a path or @name of at most 107 bytes' : 'the C library does not load';
      log.warn(`NOTIFY_SOCKET ${path}: ${reason}; the service manager gets no state`);
      return undefined;
    }
    const isForThisProcess = watchdogPid === undefined || Number(watchdogPid) === process.pid;
    const intervalMs = isForThisProcess ? Number(watchdogUs) / 1000 : 0;
    const onLost = () => log.warn(`NOTIFY_SOCKET ${path}: the service manager does not take messages`);
    return new ServiceManager(senderOf(library, address, onLost), intervalMs > 0 ? intervalMs : undefined);
  }

  ready(): void {
    this.send('READY=1');
    // Half of the interval, as sd_watchdog_enabled(3) recommends. The server's own watchdog is for the data threads: this one is for the
    // main thread, and for a process that is stopped.
    if (this.watchdogMs !== undefined && this.#watchdog === undefined) {
      this.#watchdog = setInterval(() => this.send('WATCHDOG=1'), this.watchdogMs / 2).unref();
    }
  }

  /** `ready` ends it. */
  reloading(): void {
    const microseconds = process.hrtime.bigint() / 1000n;
    this.send(`RELOADING=1\nMONOTONIC_USEC=${microseconds}`);
  }

  stopping(): void {
    this.send('STOPPING=1');
  }
}

function loadLibrary(): Promise<DatagramLibrary | undefined> {
  return declareFunctions((library) => ({
    socket: library.func('int socket(int family, int type, int protocol)'),
    sendto: library.func(
      'intptr_t sendto(int socket, const void *from, size_t length, int flags, const void *address, uint32_t addressLength)',
    ),
  }));
}

/** A message that is not taken delays those after it, and is lost in the end. The first of several that are lost is reported. */
function senderOf(library: DatagramLibrary, address: Uint8Array, onLost: () => void): (message: string) => void {
  const socket = library.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  const waiting: Uint8Array[] = [];
  let tries = 0;
  let isLosing = false;
  const lose = (): void => {
    if (!isLosing) onLost();
    isLosing = true;
  };
  const sendWaiting = (): void => {
    for (let message = waiting[0]; message !== undefined; message = waiting[0]) {
      const sent = library.sendto(socket, message, message.length, MSG_DONTWAIT_NOSIGNAL, address, address.length);
      if (sent < 0 && ++tries < MOST_TRIES) {
        setTimeout(sendWaiting, RETRY_MS).unref();
        return;
      }
      if (sent < 0) lose();
      else isLosing = false;
      tries = 0;
      waiting.shift();
    }
  };
  return (message) => {
    if (waiting.length === MOST_WAITING) {
      lose();
      return;
    }
    waiting.push(Buffer.from(message));
    if (waiting.length === 1) sendWaiting();
  };
}

/** Undefined for what cannot be the name of a socket. */
function addressOf(name: string): Uint8Array | undefined {
  const path = Buffer.from(name);
  const isAbstract = name.startsWith('@');
  if (path.length < 2 || path.length > LONGEST_PATH || !(isAbstract || name.startsWith('/'))) return undefined;
  // A path ends with a zero byte; an abstract name begins with one and has the length of the address.
  const address = Buffer.alloc(PATH_AT + path.length + (isAbstract ? 0 : 1));
  address.writeUInt16LE(AF_UNIX, 0);
  path.copy(address, PATH_AT);
  if (isAbstract) address[PATH_AT] = 0;
  return address;
}
