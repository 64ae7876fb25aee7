// The life of the server process: start, signals, drain, end. The parts are made in wiring.ts.

import { reasonOf } from '../base/error-reason.js';
import type { Config } from './config/config.js';
import { FatalError } from './ending.js';
import type { Log } from './log.js';
import { watchParent } from './parent-watch.js';
import { writePortFile } from './port-file.js';
import { becomeUser, claimPidFile, removePidFile } from './process.js';
import type { ServerState } from './server-state.js';
import { EXIT } from './start-error.js';
import type { Ask } from './threads/questions.js';
import type { RefreshableCertificates } from './threads/refreshable-certificates.js';

/** The part of a transport that this file uses. */
export interface ServerTransport {
  /** Binds the addresses early, where possible, since only root may bind some of them; no client can connect yet. */
  bind?(): Promise<void>;
  /** Starts the parts that loading object types needs, such as the data threads. */
  prepare?(): Promise<void>;
  listen(): Promise<{
    readonly tcp: readonly { readonly host: string; readonly port: number }[];
    readonly unix: string | undefined;
  }>;
  drain(timeoutMs: number): Promise<void>;
  /** After a drain: everything that serves has ended, so that nothing changes the data any more. */
  readonly isAtRest?: boolean;
  /** Undefined without TLS. */
  readonly certificates?: RefreshableCertificates | undefined;
  /** Rows of `stats conns`, where the main thread serves. */
  connectionRows?(asking: number): readonly (readonly [name: string, value: string | number])[];
  /** Sends the reloaded users to the serving threads, if these are other threads. */
  passUsers?(): void;
  /** Asks a serving thread. */
  readonly ask: Ask;
  stop(): void;
}

/** Keeps the data over a restart. */
interface DataKeeping {
  /** Right before the first client can come. */
  claim(): void;
  /** Clients can come, or they cannot because the start has failed. */
  confirm(): void;
  giveBack(): void;
  /** Returns the exit code. */
  save(isAtRest: boolean): number;
}

interface ServerParts {
  readonly config: Config;
  readonly log: Log;
  readonly transport: ServerTransport;
  /** Only if clients have to log in. */
  readonly users?: { reload(): number; readonly notice: string | undefined } | undefined;
  /** Object types, loaded before the first request. */
  readonly objects?: { start(): Promise<readonly string[]>; close(): Promise<void> };
  /** Logs an error that the code of an object type caused outside of a call; false for all other errors. */
  readonly isLateError?: (error: unknown) => boolean;
  /** Only with -e. */
  readonly restart?: DataKeeping | undefined;
  /** Opens the port of the admin interface, if there is one. */
  readonly openAdmin?: (state: () => ServerState) => Promise<void>;
  /** Requests to the kernel that need root; problems are logged. */
  readonly takeLimits?: () => Promise<void>;
  /** Ends the process. */
  readonly exit: (code: number) => void;
}

/** Clients that have not finished by then are cut off; with the rest of the shutdown, but for the writing of a memory file, it stays below
 * 5 seconds. */
const DRAIN_MS = 4000;

const SIGNAL_EXIT_BASE = 128;
/** SIGUSR1 is memcached's graceful stop; without a handler Node would open its debugger. */
const STOP_SIGNALS = { SIGTERM: 15, SIGINT: 2, SIGUSR1: 10 } as const;

/** memcached refuses to start; here plugins run with the rights of the server. */
const AS_ROOT = 'running as root: give a user by -u, or -u root if root is meant';

/** systemd, or another program that has started the server and wants to know its state. */
interface StateReports {
  /** Clients are served, or a reload has ended. */
  ready(): void;
  reloading(): void;
  stopping(): void;
}

export class Server {
  /** Only if such a program is there. */
  manager: StateReports | undefined;
  #isStopping = false;
  #isEnding = false;
  #isLoading = false;
  #isServing = false;

  constructor(private readonly parts: ServerParts) {}

  async start(): Promise<void> {
    const { config, transport, takeLimits } = this.parts;
    const { pidFile, user } = config;
    this.#handleSignals();
    await transport.bind?.();
    await this.parts.openAdmin?.(() => this.#state);
    if (pidFile !== undefined) claimPidFile(pidFile);
    try {
      await takeLimits?.();
      if (user !== undefined) becomeUser(user);
      await this.#startServing();
    } catch (error) {
      if (pidFile !== undefined) removePidFile(pidFile);
      throw error;
    }
  }

  get #state(): ServerState {
    return this.#isStopping ? 'stopping' : this.#isServing ? 'ready' : 'starting';
  }

