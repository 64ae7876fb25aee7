// Certificates that are replaced while the server runs, by refresh_certs and by SIGHUP, with both transports.

import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RetiredCertificates } from '../../../src/app/threads/retired-certificates.js';
import type { Openssl } from '../../../src/transport/tls/openssl.js';
import { eventually, TestClient } from '../../transport/client.js';
import { type CertificateFolder, certificateFolder, issue, keyText } from '../../transport/tls/certificates.js';
import { startProcess } from '../server-process.js';

let folder: CertificateFolder;

beforeEach(() => {
  folder = certificateFolder();
});

afterEach(() => folder[Symbol.dispose]());

/** Replaces the certificate by another one, and returns the flags that name it. */
function renew(name: string): string {
  const made = issue({ name });
  return `ssl_chain_cert=${folder.put('chain.pem', made.certificate)},ssl_key=${folder.put('key.pem', keyText(made))}`;
}

function connect(port: number): Promise<TestClient> {
  return TestClient.connect({ host: '127.0.0.1', port, tls: { rejectUnauthorized: false } });
}

function nameOf({ socket }: TestClient): string | string[] | undefined {
  return (socket as TLSSocket).getPeerCertificate().subject.CN;
}

describe.each(['epoll', 'net'] as const)('certificates with the transport %s', (transport) => {
  const start = (options: string) => startProcess(['--transport', transport, '--no-objects', '-Z', '-o', options]);

  test('are reloaded by refresh_certs for later connections', async () => {
    await using running = await start(renew('first'));
    const old = await connect(running.port);
    for (const name of ['second', 'third']) {
      renew(name);
      expect(await old.ask('refresh_certs\r\n', '\r\n')).toBe('OK\r\n');
      const clients = await Promise.all(Array.from({ length: 6 }, () => connect(running.port)));
      expect(clients.map(nameOf)).toEqual(clients.map(() => name));
      for (const client of clients) client.destroy();
    }
    expect(nameOf(old)).toBe('first');
    expect(await old.ask('get a\r\n', 'END\r\n')).toBe('END\r\n');
  });

  test('stay when the new files cannot be used, and the reply says why', async () => {
    await using running = await start(renew('first'));
    const client = await connect(running.port);
    const key = folder.put('key.pem', keyText(issue({ name: 'stranger' })));
    const line = `ssl_key ${key}: is not the key of the certificate in ${folder.path}/chain.pem`;
    expect(await client.ask('refresh_certs\r\n', '\r\n')).toBe(`SERVER_ERROR ${line}\r\n`);
    running.child.kill('SIGHUP');
    expect((await running.logged(/^SIGHUP/)).msg).toBe(`SIGHUP: the old certificates stay: ${line}`);
    expect(nameOf(await connect(running.port))).toBe('first');
  });

  test('are reloaded by SIGHUP', async () => {
    await using running = await start(renew('first'));
    renew('second');
    running.child.kill('SIGHUP');
    await running.logged(/^SIGHUP: certificates reloaded, for new connections$/);
    expect(nameOf(await connect(running.port))).toBe('second');
  });

  test('are replaced under load without an error', async () => {
    await using running = await start(renew('name 0'));
    const { child, port } = running;
    const admin = await connect(port);
    let isOver = false;
    const work = async () => {
      while (!isOver) {
        const client = await connect(port);
        for (let round = 0; round < 5; round++) {
          expect(await client.ask('set a 0 0 3\r\nabc\r\nget a\r\n', 'END\r\n')).toMatch(/^STORED\r\nVALUE a 0 3/);
        }
        client.destroy();
      }
    };
    const workers = Array.from({ length: 4 }, work);
    for (let round = 1; round <= 40; round++) {
      renew(`name ${round}`);
      expect(await admin.ask('refresh_certs\r\n', '\r\n')).toBe('OK\r\n');
      if (round % 8 !== 0) continue;
      child.kill('SIGHUP');
      // A file must not be written while it is read.
      await eventually(() => running.log.filter(({ msg }) => msg.startsWith('SIGHUP')).length === round / 8);
    }
    isOver = true;
    await Promise.all(workers);
    expect(nameOf(await connect(port))).toBe('name 40');
    expect(running.log.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  });
});

test('without TLS refresh_certs is unknown, and SIGHUP does nothing', async () => {
  await using running = await startProcess(['--no-objects']);
  const client = await TestClient.connect({ host: '127.0.0.1', port: running.port });
  expect(await client.ask('refresh_certs\r\n', '\r\n')).toBe('ERROR\r\n');
  running.child.kill('SIGHUP');
  await running.logged(/^SIGHUP: nothing to do$/);
});

test('a replaced context is freed once, after every thread has confirmed', () => {
  const freed: number[] = [];
  const asked: number[] = [];
  const openssl = { freeContext: (context: number) => freed.push(context) } as unknown as Openssl;
  const retired = new RetiredCertificates(openssl, 2, (context) => asked.push(context));
  retired.retire(0);
  retired.retire(64);
  retired.retire(128);
  expect(asked).toEqual([64, 128]);
  for (const context of [64, 128, 128]) retired.onPassed(context);
  expect(freed).toEqual([128]);
  retired.onPassed(64);
  retired.onPassed(64);
  expect(freed).toEqual([128, 64]);
});
