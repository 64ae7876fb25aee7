// The behaviour of a TLS channel for each result of OpenSSL, with a fake OpenSSL.

import { expect, test } from 'vitest';
import type { Metrics } from '../../../src/base/metrics.js';
import type { EpollChannels } from '../../../src/transport/epoll/epoll-channel.js';
import { EPOLLIN, EPOLLOUT } from '../../../src/transport/epoll/libc.js';
import type { Certificates } from '../../../src/transport/tls/certificates.js';
import { type Openssl, SslError } from '../../../src/transport/tls/openssl.js';
import { TlsChannels } from '../../../src/transport/tls/tls-channel.js';
import { defaultTls } from './settings.js';

const ROOM = 64 * 1024;

/** What a call returns: a number above 0, or an error of OpenSSL. */
type Outcome = number | { readonly error: number };

interface Scripted {
  readonly accepts?: readonly Outcome[];
  readonly reads?: readonly Outcome[];
  readonly writes?: readonly Outcome[];
  /** Whether bytes are left after each read. */
  readonly pending?: readonly boolean[];
}

/** A channel whose OpenSSL follows a script, and its recorded events. */
function scripted({ accepts = [1], reads = [], writes = [], pending = [] }: Scripted) {
  const heard: string[] = [];
  const interests: number[] = [];
  const written: number[] = [];
  let lastError = 0;
  const next = (outcomes: Outcome[]) => {
    const outcome = outcomes.shift() ?? { error: SslError.wantRead };
    if (typeof outcome === 'number') return outcome;
    lastError = outcome.error;
    return -1;
  };
  const [left, toRead, toWrite, isPending] = [[...accepts], [...reads], [...writes], [...pending]];
  const openssl = {
    newSsl: () => 1,
    setDescriptor: () => 1,
    accept: () => next(left),
    isResumed: () => 1,
    read: () => next(toRead),
    write: (_ssl: number, _from: number, length: number) => {
      written.push(length);
      return next(toWrite);
    },
    hasPending: () => Number(isPending.shift() ?? false),
    errorOf: () => lastError,
    lastError: () => 0,
    reasonOf: () => 'made up',
    clearErrors: () => undefined,
    shutDown: () => heard.push('goodbye') && 1,
    freeSsl: () => heard.push('freed'),
  } as unknown as Openssl;
  const libc = { addressOf: () => 0, errno: () => 0, close: () => 0, copyMemory: () => undefined };
  const shared = {
    libc,
    set: { modify: (_descriptor: number, events: number) => interests.push(events) },
    batch: { readAt: 0, room: ROOM },
    base: 0,
    metrics: { add: () => undefined } as unknown as Metrics,
    onMore: () => heard.push('more'),
    onClosing: () => undefined,
  } as unknown as EpollChannels;
  const certificates = { openssl, settings: defaultTls, newSsl: () => 1 } as unknown as Certificates;
  const channels = new TlsChannels(libc as never, certificates);
  const channel = channels.make(3, shared, true);
  channel.start({
    onInput: (length) => heard.push(`input ${length}`),
    onInputEnd: () => heard.push('end'),
    onWritten: () => heard.push('written'),
    onBroken: (reason) => heard.push(`broken: ${reason}`),
  });
  return { channel, channels, heard, interests, written };
}

const { wantRead, wantWrite, closed, protocol } = SslError;

test('input that arrived with the end of the handshake is read without waiting for more', () => {
  const { channel, heard } = scripted({ accepts: [{ error: wantRead }, 1], reads: [7] });
  channel.onEvents(EPOLLIN);
  expect(channel.isHandshaking).toBe(true);
  channel.onEvents(EPOLLIN);
  expect(channel.isHandshaking).toBe(false);
  expect(heard).toEqual(['input 7']);
});

test('records that arrived together are read together, and those that do not fit in the next turn', () => {
  const { channel, heard } = scripted({ reads: [100, 200, ROOM - 300, 50], pending: [true, true, true, false] });
  channel.onEvents(EPOLLIN);
  expect(heard).toEqual(['more', `input ${ROOM}`]);
  channel.readMore();
  expect(heard.slice(2)).toEqual(['input 50']);
});

test('paused reading resumes with the bytes that OpenSSL holds, which the kernel does not report', () => {
  const { channel, heard } = scripted({ reads: [ROOM, 5], pending: [true] });
  channel.onEvents(EPOLLIN);
  channel.pauseReading();
  channel.readMore();
  channel.resumeReading();
  expect(heard).toEqual(['more', `input ${ROOM}`, 'more']);
  channel.readMore();
  expect(heard.at(-1)).toBe('input 5');
});

test('an end after other bytes is reported in the next turn', () => {
  const { channel, heard } = scripted({ reads: [9, { error: closed }], pending: [true] });
  channel.onEvents(EPOLLIN);
  channel.readMore();
  expect(heard).toEqual(['more', 'input 9', 'end']);
});

test('a read that has to send something first waits only for output, so that input cannot wake it repeatedly', () => {
  const { channel, heard, interests } = scripted({ reads: [{ error: wantWrite }, 4] });
  channel.onEvents(EPOLLIN);
  expect(interests.at(-1)).toBe(EPOLLOUT);
  channel.onEvents(EPOLLOUT);
  expect(interests.at(-1)).toBe(EPOLLIN);
  expect(heard).toEqual(['input 4']);
});

test('a record that the kernel did not take is passed again with the same length', () => {
  const { channel, heard, written } = scripted({ writes: [16_384, { error: wantWrite }, 16_384, 7232] });
  channel.onEvents(EPOLLIN);
  expect(channel.writeBytes(Buffer.alloc(40_000))).toBe(false);
  expect(channel.unwrittenBytes).toBe(40_000 - 16_384);
  channel.onEvents(EPOLLOUT);
  expect(written).toEqual([16_384, 16_384, 16_384, 7232]);
  expect(heard).toEqual(['written']);
});

test('a write that would have to wait for input breaks the connection', () => {
  const { channel, heard } = scripted({ writes: [{ error: wantRead }] });
  channel.onEvents(EPOLLIN);
  channel.writeBytes(Buffer.alloc(10));
  expect(heard).toEqual(['broken: TLS: a message that belongs to no record']);
});

test('a broken connection is closed without a closing alert, any other with one', () => {
  const broken = scripted({ reads: [{ error: protocol }] });
  broken.channel.onEvents(EPOLLIN);
  broken.channel.destroy();
  expect(broken.heard).toEqual(['broken: TLS: made up', 'freed']);
  const sound = scripted({});
  sound.channel.onEvents(EPOLLIN);
  sound.channel.destroy();
  sound.channel.destroy();
  expect(sound.heard).toEqual(['goodbye', 'freed']);
});

test('a turn takes a limited number of handshake steps, so that connected clients do not wait for all of them', () => {
  const { channels } = scripted({});
  const takeSteps = () => Array.from({ length: 100 }, () => channels.mayShakeHands()).filter(Boolean).length;
  expect(takeSteps()).toBe(8);
  expect(takeSteps()).toBe(0);
  channels.beginTurn();
  expect(takeSteps()).toBe(8);
});
