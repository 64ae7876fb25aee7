// The admin interface: an HTTP server in the main thread, which serves no cache client unless there are no data threads. What it offers:
// README.md. Slow, silent and many clients cost little: connections are few, and each has a time limit for its request and its reply.

import type { AddressInfo, Socket } from 'node:net';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { reasonOf } from '../../base/error-reason.js';
import type { Metrics } from '../../base/metrics.js';
import type { Config } from '../config/config.js';
import type { Log } from '../log.js';
import type { ServerState } from '../server-state.js';
import { EXIT, StartError } from '../start-error.js';
import type { Ask } from '../threads/questions.js';
import { limitAccepts, WAITING_CONNECTIONS } from './accept-limit.js';
import { AdminAccess, ambiguity, readToken } from './access.js';
import { AdminAsker } from './admin-asker.js';
import { ADMIN_METRICS } from './admin-metrics.js';
import { addEvents, type EventSources } from './api-events.js';
import { addObjects } from './api-objects.js';
import { addStats } from './api-stats.js';
import { addTypes } from './api-types.js';
import { addUsage } from './api-usage.js';
import { addHealth } from './health.js';
import { addMetrics } from './metrics-page.js';
import { addPage } from './page-files.js';
import { RecentTimes } from './recent-times.js';
import { explainMistake } from './request-errors.js';

/** A browser opens six, a scraper one. They come out of the descriptors that are reserved (transport/descriptors.ts). */
const MOST_CONNECTIONS = 16;

const HEADERS_MS = 5000;
const REQUEST_MS = 10_000;
const IDLE_MS = 10_000;
/** From the first byte of a request to the last byte of its reply. */
const REPLY_MS = 20_000;
const CHECK_MS = 1000;

/** A data block of 1 MiB in base64, and more. */
const BODY_BYTES = 2 * 1024 * 1024;
const HEADER_BYTES = 8 * 1024;

/** Errors of Node's parser that have a status of their own. */
const UNREADABLE: Readonly<Record<string, readonly [status: string, reason: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request did not arrive in time'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', `the head has more than ${HEADER_BYTES} bytes`],
};

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

const NOT_JSON = 'the body must be JSON, with the header content-type: application/json';
const NO_JSON_CODES: ReadonlySet<string | undefined> = new Set([
  'FST_ERR_CTP_EMPTY_JSON_BODY',
  'FST_ERR_CTP_INVALID_JSON_BODY',
]);

interface AdminParts {
  readonly settings: Pick<
    Config,
    | 'adminHost'
    | 'adminPort'
    | 'adminTokenFile'
    | 'dumpingAllowed'
    | 'version'
    | 'virtualPrefixes'
    | 'virtualPrefixRequired'
  >;
  readonly state: () => ServerState;
  readonly ask: Ask;
  readonly events: EventSources;
  readonly metrics: Pick<Metrics, 'add'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** Opens the port. Throws StartError. */
export async function openAdmin(parts: AdminParts): Promise<void> {
  const { adminHost, adminPort, adminTokenFile, version } = parts.settings;
  const token = adminTokenFile === undefined ? undefined : readToken(adminTokenFile);
  const app = makeApp(parts.log, parts.metrics);
  countConnections(app, parts.metrics);
  guard(app, new AdminAccess(adminHost, token), parts.metrics);
  const asker = new AdminAsker(parts.ask, parts.state);
  addPage(app);
  addHealth(app, parts.state);
  addMetrics(app, asker, version);
  const recent = new RecentTimes();
  addStats(app, asker, version, recent);
  addTypes(app, asker);
  addObjects(app, asker, parts.settings);
  addUsage(app, asker, parts.settings.dumpingAllowed);
  addEvents(app, asker, parts.events, version, parts.metrics, recent);
  try {
    // For a name with several addresses the framework would open more servers, without these limits.
    const host = adminHost === 'localhost' ? '127.0.0.1' : adminHost;
    await app.listen({ host, port: adminPort ?? 0, backlog: WAITING_CONNECTIONS });
    await limitAccepts(app.server, () => parts.metrics.add(ADMIN_METRICS.admin_accept_pauses, 1));
    parts.log.info(`admin interface at ${urlOf(app)}`);
  } catch (error) {
    const isInUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    const reason = isInUse ? `the address is in use on ${adminHost}; choose another port` : reasonOf(error);
    throw new StartError(`--admin-port ${adminPort}: ${reason}`, EXIT.osError, { cause: error });
  }
}

/** With the address that is listened on, where the framework shows one of those through which this machine reaches it. */
function urlOf({ server }: FastifyInstance): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function makeApp(log: AdminParts['log'], metrics: AdminParts['metrics']): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_BYTES,
    connectionTimeout: IDLE_MS,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: IDLE_MS,
    // Requests that the framework refuses before it has a route for them.
    clientErrorHandler: (error, socket) => {
      if (refuseUnreadable(error, socket)) metrics.add(ADMIN_METRICS.admin_refused, 1);
    },
    // Hooks do not see these.
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      metrics.add(ADMIN_METRICS.admin_requests, 1);
      metrics.add(ADMIN_METRICS.admin_refused, 1);
      return reply
        .code(400)
        .headers(HEADERS)
        .send({ error: 'the path is no valid URL: a % must be followed by two hexadecimal digits of UTF-8' });
    },
    schemaErrorFormatter: explainMistake,
    // A mistake is refused; by default the framework would drop what it does not know.
    ajv: { customOptions: { removeAdditional: false } },
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: CHECK_MS, maxHeaderSize: HEADER_BYTES },
  });
  // A form of another site can send text, but no JSON.
  app.removeContentTypeParser('text/plain');
  app.setNotFoundHandler((request, reply) => {
    return reply.code(404).send({ error: `there is no ${request.method} ${pathOf(request.url)}` });
  });
  app.setErrorHandler<{ readonly statusCode?: number; readonly code?: string; readonly message: string }>(
    (error, _request, reply) => {
      const { statusCode = 500 } = error;
      const message = statusCode === 415 || NO_JSON_CODES.has(error.code) ? NOT_JSON : error.message;
      if (statusCode === 500) log.warn(`a request to the admin port failed: ${message}`);
      return reply
        .code(statusCode)
        .send({ error: statusCode === 500 ? 'the request failed; the log says why' : message });
    },
  );
  return app;
}

