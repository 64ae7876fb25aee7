// Sends records to a server by its command `restore`, some at a time, and counts what becomes of them.

import type { CallConnection } from '../../client/call-connection.js';
import { StartError } from '../start-error.js';
import type { ReadRecord } from './dump-stream.js';
import { Progress } from './progress.js';
import { explainRefusal } from './server-records.js';

const FAILED = 1;
/** Requests without a reply: enough to keep a server busy, and not more than its input windows hold. A choice. */
const MAX_WAITING = 256;
const MAX_WAITING_BYTES = 256 * 1024;
/** Refusals that are shown; the others are counted. */
const SHOWN = 10;
/** Replies that would be the same for every record. */
const FOR_ALL = ['ERROR', 'CLIENT_ERROR not permitted', 'CLIENT_ERROR unauthenticated'];
const LINE_END = Buffer.from('\r\n');

export class Restores {
  readonly progress: Progress;
  kept = 0;
  expired = 0;
  refused = 0;
  /** Whether the server keeps its own clock, so that times in objects of the dump would mean something else. */
  isOtherClock = false;
  #waiting = 0;
  #waitingBytes = 0;
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(
    private readonly connection: CallConnection,
    /** For messages. */
    private readonly serverName: string,
    private readonly keeps: boolean,
    /** Prints a line for people. */
    private readonly say: (line: string) => void,
  ) {
    this.progress = new Progress(say);
  }

  /** Resolves when there is room for the next. Rejects when the connection has failed, or the server refuses the command. */
  async send(record: ReadRecord): Promise<void> {
    const { bytes } = record;
    const head = Buffer.from(`restore ${bytes.length}${this.keeps ? ' keep' : ''}\r\n`);
    this.#waiting++;
    this.#waitingBytes += bytes.length;
    this.connection.ask(Buffer.concat([head, bytes, LINE_END])).then(
      ({ error = '' }) => this.#note(record, error),
      (failure: unknown) => this.#fail(failure),
    );
    await this.#until(() => this.#waiting < MAX_WAITING && this.#waitingBytes < MAX_WAITING_BYTES);
  }

  /** Sends the clock of the dumped server, and resolves with the reply. */
  async sendClock({ bytes }: ReadRecord): Promise<void> {
    const { error: reply = '' } = await this.connection.ask(
      Buffer.concat([Buffer.from(`restore ${bytes.length}\r\n`), bytes, LINE_END]),
    );
    if (reply === 'KEPT') this.isOtherClock = true;
    else if (FOR_ALL.includes(reply)) throw this.#refusalOfAll(reply);
    else if (reply !== 'RESTORED') throw new StartError(`${this.serverName}: ${reply}`, FAILED);
  }

  /** Resolves when there is a reply to each. */
  async end(): Promise<void> {
    await this.#until(() => this.#waiting === 0);
  }

  async #until(condition: () => boolean): Promise<void> {
    while (this.#failure === undefined && !condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #note({ bytes, isObject, key }: ReadRecord, reply: string): void {
    this.#waiting--;
    this.#waitingBytes -= bytes.length;
    if (reply === 'RESTORED') this.progress.note(isObject, bytes.length);
    else if (reply === 'KEPT') this.kept++;
    else if (reply === 'EXPIRED') this.expired++;
    else if (FOR_ALL.includes(reply)) this.#fail(this.#refusalOfAll(reply));
    else this.#refuse(key, reply);
    this.#wake?.();
  }

  #refusalOfAll(reply: string): StartError {
    return new StartError(`${this.serverName}: ${explainRefusal(reply, 'restore')}`, FAILED);
  }

  #refuse(key: Uint8Array, reply: string): void {
    this.refused++;
    const name = Buffer.from(key)
      .toString('latin1')
      .replace(/[^ -~]/g, '?');
    if (this.refused <= SHOWN) this.say(`refused ${name}: ${reply}`);
    if (this.refused === SHOWN + 1) this.say('further ones are refused, too; they are counted');
  }

  #fail(failure: unknown): void {
    this.#failure ??= failure;
    this.#wake?.();
  }
}
