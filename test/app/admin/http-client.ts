// Sends requests to the admin port with any headers, `Host` included.

import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type ServerProcess, startProcess } from '../server-process.js';

export interface HttpReply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface HttpRequest {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
}

export async function askHttp(
  port: number,
  path: string,
  { method, headers, body }: HttpRequest = {},
): Promise<HttpReply> {
  const response = await openHttp(port, path, { method, headers, body });
  let text = '';
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(response, 'end');
  return { status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text };
}

/** The reply's head; its body can be read as it arrives. */
export async function openHttp(port: number, path: string, { method = 'GET', headers = {}, body }: HttpRequest = {}) {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const asked = request({ host: '127.0.0.1', port, path, method, agent: false, headers: { ...json, ...headers } });
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

export interface AdminProcess {
  readonly server: ServerProcess;
  readonly port: number;
  /** The JSON of a reply with status 200. */
  json(path: string, asked?: HttpRequest): Promise<never>;
}

/** A server with an admin port, which its log names. */
export async function startAdmin(flags: readonly string[] = []): Promise<AdminProcess> {
  const server = await startProcess(['--admin-port', '0', ...flags]);
  const { msg } = await server.logged(/^admin interface at /);
  const port = Number(/:(\d+)$/.exec(msg)?.[1]);
  const json = async (path: string, asked?: HttpRequest) => {
    const { status, text } = await askHttp(port, path, asked);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as never;
  };
  return { server, port, json };
}

/** The same without object types, which starts in half of the CPU time. */
export function startPlainAdmin(...flags: readonly string[]): Promise<AdminProcess> {
  return startAdmin(['--no-objects', ...flags]);
}
