// The files of the dashboard as the admin port serves them: compressed, checked for changes, under a strict policy, and without the token. The page
// itself is tested in a browser: dashboard.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { askHttp, openHttp, startPlainAdmin } from './http-client.js';

const PATHS = ['/', '/dashboard.js', '/dashboard.css', '/icon.svg', '/uplot.js', '/uplot.css'];

async function bodyOf(port: number, path: string, headers: Readonly<Record<string, string>>) {
  const response = await openHttp(port, path, { headers });
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) };
}

test('each file is sent as brotli or gzip to those who accept it, with the same content, and once until it changes', async () => {
  const { server, port } = await startPlainAdmin();
  await using _ = server;
  let bytes = 0;
  for (const path of PATHS) {
    const plain = await bodyOf(port, path, {});
    expect([path, plain.status, plain.headers['content-encoding']]).toEqual([path, 200, undefined]);
    const zipped = await bodyOf(port, path, { 'accept-encoding': 'gzip, deflate' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true);
    const smaller = await bodyOf(port, path, { 'accept-encoding': 'gzip, br;q=1.0' });
    expect(smaller.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(smaller.body).equals(plain.body)).toBe(true);
    const refused = await bodyOf(port, path, { 'accept-encoding': 'br;q=0, gzip;q=0' });
    expect(refused.headers['content-encoding']).toBeUndefined();
    const again = await bodyOf(port, path, { 'if-none-match': String(plain.headers.etag) });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    bytes += zipped.body.length;
  }
  expect(bytes).toBeLessThan(60_000);
});

test('the page allows scripts and styles of this server only, and no markup from strings', async () => {
  const { server, port } = await startPlainAdmin();
  await using _ = server;
  const { headers, body } = await bodyOf(port, '/', {});
  const policy = String(headers['content-security-policy']);
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "require-trusted-types-for 'script'",
  ]) {
    expect(policy.split('; ')).toContain(part);
  }
  expect(policy).not.toContain('unsafe');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(body.toString()).not.toMatch(/<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|https?:\/\//);
});

test('with a token the page is served without it and its data is not; other sites may link to the page but not include it', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'cacheismo-token-')), 'token');
  writeFileSync(file, 'a-token-of-some-length\n');
  const { server, port } = await startPlainAdmin('--admin-token-file', file);
  await using _ = server;
  for (const path of PATHS) expect((await askHttp(port, path)).status).toBe(200);
  for (const path of ['/api/stats', '/api/events', '/api/hot-keys', '/metrics', '/dashboard.js/../api/stats']) {
    expect((await askHttp(port, path)).status).toBe(401);
  }
  const site = { 'sec-fetch-site': 'cross-site' };
  expect((await askHttp(port, '/', { headers: { ...site, 'sec-fetch-mode': 'navigate' } })).status).toBe(200);
  expect((await askHttp(port, '/dashboard.js', { headers: { ...site, 'sec-fetch-mode': 'no-cors' } })).status).toBe(
    403,
  );
  const api = { ...site, 'sec-fetch-mode': 'navigate', authorization: 'Bearer a-token-of-some-length' };
  expect((await askHttp(port, '/api/stats', { headers: api })).status).toBe(403);
});

test('without a token a name that may have been rebound to this address gets no page', async () => {
  const { server, port } = await startPlainAdmin();
  await using _ = server;
  expect((await askHttp(port, '/', { headers: { host: 'evil.example' } })).status).toBe(403);
});
