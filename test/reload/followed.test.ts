// Directories of types that are replaced, moved, linked or created later: each time the types are those of the files that the path leads
// to.

import fs, {
  cpSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { luaType, Watched } from './watched.js';

let watched: Watched;

beforeEach(() => {
  watched = new Watched();
});

afterEach(() => watched.close());

const say = () => watched.harness.get('greet:say:k');

/** Makes a directory with the type at the path. */
function directory(path: string, answer: string): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'greet.lua'), luaType('greet', answer));
}

/** Makes a change and waits until the type returns the text. */
async function become(answer: string, change: () => void): Promise<void> {
  change();
  await expect.poll(say, { timeout: 10_000, interval: 20 }).toBe(answer);
}

describe('a directory of scripts is followed', () => {
  beforeEach(async () => {
    directory(watched.scripts, 'one');
    await watched.reloader.start();
    expect(say()).toBe('one');
  });

  /** After any of them an ordinary save must be noticed as well. */
  async function saveAfter(): Promise<void> {
    await become('saved', () => directory(watched.scripts, 'saved'));
  }

  test('when another is moved into its place', async () => {
    directory(join(watched.root, 'new'), 'two');
    await become('two', () => {
      renameSync(watched.scripts, join(watched.root, 'old'));
      renameSync(join(watched.root, 'new'), watched.scripts);
    });
    await saveAfter();
  });

  test('when it is removed and created again', async () => {
    await become('two', () => {
      rmSync(watched.scripts, { recursive: true });
      directory(watched.scripts, 'two');
    });
    await saveAfter();
  });

  test('when it is missing for a while', async () => {
    await become('no call', () => rmSync(watched.scripts, { recursive: true }));
    await become('two', () => directory(watched.scripts, 'two'));
    await saveAfter();
  });

  test('when a file is replaced by one of the same size and time', async () => {
    const path = join(watched.scripts, 'greet.lua');
    const { atime, mtime } = statSync(path);
    await become('two', () => {
      const other = join(watched.root, 'other.lua');
      writeFileSync(other, luaType('greet', 'two'));
      utimesSync(other, atime, mtime);
      renameSync(other, path);
    });
  });

  test('when a link in it leads to a file that is created later, and when that file changes', async () => {
    rmSync(join(watched.scripts, 'greet.lua'));
    symlinkSync('shared/greet.lua', join(watched.scripts, 'greet.lua'));
    await expect.poll(say, { timeout: 10_000 }).toBe('no call');
    await become('two', () => directory(join(watched.scripts, 'shared'), 'two'));
    await become('three', () => directory(join(watched.scripts, 'shared'), 'three'));
  });

  test('when it changes like a mounted ConfigMap, with the old data kept', async () => {
    const swap = (version: string) => {
      directory(join(watched.scripts, `..${version}`), version);
      symlinkSync(`..${version}`, join(watched.scripts, '..data_tmp'));
      renameSync(join(watched.scripts, '..data_tmp'), join(watched.scripts, '..data'));
    };
    await become('first', () => {
      swap('first');
      unlinkSync(join(watched.scripts, 'greet.lua'));
      symlinkSync('..data/greet.lua', join(watched.scripts, 'greet.lua'));
    });
    await become('second', () => swap('second'));
    await become('third', () => swap('third'));
  });
});

test('a directory behind a link is followed when the link is switched', async () => {
  directory(join(watched.root, 'release1'), 'one');
  directory(join(watched.root, 'release2'), 'two');
  rmSync(watched.scripts, { recursive: true });
  symlinkSync('release1', watched.scripts);
  await watched.reloader.start();
  expect(say()).toBe('one');
  await become('two', () => {
    symlinkSync('release2', join(watched.root, 'next'));
    renameSync(join(watched.root, 'next'), watched.scripts);
  });
  await become('three', () => directory(join(watched.root, 'release2'), 'three'));
});

test('a directory under node_modules is watched', async () => {
  const scripts = join(watched.root, 'node_modules', 'acme-types', 'scripts');
  directory(scripts, 'one');
  watched.scripts = scripts;
  watched.restart();
  await watched.reloader.start();
  await become('two', () => directory(scripts, 'two'));
});

test('a directory with links that lead nowhere, or to themselves, is watched', async () => {
  directory(watched.scripts, 'one');
  symlinkSync('self.lua', join(watched.scripts, 'self.lua'));
  symlinkSync('nowhere', join(watched.scripts, 'dangling'));
  await watched.reloader.start();
  await become('two', () => directory(watched.scripts, 'two'));
  expect(watched.logged.filter((line) => line.includes('watch'))).toEqual([]);
});

test('a server whose kernel has no watches left warns once and polls its files', async () => {
  // chokidar imports the function by its name.
  const noWatches = vi.spyOn(fs, 'watch').mockImplementation(() => {
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    noWatches.mockRestore();
    syncBuiltinESMExports();
  });
  watched.restart({ folders: [{ path: watched.scripts, language: 'lua', label: 'scripts', rank: 0 }] });
  directory(watched.scripts, 'one');
  await watched.reloader.start();
  await become('two', () => directory(watched.scripts, 'two'));
  expect(noWatches).toHaveBeenCalled();
  cpSync(join(watched.scripts, 'greet.lua'), join(watched.scripts, 'copy.lua'));
  expect(watched.logged.filter((line) => line.includes('watch'))).toEqual([
    expect.stringMatching(
      /scripts cannot be watched: no inotify watches are left .*; object types are looked at every second instead$/,
    ),
  ]);
});
