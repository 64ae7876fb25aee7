// What tests of object types import from `cacheismo/testing`. It runs under any test runner, and starts no server.

import type { TestCache, TestCacheOptions } from './test-cache.js';

export type { CallUse, KillReport, TestCache, TestCacheOptions } from './test-cache.js';

/** A cache in this process, with object types. Rejects when a file cannot be loaded, with its line and the reason. */
export async function createTestCache(options: TestCacheOptions = {}): Promise<TestCache> {
  const { CacheInProcess } = await import('./cache-in-process.js');
  return await CacheInProcess.create(options);
}

/** Runs dialogues as `cacheismo test` does: files, and directories of them; by default `scripts` and `plugins` of the working directory. Reports
    line by line, and resolves with whether every reply was as expected. */
export async function runDialogues(
  paths: readonly string[] = [],
  report: (line: string) => void = console.log,
): Promise<boolean> {
  const { runDialogueFiles } = await import('./dialogue-files.js');
  return await runDialogueFiles(paths, report);
}

/** The same, and again whenever a file next to them is saved. Resolves with a function that ends it. */
export async function watchDialogues(
  paths: readonly string[] = [],
  report: (line: string) => void = console.log,
): Promise<() => Promise<void>> {
  const { watchDialogueFiles } = await import('./watch-dialogues.js');
  return await watchDialogueFiles(paths, report);
}
