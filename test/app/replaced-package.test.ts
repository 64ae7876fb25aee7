// A server whose package is replaced or removed while it runs, as by an upgrade, still loads the types that its users save.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { installPackage } from './installed-package.js';
import { LineClient } from './line-client.js';
import { pluginOf, scriptOf, TypeFolders } from './type-folders.js';

const folder = mkdtempSync(join(tmpdir(), 'cacheismo-replaced-'));
const installed = join(folder, 'package');

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a plugin and a script saved after the package was removed are live, and the types that ship stay', {
  timeout: 60_000,
}, async () => {
  using folders = new TypeFolders();
  installPackage(folder);
  const flags = ['-p', '0', '--log-format', 'json', '-u', 'root', ...folders.flags];
  const child = spawn(process.execPath, [join(installed, 'dist/bundle/cli.js'), ...flags], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const logged = (pattern: RegExp) => expect.poll(() => log, { timeout: 20_000, interval: 20 }).toMatch(pattern);
    await logged(/ listening on /);
    rmSync(installed, { recursive: true });
    folders.plugin('greet.ts', pluginOf('greet', { say: "return 'plugin';" }));
    folders.script('hello.lua', scriptOf('hello', { say: 'return "script"' }));
    await logged(/plugins\/greet\.ts: version 1 of greet is live/);
    await logged(/scripts\/hello\.lua: version 1 of hello is live/);
    using client = await LineClient.connect(Number(/ listening on [^:]+:(\d+)/.exec(log)?.[1]));
    await client.get('greet:new:k');
    expect(await client.get('greet:say:k')).toBe('plugin');
    await client.get('hello:new:k');
    expect(await client.get('hello:say:k')).toBe('script');
    expect(await client.get('set:new:k')).toBe('CREATED');
    expect(log).not.toContain('is gone');
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});
