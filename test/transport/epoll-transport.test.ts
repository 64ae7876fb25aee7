// The epoll transport passes the suite of all transports, where epoll is available.

import { describe, expect, test } from 'vitest';
import { EpollUnderTest, libcIfAny } from './epoll-harness.js';
import { describeTransport } from './suite.js';

const libc = await libcIfAny();

if (libc !== undefined) describeTransport('epoll', (...parts) => new EpollUnderTest(libc, ...parts));

describe('the C library', () => {
  test.runIf(process.platform === 'linux' && process.arch === 'x64')('is found on Linux', () => {
    expect(libc).toBeDefined();
  });
});
