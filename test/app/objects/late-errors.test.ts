// Errors of plugins outside of their calls, and unusual thrown values: each causes a log line and never ends the server. The lines in
// detail: test/objects/calls/failure-log.test.ts.

import { describe, expect, test } from 'vitest';
import { LineClient } from '../line-client.js';
import { startProcess } from '../server-process.js';
import { pluginOf, TypeFolders } from '../type-folders.js';

const ODD = {
  proxy: 'throw new Proxy({}, { getPrototypeOf() { throw new Error("trap"); } });',
  revoked: 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy;',
  stack: 'throw Object.defineProperty(new Error("x"), "stack", { get() { throw new Error("y"); } });',
  number: 'throw Object.assign(new Error("x"), { stack: 42 });',
  getter: 'throw { get message() { throw new Error("inner"); } };',
  json: 'return { toJson: () => 5 } as never;',
  hidden: 'throw Object.create(new Proxy(Error.prototype, { getPrototypeOf() { throw new Error("trap"); } }));',
};

const LATE = {
  reject: 'Promise.reject(new Error("too late"));',
  number: 'Promise.reject(7);',
  after: 'Promise.resolve().then(() => { throw new Error("after the call"); });',
  print: 'console.log("seen", { by: [1, 2] });',
};

describe.each(['epoll', 'net'])('with the transport %s', (transport) => {
  test('the client gets one line for any value that a plugin throws or returns, and the server keeps running', async () => {
    using folders = new TypeFolders();
    folders.plugin('odd.ts', pluginOf('odd', ODD));
    await using server = await startProcess([...folders.flags, '-m', '16', '-t', '1', '--transport', transport]);
    using client = await LineClient.connect(server.port);
    await client.get('odd:new:k');
    for (const method of Object.keys(ODD)) {
      expect(await client.get(`odd:${method}:k`)).toMatch(/^(CLIENT|SERVER)_ERROR odd:[a-z]+: [^\r\n]+$/);
    }
    expect(await client.get('cacheismo:errors')).toMatch(/odd:proxy failed for odd:proxy:k/);
    expect(server.child.exitCode).toBe(null);
  });

  test('errors and output outside of calls are logged with their type, and the server keeps running', async () => {
    using folders = new TypeFolders();
    folders.plugin('late.ts', pluginOf('late', LATE));
    await using server = await startProcess([...folders.flags, '-m', '16', '-t', '1', '--transport', transport]);
    using client = await LineClient.connect(server.port);
    await client.get('late:new:k');
    for (const method of Object.keys(LATE)) await client.get(`late:${method}:k`);
    const { msg } = await server.logged(/too late/);
    expect(msg).toMatch(/^late: failed outside of a call: too late; Error: too late at .*late\.ts:\d+/);
    await server.logged(/failed outside of a call: 7/);
    await server.logged(/^late: failed outside of a call: after the call/);
    await server.logged(/^late: console\.log: seen \{ by: \[ 1, 2 \] \}$/);
    expect(await client.ask('')).toBe('');
    expect(server.child.exitCode).toBe(null);
  });
});
