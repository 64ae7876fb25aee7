// The requests of a channel on a bare descriptor to its transport, with a fake C library.

import { expect, test } from 'vitest';
import { EpollChannel, type EpollChannels } from '../../src/transport/epoll/epoll-channel.js';
import { EPOLLIN, EPOLLRDHUP } from '../../src/transport/epoll/libc.js';

const ROOM = 100;

test('a channel with more to read requests one more turn, however often it was read', () => {
  const asked: EpollChannel[] = [];
  const lengths: number[] = [];
  const shared = {
    libc: { receive: (_descriptor: number, _at: number, room: number) => room },
    set: { modify: () => undefined },
    batch: { readAt: 0, room: ROOM },
    base: 0,
    onMore: (channel: EpollChannel) => asked.push(channel),
  } as unknown as EpollChannels;
  const channel = new EpollChannel(3, shared, true);
  channel.start({
    onInput: (length) => lengths.push(length),
    onInputEnd: () => undefined,
    onWritten: () => undefined,
    onBroken: () => undefined,
  });
  channel.onEvents(EPOLLIN);
  channel.onEvents(EPOLLIN);
  expect(lengths).toEqual([ROOM, ROOM]);
  expect(asked).toEqual([channel]);
  channel.readMore();
  expect(asked).toEqual([channel, channel]);
});

test('the end of the stream is read even if much input precedes it and the kernel reports it once', () => {
  const rest = [ROOM, ROOM, 7, 0];
  let asked = 0;
  let hasEnded = false;
  const shared = {
    libc: { receive: () => rest.shift() },
    set: { modify: () => undefined },
    batch: { readAt: 0, room: ROOM },
    base: 0,
    onMore: () => asked++,
  } as unknown as EpollChannels;
  const channel = new EpollChannel(3, shared, true);
  channel.start({
    onInput: () => undefined,
    onInputEnd: () => {
      hasEnded = true;
    },
    onWritten: () => undefined,
    onBroken: () => undefined,
  });
  channel.onEvents(EPOLLIN | EPOLLRDHUP);
  for (let turn = 1; turn <= asked && !hasEnded; turn++) channel.readMore();
  expect(hasEnded).toBe(true);
});