  async #startServing(): Promise<void> {
    const { config, log, objects, transport, users } = this.parts;
    this.#isLoading = true;
    // The main thread reads the files of types while the data threads start, and what it sends to these waits for them.
    const prepared = transport.prepare?.();
    const [loaded] = await Promise.all([objects?.start(), prepared]);
    // The server was stopped while types were loaded, so no port is opened.
    if (this.#isStopping) return;
    this.#isLoading = false;
    const addresses = await this.#listen();
    if (this.#isStopping) return;
    this.#isServing = true;
    for (const notice of config.notices) log.warn(notice);
    if (users?.notice !== undefined) log.warn(users.notice);
    if (config.user === undefined && process.getuid?.() === 0) log.warn(AS_ROOT);
    if (config.configFile !== undefined) log.info(`configuration file: ${config.configFile}`);
    for (const line of loaded ?? []) log.info(line);
    this.#tellPorts(addresses.tcp);
    const places = [...addresses.tcp.map(({ host, port }) => showAddress(host, port)), addresses.unix];
    const limits = `${config.memoryLimitBytes / 1024 ** 2} MiB, ${config.connectionLimit} connections`;
    log.info(`cacheismo ${config.version} listening on ${places.filter(Boolean).join(' and ')}, ${limits}`);
    this.manager?.ready();
  }

  async #listen(): ReturnType<ServerTransport['listen']> {
    const { restart, transport } = this.parts;
    restart?.claim();
    try {
      const addresses = await transport.listen();
      restart?.confirm();
      return addresses;
    } catch (error) {
      restart?.giveBack();
      throw error;
    }
  }

  #tellPorts(addresses: Parameters<typeof writePortFile>[1]): void {
    const { config, log } = this.parts;
    if (config.portFile === undefined || addresses.length === 0) return;
    try {
      writePortFile(config.portFile, addresses);
    } catch (error) {
      log.warn(`MEMCACHED_PORT_FILENAME: ${reasonOf(error)}`);
    }
  }

  /** Replies to the requests that have arrived, saves the data if it is to be kept, then ends. A second call has no effect. Nothing that
      threads do can delay it. */
  async stop(reason: string): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.parts.log.info(`stopping: ${reason}`);
    this.manager?.stopping();
    // Files may still be loading; the end does not wait for them.
    this.parts.objects?.close().catch(() => {});
    const { restart, transport } = this.parts;
    if (!this.#isLoading) await transport.drain(DRAIN_MS);
    if (this.#isEnding) return;
    this.#end(restart?.save(transport.isAtRest === true) ?? EXIT.ok);
  }

  /** A client sent `shutdown` and has the right to. */
  onShutdownCommand(graceful: boolean): void {
    if (!graceful) this.stopAtOnce('shutdown command');
    else this.stop('shutdown command').catch((error: unknown) => this.fail(error));
  }

  stopAtOnce(reason: string, exitCode: number = EXIT.ok): void {
    this.#isStopping = true;
    this.parts.log.info(`stopping at once: ${reason}`);
    this.manager?.stopping();
    this.parts.transport.stop();
    this.#end(exitCode);
  }

  /** An invariant is broken, a thread is dead or an error was not handled: the data in memory can no longer be trusted. */
  fail(error: unknown): void {
    if (this.#isEnding) return;
    const isTold = error instanceof FatalError && error.cause === undefined;
    const details = { stack: error instanceof Error && !isTold ? error.stack : undefined };
    const why = error instanceof FatalError ? 'the server ends' : 'the server ends because of a bug';
    this.parts.log.error(details, `${why}: ${reasonOf(error)}`);
    this.#end(EXIT.software);
  }

  #handleSignals(): void {
    for (const [signal, number] of Object.entries(STOP_SIGNALS)) {
      process.on(signal, () => {
        if (this.#isStopping) this.stopAtOnce(`second signal, ${signal}`, SIGNAL_EXIT_BASE + number);
        else this.stop(signal).catch((error: unknown) => this.fail(error));
      });
    }
    this.#watchParent();
    process.on('SIGHUP', () => this.#readAnew());
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, (error: unknown) => {
        if (!this.parts.isLateError?.(error)) this.fail(error);
      });
    }
  }

  /** Only for a server in the foreground: the parent of a daemon ends as soon as the daemon serves. */
  #watchParent(): void {
    if (this.parts.config.daemon) return;
    watchParent({
      environment: process.env,
      parentOf: () => process.ppid,
      onEnd: () => {
        this.stop('the shell in which npm started it has ended').catch((error: unknown) => this.fail(error));
      },
    });
  }

  #readAnew(): void {
    const { log, transport, users } = this.parts;
    if (transport.certificates === undefined && users === undefined) log.info('SIGHUP: nothing to do');
    this.manager?.reloading();
    this.#refreshCertificates();
    this.#reloadUsers();
    if (this.#isServing && !this.#isStopping) this.manager?.ready();
  }

  #reloadUsers(): void {
    const { log, transport, users } = this.parts;
    if (users === undefined) return;
    try {
      const count = users.reload();
      transport.passUsers?.();
      log.info(`SIGHUP: ${count} users reloaded; clients that are connected keep their rights`);
      if (users.notice !== undefined) log.warn(users.notice);
    } catch (error) {
      log.error(`SIGHUP: the old users stay: ${reasonOf(error)}`);
    }
  }

  /** As `refresh_certs` does. */
  #refreshCertificates(): void {
    const { log, transport } = this.parts;
    if (transport.certificates === undefined) return;
    try {
      transport.certificates.refresh();
      log.info('SIGHUP: certificates reloaded, for new connections');
    } catch (error) {
      log.error(`SIGHUP: the old certificates stay: ${reasonOf(error)}`);
    }
  }

  #end(exitCode: number): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const { pidFile } = this.parts.config;
    if (pidFile !== undefined) removePidFile(pidFile);
    this.parts.exit(exitCode);
  }
}

function showAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
