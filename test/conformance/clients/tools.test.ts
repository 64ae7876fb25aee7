// Third-party proxies and monitoring tools against the built server: nginx, nutcracker, collectd, the checks of nagios and zabbix. The test
// name says if one is not installed.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ServerProcess, startProcess } from '../../app/server-process.js';
import { ask, freePort, untilListening } from '../memcached.js';
import { SERVED } from '../recorded/served.js';
import { run } from './programs.js';

const NGINX = '/usr/sbin/nginx';
const MEMC = '/usr/lib/nginx/modules/ngx_http_memc_module.so';
const NUTCRACKER = '/usr/sbin/nutcracker';
const COLLECTD = '/usr/sbin/collectd';
const CHECK = '/usr/lib/nagios/plugins/check_memcached';
const ZABBIX = '/usr/sbin/zabbix_agent2';

let server: ServerProcess;
let folder = '';
const children: ChildProcess[] = [];

beforeAll(async () => {
  server = await startProcess(['--no-objects']);
  folder = mkdtempSync(join(tmpdir(), 'tools-'));
});

afterAll(async () => {
  for (const child of children) child.kill();
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: 'ignore' });
  children.push(child);
  return child;
}

function absent(...paths: readonly string[]): string {
  return paths.every((path) => existsSync(path)) ? '' : ' (skipped: not installed)';
}

function tool(title: string, why: string, body: () => Promise<void>): void {
  test.skipIf(why !== '')(`${title}${why}`, body);
}

describe('proxies', () => {
  tool('nginx serves pages from the cache, and stores, counts and deletes by memc', absent(NGINX, MEMC), async () => {
    const port = await freePort();
    const place = `127.0.0.1:${server.port}`;
    const configuration = `
      load_module ${MEMC}; daemon off; master_process off; error_log stderr; pid ${folder}/nginx.pid;
      events {}
      http {
        access_log off; client_body_temp_path ${folder}/body; fastcgi_temp_path ${folder}/f; proxy_temp_path ${folder}/p;
        uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
        server {
          listen 127.0.0.1:${port};
          location /page/ { set $memcached_key $uri; default_type text/html; memcached_pass ${place}; error_page 404 = @made; }
          location @made { return 200 made; }
          location /memc { set $memc_cmd $arg_cmd; set $memc_key $arg_key; set $memc_value $arg_val; memc_pass ${place}; }
        }
      }`;
    await untilListening(port, start(NGINX, ['-p', folder, '-c', written('nginx.conf', configuration)]));
    const get = async (path: string) => {
      const reply = await fetch(`http://127.0.0.1:${port}${path}`);
      return [reply.status, (await reply.text()).trim()];
    };
    await ask(server.port, 'set /page/one 0 0 5\r\nhello\r\n');
    expect(await get('/page/one')).toEqual([200, 'hello']);
    expect(await get('/page/none')).toEqual([200, 'made']);
    expect(await get('/memc?cmd=set&key=a&val=12')).toEqual([201, 'STORED']);
    expect(await get('/memc?cmd=get&key=a')).toEqual([200, '12']);
    expect(await get('/memc?cmd=incr&key=a&val=5')).toEqual([201, '17']);
    expect(await get('/memc?cmd=add&key=a&val=1')).toEqual([200, 'NOT_STORED']);
    expect(await get('/memc?cmd=delete&key=a')).toEqual([200, 'DELETED']);
    expect((await get('/memc?cmd=get&key=a'))[0]).toBe(404);
    expect(String((await get('/memc?cmd=stats'))[1])).toMatch(/^STAT pid \d+/);
    expect(String((await get('/memc?cmd=version'))[1])).toMatch(/^(VERSION )?\d+\.\d+\.\d+/);
    expect((await get('/memc?cmd=flush_all'))[1]).toBe('OK');
  });

  tool('nutcracker passes every command on', absent(NUTCRACKER), async () => {
    const [port, statsPort] = [await freePort(), await freePort()];
    const configuration = `pool:
  listen: 127.0.0.1:${port}
  hash: fnv1a_64
  distribution: ketama
  servers:
   - 127.0.0.1:${server.port}:1
`;
    await untilListening(
      port,
      start(NUTCRACKER, ['-c', written('nutcracker.yml', configuration), '-s', String(statsPort)]),
    );
    const commands = [
      ...['set a 5 0 1\r\nx\r\n', 'add a 0 0 1\r\ny\r\n', 'append a 0 0 1\r\nz\r\n', 'get a b c\r\n', 'delete a\r\n'],
      ...['set n 0 0 1\r\n1\r\n', 'incr n 5\r\n', 'touch n 100\r\n', 'gets n\r\n', 'delete b\r\n'],
    ];
    const reply = await ask(port, commands.join(''));
    const begin = 'STORED\r\nNOT_STORED\r\nSTORED\r\nVALUE a 5 2\r\nxz\r\nEND\r\nDELETED\r\nSTORED\r\n6\r\nTOUCHED\r\n';
    expect(reply.replace(/^(VALUE n 0 1) \d+/m, '$1 token')).toBe(
      `${begin}VALUE n 0 1 token\r\n6\r\nEND\r\nNOT_FOUND\r\n`,
    );
  });
});

describe('monitoring', () => {
  tool("nagios' check_memcached finds the server well", absent(CHECK), async () => {
    await ask(server.port, 'set a 0 0 1\r\nx\r\nget a\r\n');
    const { code, output } = await run(CHECK, ['-H', `127.0.0.1:${server.port}`, '-t', '5']);
    expect(output).toMatch(/^OK: /);
    expect(code).toBe(0);
  });

  tool('collectd writes its figures', absent(COLLECTD, '/usr/lib/collectd/memcached.so'), async () => {
    const configuration = `
      Hostname "here"
      BaseDir "${folder}"
      PIDFile "${folder}/collectd.pid"
      Interval 1
      LoadPlugin csv
      LoadPlugin memcached
      <Plugin csv>
        DataDir "${folder}/csv"
      </Plugin>
      <Plugin memcached>
        <Instance "one">
          Address "127.0.0.1"
          Port "${server.port}"
        </Instance>
      </Plugin>
`;
    start(COLLECTD, ['-f', '-C', written('collectd.conf', configuration)]);
    const figures = () =>
      readdirSync(join(folder, 'csv/here/memcached-one')).map((name) => name.replace(/-\d{4}-.*$/, ''));
    const wanted = ['df-cache', 'memcached_command-get', 'memcached_items-current', 'memcached_ops-evictions'];
    await vi.waitFor(() => expect(figures()).toEqual(expect.arrayContaining(wanted)), {
      timeout: 20_000,
      interval: 100,
    });
  });

  const toCome = SERVED.binary ? '' : ' (to come: binary)';
  tool("zabbix's agent reads statistics", toCome || absent(ZABBIX), async () => {
    const configuration = written(
      'zabbix.conf',
      `LogType=console\nServer=127.0.0.1\nHostname=here\nPidFile=${folder}/z.pid\n`,
    );
    for (const [key, wanted] of [
      ['ping', '1'],
      ['stats', '"curr_items"'],
    ] as const) {
      const item = `memcached.${key}["tcp://127.0.0.1:${server.port}"]`;
      expect((await run(ZABBIX, ['-c', configuration, '-t', item])).output).toContain(wanted);
    }
  });
});
