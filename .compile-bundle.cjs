// Run by the build: starts the server, lets it serve a few requests, and keeps the code that V8 has made of the bundle's files meanwhile,
// next to them as `.cache`. Loading this file into each thread of that server is how it sees the scripts; see src/app/compiled-files.ts.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { readFileSync, rmSync, writeFileSync } = require('node:fs');
const net = require('node:net');
const { join } = require('node:path');
const { fileURLToPath } = require('node:url');
const { setFlagsFromString } = require('node:v8');
const vm = require('node:vm');
const { isMainThread } = require('node:worker_threads');

const CLI = join(__dirname, 'dist/bundle/cli.js');
const PORT_FILE = join(__dirname, 'dist/bundle/port');

/** What a first client may ask for. */
const REQUESTS = [
  'set k 0 0 1\r\n1\r\n',
  'get k\r\n',
  'delete k\r\n',
  'get set:new:k\r\n',
  'delete set$k\r\n',
  'version\r\n',
];

async function main() {
  const flags = ['-p', '0', '-l', '127.0.0.1', '-U', '0', '-t', '1', '-u', 'root', '--log-format', 'json'];
  const environment = { PATH: process.env.PATH, MEMCACHED_PORT_FILENAME: PORT_FILE };
  const server = spawn(process.execPath, ['--require', __filename, CLI, ...flags], {
    cwd: '/',
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const listening = new Promise((resolve, reject) => {
    server.stderr.setEncoding('utf8').on('data', (text) => {
      log += text;
      if (log.includes(' listening on ')) resolve();
    });
    server.on('exit', () => reject(new Error(`the server that compiles the bundle has ended: ${log}`)));
  });
  try {
    await listening;
    const client = net.connect(Number(/TCP INET: (\d+)/.exec(readFileSync(PORT_FILE, 'utf8'))[1]), '127.0.0.1');
    for (const request of REQUESTS) {
      client.write(request);
      await once(client, 'data');
    }
    client.destroy();
    server.kill('SIGTERM');
    const [code] = await once(server, 'exit');
    if (code !== 0) throw new Error(`the server that compiles the bundle has failed: ${log}`);
  } finally {
    server.kill('SIGKILL');
    rmSync(PORT_FILE, { force: true });
  }
}

/** In a thread of the server. */
function keepScripts() {
  const scripts = [];
  vm.Script = class extends vm.Script {
    constructor(code, options) {
      super(code, options);
      if (/^file:.*\/dist\/bundle\/[^/]+\.cjs$/.test(options?.filename))
        scripts.push([new URL(options.filename), this]);
    }
  };
  const save = () => {
    for (const [file, script] of scripts) writeFileSync(`${fileURLToPath(file)}.cache`, script.createCachedData());
  };
  // The server's own end of the process runs no handlers, that of a thread does.
  if (!isMainThread) process.once('exit', save);
  else {
    process.once('SIGTERM', () => {
      // V8 accepts code that was made with the same flags. It has raised this one (src/app/v8-flags.ts) to 2 when the first thread started, after
      // the files of the main thread were loaded.
      setFlagsFromString('--semi-space-growth-factor=1');
      save();
      setFlagsFromString('--semi-space-growth-factor=2');
    });
  }
}

if (require.main === module) {
  main().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
} else keepScripts();