function countConnections(app: FastifyInstance, metrics: Pick<Metrics, 'add'>): void {
  const { server } = app;
  server.maxConnections = MOST_CONNECTIONS;
  server.on('drop', () => metrics.add(ADMIN_METRICS.admin_connections_refused, 1));
  server.on('timeout', (socket) => {
    // Otherwise it waits for a request, and nothing is lost.
    if (socket.writableLength > 0) metrics.add(ADMIN_METRICS.admin_cuts, 1);
    socket.destroy();
  });
  server.on('connection', (socket) => {
    metrics.add(ADMIN_METRICS.admin_connections, 1);
    socket.once('close', () => metrics.add(ADMIN_METRICS.admin_connections, -1));
  });
}

function guard(app: FastifyInstance, access: AdminAccess, metrics: Pick<Metrics, 'add'>): void {
  const busy = new WeakSet<Socket>();
  app.addHook('onRequest', async (request, reply) => {
    metrics.add(ADMIN_METRICS.admin_requests, 1);
    const { headers, raw, url } = request;
    const { socket } = raw;
    // Node would begin all requests that a client sends ahead, and keep their replies for it.
    if (busy.has(socket)) {
      metrics.add(ADMIN_METRICS.admin_refused, 1);
      socket.destroy();
      return reply.code(503).send({ error: 'one request at a time on a connection' });
    }
    busy.add(socket);
    reply.raw.once('close', () => busy.delete(socket));
    const refusal = ambiguity(url, raw.rawHeaders) ?? access.refusal(pathOf(url), headers);
    if (refusal !== undefined) {
      metrics.add(ADMIN_METRICS.admin_refused, 1);
      if (refusal.status === 401) reply.header('www-authenticate', 'Bearer');
      return reply.code(refusal.status).send({ error: refusal.reason });
    }
    if (request.routeOptions.config?.lasts === true) return undefined;
    const timer = setTimeout(() => {
      metrics.add(ADMIN_METRICS.admin_cuts, 1);
      socket.destroy();
    }, REPLY_MS);
    reply.raw.once('close', () => clearTimeout(timer));
    return undefined;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    reply.header('x-content-type-options', 'nosniff');
  });
}

/** Closes the connection, since it is not known where the next request begins. False if the client has closed it already. */
function refuseUnreadable({ code }: Error & { readonly code?: string }, socket: Socket): boolean {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return false;
  }
  const [status, reason] = UNREADABLE[code ?? ''] ?? ['400 Bad Request', 'this is no valid HTTP request'];
  const body = JSON.stringify({ error: reason });
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  socket.end(`${head}\r\n\r\n${body}`);
  return true;
}

function pathOf(url: string): string {
  return url.split('?', 1)[0];
}
