// A channel that encrypts: OpenSSL reads and writes the socket itself, with the same buffers as a plain channel. Certificates:
// server-context.ts.
//
// Differences from a plain socket:
//   - OpenSSL may read more from the socket than the record that it returns, and the kernel does not report that rest again.
//     `isHoldingInput` makes the transport read again in its next turn.
//   - Events are level-triggered, because it is not known how much input is left in the socket.
//   - A record that the kernel did not take as a whole must be passed to OpenSSL again with the same bytes. So the places where a
//     reply is cut into records depend only on how much of it is sent.

import { assert } from '../../base/assert.js';
import { EpollChannel, type EpollChannels } from '../epoll/epoll-channel.js';
import { EAGAIN, EPOLLIN, EPOLLOUT, EPROTO, errorName, type Libc } from '../epoll/libc.js';
import { TRANSPORT_METRICS } from '../transport-metrics.js';
import type { Certificates } from './certificates.js';
import { type Openssl, type Ssl, SslError, takeReason } from './openssl.js';

/** The most bytes of one record, by the standard. */
const RECORD_BYTES = 16 * 1024;

/** A signature takes up to a millisecond, so connected clients wait at most 8 ms for the handshakes of new ones. */
const HANDSHAKES_PER_TURN = 8;

/** Makes the channels of one thread and holds the buffer that they share. */
export class TlsChannels {
  /** Small parts of a reply are copied into one record, since a record costs more than the copies. */
  readonly bytes = Buffer.allocUnsafeSlow(RECORD_BYTES);
  readonly address: number;
  /** The most bytes of a reply in one record. */
  readonly size: number;

  readonly openssl: Openssl;
  #handshakesLeft = HANDSHAKES_PER_TURN;

  constructor(
    libc: Libc,
    private readonly certificates: Certificates,
  ) {
    this.address = libc.addressOf(this.bytes);
    this.size = Math.min(certificates.settings.writeBufferBytes, RECORD_BYTES);
    this.openssl = certificates.openssl;
  }

  /** Call this at the start of each turn of the transport. */
  beginTurn(): void {
    this.#handshakesLeft = HANDSHAKES_PER_TURN;
  }

  /** Whether one more step of a handshake may be taken in this turn; the kernel reports the client again in the next one. */
  mayShakeHands(): boolean {
    return this.#handshakesLeft-- > 0;
  }

  /** Makes a channel with the current certificates. */
  make(descriptor: number, shared: EpollChannels, isWatched: boolean): TlsChannel {
    const ssl = this.certificates.newSsl();
    assert(ssl !== 0, 'there is memory for a connection');
    return new TlsChannel(descriptor, shared, isWatched, this, ssl);
  }
}

/** How the stream has ended; `open` while it has not. */
const Ending = { open: 0, closed: 1, broken: 2 } as const;
type Ending = (typeof Ending)[keyof typeof Ending];

class TlsChannel extends EpollChannel {
  override isHandshaking = true;
  #ending: Ending = Ending.open;
  /** `errno` of the last failure, or OpenSSL's code for it. */
  #errno = 0;
  #reason: string | undefined;
  /** OpenSSL must send something before it can read on. */
  #needsOutput = false;
  #hasSaidGoodbye = false;
  #ssl: Ssl;

  constructor(
    descriptor: number,
    shared: EpollChannels,
    isWatched: boolean,
    private readonly channels: TlsChannels,
    ssl: Ssl,
  ) {
    super(descriptor, shared, isWatched);
    this.#ssl = ssl;
    channels.openssl.setDescriptor(ssl, descriptor);
  }

  override resumeReading(): void {
    super.resumeReading();
    if (this.isHoldingInput && !this.isClosed) this.askForMore();
  }

  override onEvents(events: number): void {
    if (!this.isHandshaking) super.onEvents(events);
    else if (this.channels.mayShakeHands()) this.#shakeHands();
  }

  override readMore(): void {
    if (!this.isHandshaking) super.readMore();
  }

  override finish(): void {
    this.#sayGoodbye();
    super.finish();
  }

