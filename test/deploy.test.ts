// The files for running as a service, in .github/deploy: the unit of systemd, the image, and the board of Grafana. Nothing is installed or
// downloaded; the test names say what is missing here.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../src/app/config/config.js';
import { METRIC_NAMES } from './app/admin/metric-names.js';
import { startOnAllProcessors } from './app/server-process.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = join(ROOT, '.github/deploy');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** Throws for an option or a value that the server would refuse. */
function options(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  return loadConfig({ args, environment, directory: tmpdir() });
}

describe('the unit of systemd', () => {
  const unit = read('cacheismo.service');
  const hasTool = spawnSync('systemd-analyze', ['--version']).status === 0;
  const why = hasTool ? '' : ' (skipped: systemd-analyze is not installed)';

  /** The unit with a command that exists on this machine. */
  function withUnit(use: (path: string) => void): void {
    const folder = mkdtempSync(join(tmpdir(), 'cacheismo-unit-'));
    const path = join(folder, 'cacheismo.service');
    try {
      writeFileSync(path, unit.replace('/usr/bin/cacheismo', process.execPath));
      use(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test.skipIf(!hasTool)(`has no mistake that systemd-analyze finds${why}`, () => {
    withUnit((path) => {
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
    });
  });

  test.skipIf(!hasTool)(`is exposed to little by the rating of systemd-analyze${why}`, () => {
    withUnit((path) => {
      const flags = ['security', '--offline=true', '--threshold=20', '--no-pager', path];
      expect(spawnSync('systemd-analyze', flags, { encoding: 'utf8' }).status).toBe(0);
    });
  });

  test('starts the server with options that it has, and leaves V8 its machine code', async () => {
    const [, command = ''] = /^ExecStart=\S+ (.*)$/m.exec(unit) ?? [];
    expect(await options(command.split(' '))).toMatchObject({ memoryLimitBytes: 256 * 1024 ** 2, adminPort: 9150 });
    expect(unit).toMatch(/^Type=notify$/m);
    expect(unit).not.toMatch(/^MemoryDenyWriteExecute=/m);
  });
});

describe('the image', () => {
  const lines = read('Dockerfile').replace(/\\\n/g, '').split('\n');
  const words = lines.filter((line) => /^[A-Z]+ /.test(line)).map((line) => line.split(/\s+/));
  const final = words.slice(words.findLastIndex(([name]) => name === 'FROM'));
  const environment = Object.fromEntries(
    final.filter(([name]) => name === 'ENV').flatMap(([, ...settings]) => settings.map((text) => text.split('='))),
  ) as Record<string, string>;

  test('is made in two stages, of a Node that the package supports', () => {
    const images = words.filter(([name]) => name === 'FROM');
    expect(images.map(([, image]) => image)).toEqual(['node:20-bookworm-slim', 'node:20-bookworm-slim']);
    expect(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines.node).toBe('>=20.19');
  });

  test('has everything of the package that the server reads', () => {
    const copied = final.filter(([name]) => name === 'COPY').map(([, , from]) => from?.replace('/build/', ''));
    for (const path of copied) expect(existsSync(join(ROOT, path)), path).toBe(true);
    const { bin, files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const folders = new Set([bin.cacheismo, ...files].map((path: string) => path.split('/')[0]));
    folders.delete('CHANGELOG.md');
    expect(copied).toEqual(expect.arrayContaining(['package.json', 'node_modules', ...folders]));
  });

  test('does not run as root, and takes its options from variables that the server has', async () => {
    const start = final.findIndex(([name]) => name === 'ENTRYPOINT');
    const user = final.slice(0, start).findLast(([name]) => name === 'USER');
    expect(user).toEqual(['USER', 'node']);
    // The only notice is that a container listens on all of its addresses.
    const notices = [expect.stringMatching(/^0\.0\.0\.0: everybody who can connect /)];
    expect(await options([], environment)).toMatchObject({ adminPort: 9150, notices });
  });

  test('has a health check that tells a server that serves from none', async () => {
    const [, command = ''] = /^HEALTHCHECK .*? CMD (.*)$/m.exec(lines.join('\n')) ?? [];
    const [program, ...args] = JSON.parse(command) as string[];
    expect(program).toBe('node');
    await using server = await startOnAllProcessors(['--admin-port', '0']);
    const { msg } = await server.logged(/^admin/);
    const port = /:(\d+)/.exec(msg)?.[1] ?? '';
    const check = () =>
      spawnSync(
        process.execPath,
        args.map((text) => text.replace('9150', port)),
      ).status;
    expect(check()).toBe(0);
    server.child.kill('SIGKILL');
    await server.ended;
    expect(check()).toBe(1);
  });
});

describe('compose', () => {
  const { services, secrets } = parse(read('compose.yaml'));

  test('mounts files that exist', () => {
    const mounts: string[] = Object.values<{ volumes?: string[] }>(services).flatMap(({ volumes }) => volumes ?? []);
    const missing = mounts.map((mount) => mount.split(':')[0]).filter((path) => !existsSync(join(FOLDER, path)));
    expect(mounts.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
    expect(existsSync(join(FOLDER, services.cacheismo.build.context, services.cacheismo.build.dockerfile))).toBe(true);
  });

  test('gives the server options that it has, and memory for its limit', async () => {
    const { command, mem_limit: memory, cpus } = services.cacheismo;
    expect(await options(command, { CACHEISMO_ADMIN_PORT: '9150' })).toMatchObject({ notices: [] });
    expect(Number.parseInt(memory, 10)).toBeGreaterThan(Number(command[1]) + 90 + 30 * cpus);
  });

  test('makes the token a secret of the server and of Prometheus, which reads the admin port with it', () => {
    const [job] = parse(read('prometheus.yml')).scrape_configs;
    expect(job.static_configs).toEqual([{ targets: ['cacheismo:9150'] }]);
    const [name] = Object.keys(secrets);
    expect(job.authorization.credentials_file).toBe(`/run/secrets/${name}`);
    expect(services.cacheismo.command).toContain(`/run/secrets/${name}`);
    for (const service of ['cacheismo', 'prometheus']) expect(services[service].secrets).toEqual([name]);
    expect(readFileSync(join(ROOT, '.gitignore'), 'utf8')).toContain(secrets[name].file.replace('./', '/deploy/'));
  });

  test('gives Grafana the boards of their folder and the Prometheus that runs', () => {
    const [source] = parse(read('grafana/provisioning/datasources/prometheus.yaml')).datasources;
    const [provider] = parse(read('grafana/provisioning/dashboards/boards.yaml')).providers;
    expect(Object.keys(services)).toContain(new URL(source.url).hostname);
    expect(services.grafana.volumes).toContain(`./grafana/boards:${provider.options.path}:ro`);
  });
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

describe('the board', () => {
  const board = JSON.parse(read('grafana/boards/cacheismo.json')) as { panels: readonly Panel[] };
  const kinds = new Map(METRIC_NAMES.map((line) => line.split(' ') as [name: string, kind: string]));
  const expressions = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  test('names metrics that exist', () => {
    const used = expressions.flatMap((text) => text.match(/cacheismo_\w+/g) ?? []);
    const unknown = used.filter((name) => {
      const histogram = name.replace(/_(bucket|count|sum)$/, '');
      return kinds.get(histogram) !== 'histogram' && (kinds.get(name) ?? 'histogram') === 'histogram';
    });
    expect(used.length).toBeGreaterThan(30);
    expect(unknown).toEqual([]);
  });

  test('shows the rates of counters, and the values of all other metrics', () => {
    const rated = expressions.flatMap((text) => [...text.matchAll(/rate\((cacheismo_\w+)/g)].map(([, name]) => name));
    const all = expressions.flatMap((text) => text.match(/cacheismo_\w+/g) ?? []);
    expect(rated.filter((name) => kinds.get(name) === 'gauge')).toEqual([]);
    const gauges = all.filter((name) => kinds.get(name) === 'gauge');
    expect(rated.length + gauges.length).toBe(all.length);
  });

  test('has panels with a number of their own that do not overlap', () => {
    const { panels } = board;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(taken).size).toBe(taken.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });

  test('has brackets in pairs', () => {
    for (const text of expressions) {
      const open = [...text].filter((character) => '([{'.includes(character)).length;
      expect([...text].filter((character) => ')]}'.includes(character)).length, text).toBe(open);
    }
  });
});

test('the guide lists each file', () => {
  const entries = readdirSync(FOLDER, { withFileTypes: true }).filter(({ name }) => name !== 'admin-token');
  const files = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  const guide = read('README.md');
  const untold = files.filter((file) => file !== 'README.md' && !guide.includes(`\`${file}\``));
  expect(untold).toEqual([]);
});
