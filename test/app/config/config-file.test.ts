// Files of options: where they are found, and the error line of a malformed one.

import { describe, expect, test } from 'vitest';
import { useConfigDirectory } from './config-directory.js';

const { path, load, refusal, writeFile } = useConfigDirectory();

describe('files', () => {
  test.each([
    ['cacheismo.config.yaml', 'memory-limit: 1g\nlisten: [127.0.0.1, "[::1]"]\n'],
    ['cacheismo.config.yml', 'memory-limit: 1g\nlisten: 127.0.0.1,[::1]\n'],
    ['cacheismo.config.json', '{"memory-limit": 1024, "listen": ["127.0.0.1", "[::1]"]}'],
    ['.cacheismorc', 'memory-limit: 1024\nlisten: ["127.0.0.1", "[::1]"]\n'],
  ])('%s is found', async (name, content) => {
    writeFile(name, content);
    const config = await load();
    expect(config.memoryLimitBytes).toBe(1024 ** 3);
    expect(config.listeners).toHaveLength(2);
  });

  test.each([
    ['cacheismo.config.json', '{ "memory-limit": 1024 }'],
    ['cacheismo.config.yaml', 'memory-limit: 1024\n'],
    ['.cacheismorc', 'memory-limit: 1024\n'],
  ])('%s may begin with a byte order mark', async (name, content) => {
    writeFile(name, `\uFEFF${content}`);
    expect((await load()).memoryLimitBytes).toBe(1024 ** 3);
  });

  test('another file can be named by flag or environment', async () => {
    writeFile('other.yaml', 'unix-mask: 0770\nverbose: 1\n');
    expect(await load(['--config', 'other.yaml'])).toMatchObject({ unixMask: 0o770, verbosity: 1 });
    expect(await load([], { CACHEISMO_CONFIG: path('other.yaml') })).toMatchObject({ verbosity: 1 });
  });

  test.each([
    ['port: eleven', 'other.yaml: port eleven: must be an integer from 0 to 65535, or -1 for any free one'],
    ['port: 1.5', 'other.yaml: port 1.5: must be an integer from 0 to 65535, or -1 for any free one'],
    ['disable-cas: 2', 'other.yaml: disable-cas 2: must be true or false'],
    ['memoryLimit: 5', 'other.yaml: memoryLimit: unknown option; did you mean memory-limit?'],
    ['prt: 5', 'other.yaml: prt: unknown option'],
    ['__proto__: 5', 'other.yaml: __proto__: unknown option; did you mean protocol?'],
    ['- port', 'other.yaml: must hold options by name, such as memory-limit: 256'],
  ])('%s is refused', async (content, line) => {
    writeFile('other.yaml', `${content}\n`);
    expect(await refusal(['--config', 'other.yaml'])).toBe(line);
  });

  test('a malformed file that was found is named, and the line ends where the reason does', async () => {
    writeFile('cacheismo.config.yaml', 'port: 1\nlisten: {\na: 1\n');
    const reason = /^cacheismo\.config\.yaml: Flow map in block collection must be .* at line 3, column 1$/;
    expect(await refusal([])).toMatch(reason);
    expect(await refusal(['--config', 'cacheismo.config.yaml'])).toMatch(/^--config cacheismo.* column 1$/);
  });

  test('a missing or malformed file is refused in one line', async () => {
    writeFile('broken.json', '{"port": ');
    writeFile('config.toml', '');
    for (const name of ['missing.yaml', 'broken.json', 'config.toml']) {
      const line = await refusal(['--config', name]);
      expect(line).toMatch(new RegExp(`^--config ${name.replace('.', '\\.')}: .+$`));
    }
  });
});