  override destroy(onReleased?: () => void): void {
    if (!this.isClosed) {
      this.#sayGoodbye();
      this.channels.openssl.freeSsl(this.#ssl);
    }
    super.destroy(onReleased);
  }

  /** Reads records while OpenSSL holds complete ones and there is room. */
  protected override receive(at: number, room: number): number {
    const { openssl } = this.channels;
    let length = 0;
    this.isHoldingInput = false;
    if (this.#ending !== Ending.open) return this.#result();
    do {
      const got = openssl.read(this.#ssl, at + length, room - length);
      if (got <= 0) {
        this.#setNeedsOutput(this.#explain(got) === SslError.wantWrite);
        if (length === 0) return this.#result();
        // The next read returns how the stream ended.
        this.isHoldingInput = this.#ending !== Ending.open;
        return length;
      }
      length += got;
      this.isHoldingInput = openssl.hasPending(this.#ssl) !== 0;
    } while (this.isHoldingInput && room - length >= RECORD_BYTES);
    this.#setNeedsOutput(false);
    return length;
  }

  /** Sends records until all is sent or the kernel takes no more. */
  protected override handOver(): number {
    const { openssl } = this.channels;
    const rest = this.restLength;
    const done = this.length - rest;
    let sent = 0;
    while (sent < rest) {
      if (this.#ending === Ending.broken) return sent > 0 ? sent : -1;
      const length = this.#stage(done + sent, rest - sent);
      const result = openssl.write(this.#ssl, this.#from, length);
      if (result <= 0) {
        // The client has sent half of a handshake message: OpenSSL waits for the client, not for the kernel.
        if (this.#explain(result) === SslError.wantRead) this.#fail('a message that belongs to no record', EPROTO);
        return sent > 0 ? sent : -1;
      }
      sent += length;
    }
    return sent;
  }

  protected override errno(): number {
    return this.#errno;
  }

  protected override reasonOf(errno: number): string {
    return this.#reason === undefined ? errorName(errno) : `TLS: ${this.#reason}`;
  }

  protected override readingEvents(): number {
    // Not both: the kernel would keep reporting input that cannot be read until something is sent.
    return this.#needsOutput ? EPOLLOUT : EPOLLIN;
  }

  #shakeHands(): void {
    const { openssl } = this.channels;
    const result = openssl.accept(this.#ssl);
    this.#setNeedsOutput(result !== 1 && this.#explain(result) === SslError.wantWrite);
    if (result === 1) {
      this.isHandshaking = false;
      if (openssl.isResumed(this.#ssl) === 0) this.shared.metrics.add(TRANSPORT_METRICS.ssl_new_sessions, 1);
      // The first request may have arrived with the end of the handshake.
      super.onEvents(EPOLLIN);
      return;
    }
    if (this.#ending === Ending.closed) super.onEvents(EPOLLIN);
    else if (this.#ending === Ending.broken) {
      this.shared.metrics.add(TRANSPORT_METRICS.ssl_handshake_errors, 1);
      this.break(this.reasonOf(this.#errno));
    }
  }

  /** Returns the `SslError` of a call that failed. */
  #explain(result: number): number {
    const { openssl } = this.channels;
    const error = openssl.errorOf(this.#ssl, result);
    if (error === SslError.wantRead || error === SslError.wantWrite) this.#errno = EAGAIN;
    else if (error === SslError.closed) this.#ending = Ending.closed;
    else if (error === SslError.system) this.#fail(undefined, this.shared.libc.errno());
    else this.#fail(takeReason(openssl), EPROTO);
    return error;
  }

  #fail(reason: string | undefined, errno: number): void {
    this.channels.openssl.clearErrors();
    this.#ending = Ending.broken;
    this.#reason = reason;
    this.#errno = errno;
  }

  #result(): number {
    return this.#ending === Ending.closed ? 0 : -1;
  }

  #setNeedsOutput(needsOutput: boolean): void {
    if (this.#needsOutput === needsOutput) return;
    this.#needsOutput = needsOutput;
    this.settleInterest();
  }

  #from = 0;

  /** Makes the next record's bytes contiguous at `#from`; returns their number. */
  #stage(done: number, rest: number): number {
    const { address, bytes, size } = this.channels;
    const length = Math.min(rest, size);
    if (this.parts !== undefined) return this.#stageParts(done, length);
    if (this.bytes !== undefined) {
      bytes.set(this.bytes.subarray(done, done + length));
      this.#from = address;
    } else {
      this.#from = this.address + done;
    }
    return length;
  }

  #stageParts(done: number, length: number): number {
    const { base, libc } = this.shared;
    const { positions, lengths } = this.parts as NonNullable<typeof this.parts>;
    let skipped = done;
    let part = 0;
    while (skipped >= lengths[part]) skipped -= lengths[part++];
    if (lengths[part] - skipped >= length) {
      this.#from = base + positions[part] + skipped;
      return length;
    }
    this.#from = this.channels.address;
    for (let staged = 0; staged < length; part++) {
      const piece = Math.min(lengths[part] - skipped, length - staged);
      libc.copyMemory(this.#from + staged, base + positions[part] + skipped, piece);
      staged += piece;
      skipped = 0;
    }
    return length;
  }

  /** Sends TLS's closing alert if the kernel takes it now. */
  #sayGoodbye(): void {
    if (this.#hasSaidGoodbye || this.isHandshaking || this.#ending === Ending.broken || this.restLength > 0) return;
    if (this.isClosed) return;
    this.#hasSaidGoodbye = true;
    const { openssl } = this.channels;
    if (openssl.shutDown(this.#ssl) < 0) openssl.clearErrors();
  }
}
