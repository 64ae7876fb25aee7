// Decides who may use the admin interface. A page in a browser of this machine must not: its requests have an origin of their own, or, if its
// name was rebound to this address, a host that is a name. Whoever has the token is no such page.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { reasonOf } from '../../base/error-reason.js';
import { readWholeFile } from '../../base/whole-file.js';
import { StartError } from '../start-error.js';
import { PAGE_PATHS } from './page-files.js';

interface Refusal {
  readonly status: 400 | 401 | 403;
  readonly reason: string;
}

/** Health checks say nothing that a token would have to protect. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

const SHORTEST_TOKEN = 16;
const HOST = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/;
const BEARER = /^Bearer ([!-~]+)$/i;

export class AdminAccess {
  readonly #ownHost: string;
  readonly #tokenHash: Buffer | undefined;

  constructor(ownHost: string, token: string | undefined) {
    this.#ownHost = ownHost.toLowerCase();
    this.#tokenHash = token === undefined ? undefined : hashOf(token);
  }

  /** The reason why a request for a path is refused; undefined if it is allowed. */
  refusal(path: string, headers: IncomingHttpHeaders): Refusal | undefined {
    const { origin } = headers;
    const host = (headers.host ?? '').toLowerCase();
    const site = headers['sec-fetch-site'];
    // A link of another site may open the dashboard, which has no data yet.
    const isOpened = PAGE_PATHS.has(path) && headers['sec-fetch-mode'] === 'navigate';
    const isForeign = !isOpened && (site === 'cross-site' || site === 'same-site');
    const isSameOrigin = origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
    if (isForeign || !isSameOrigin) return { status: 403, reason: 'pages of another origin have no access' };
    if (this.#tokenHash !== undefined && !OPEN_PATHS.has(path)) {
      if (PAGE_PATHS.has(path)) return undefined;
      return this.#hasToken(headers)
        ? undefined
        : { status: 401, reason: 'a bearer token is needed (--admin-token-file)' };
    }
    if (this.#isOwn(host)) return undefined;
    return { status: 403, reason: 'the Host must be an address, localhost or the name given by --admin-listen' };
  }

  #hasToken({ authorization = '' }: IncomingHttpHeaders): boolean {
    const token = BEARER.exec(authorization)?.[1];
    // Hashes have the same length, so that the comparison tells nothing about the token.
    return token !== undefined && timingSafeEqual(hashOf(token), this.#tokenHash as Buffer);
  }

  /** Addresses cannot be rebound, only names. */
  #isOwn(host: string): boolean {
    const name = HOST.exec(host)?.[1] ?? '';
    return name === 'localhost' || name === this.#ownHost || isIP(name.replace(/^\[|\]$/g, '')) !== 0;
  }
}

/** The token in a file, whose first line it is. */
export function readToken(path: string): string {
  let text: string;
  try {
    text = readWholeFile(path).toString('utf8');
  } catch (error) {
    throw new StartError(`--admin-token-file ${path}: ${reasonOf(error)}`, undefined, { cause: error });
  }
  const token = text.split('\n', 1)[0].trim();
  if (token.length >= SHORTEST_TOKEN && /^[!-~]+$/.test(token)) return token;
  throw new StartError(
    `--admin-token-file ${path}: the first line must be a token of at least ${SHORTEST_TOKEN} visible characters`,
  );
}

/** A request that another program may read differently: with two hosts, or with a host in its target as well. */
export function ambiguity(target: string, rawHeaders: readonly string[]): Refusal | undefined {
  // Names are at even places, each followed by its value.
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1) return { status: 400, reason: 'there is more than one Host' };
  return target.startsWith('/') ? undefined : { status: 400, reason: 'the target of the request must be a path' };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
