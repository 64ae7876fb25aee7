// Serves the dashboard: static files, read once, since an upgrade may replace them while the server runs. They are the same for everyone and hold no
// data, so that they need no token; the page sends it with its requests to the API. Source of the page: src/dashboard.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { PACKAGE_ROOT } from '../../base/package-root.js';

const require = createRequire(import.meta.url);
const own = (name: string) => join(PACKAGE_ROOT, 'dist', 'dashboard', name);

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

/** By the path of the request: the type and the place of the file. */
const FILES: Readonly<Record<string, readonly [type: string, place: () => string]>> = {
  '/': ['text/html; charset=utf-8', () => own('index.html')],
  '/dashboard.js': [SCRIPT, () => own('dashboard.js')],
  '/dashboard.css': [STYLE, () => own('dashboard.css')],
  '/icon.svg': ['image/svg+xml', () => own('icon.svg')],
  '/uplot.js': [SCRIPT, () => require.resolve('uplot/dist/uPlot.iife.min.js')],
  '/uplot.css': [STYLE, () => require.resolve('uplot/dist/uPlot.min.css')],
};

/** The paths of the dashboard. */
export const PAGE_PATHS: ReadonlySet<string> = new Set(Object.keys(FILES));

/** Only files of this server, and no code or markup from a string: names and values on the page come from anyone. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  // The browser keeps a file, and asks each time whether it has changed.
  'cache-control': 'no-cache',
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  vary: 'accept-encoding',
} as const;

/** The first that the browser accepts is used. */
const ENCODERS: readonly (readonly [name: string, encode: (text: Buffer) => Promise<Buffer>])[] = [
  ['br', (text) => promisify(brotliCompress)(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })],
  ['gzip', (text) => promisify(gzip)(text, { level: 9 })],
];

export function addPage(app: FastifyInstance): void {
  for (const [path, [type, place]] of Object.entries(FILES)) {
    const text = readFileSync(place());
    const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
    const encoded = new Map<string, Promise<Buffer>>();
    app.get(path, async ({ headers }, reply) => {
      reply.headers({ ...HEADERS, etag }).type(type);
      if (headers['if-none-match'] === etag) return reply.code(304).send();
      const [name, encode] = ENCODERS.find(([coding]) => accepts(headers['accept-encoding'], coding)) ?? [];
      if (name === undefined || encode === undefined) return reply.send(text);
      const body = encoded.get(name) ?? encode(text);
      encoded.set(name, body);
      return reply.header('content-encoding', name).send(await body);
    });
  }
}

function accepts(header: string | string[] | undefined, coding: string): boolean {
  return String(header ?? '')
    .split(',')
    .some((part) => part.trim().split(';')[0] === coding && !/;\s*q=0(\.0*)?\s*$/.test(part));
}
