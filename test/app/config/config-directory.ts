// Loads configurations in a directory of their own, which each test has anew.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { type Config, loadConfig } from '../../../src/app/config/config.js';
import type { Environment } from '../../../src/app/config/environment.js';
import { StartError } from '../../../src/app/start-error.js';

/** Functions that use the directory of the running test. */
export function useConfigDirectory() {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cacheismo-config-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const path = (name: string): string => join(directory, name);

  const loadOrPrint = (args: readonly string[] = [], environment: Environment = {}) =>
    loadConfig({ args, environment, directory });

  const load = async (args: readonly string[] = [], environment: Environment = {}): Promise<Config> => {
    const config = await loadOrPrint(args, environment);
    if ('print' in config) throw new Error(`printed instead: ${config.print}`);
    return config;
  };

  /** The line with which the start is refused. */
  const refusal = async (args: readonly string[], environment: Environment = {}): Promise<string> => {
    try {
      await load(args, environment);
    } catch (error) {
      expect(error).toBeInstanceOf(StartError);
      expect((error as StartError).exitCode).toBe(64);
      return (error as StartError).message;
    }
    throw new Error('was accepted');
  };

  const writeFile = (name: string, content: string): void => writeFileSync(path(name), content);

  return { path, load, loadOrPrint, refusal, writeFile };
}
