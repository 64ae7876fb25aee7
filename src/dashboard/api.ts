// Requests to the API of this server, with the token if it asks for one. What the API has: ../app/admin/README.md.

import { askForToken } from './token.js';

const TOKEN = 'cacheismo-token';

/** A reply that is no success, with its reason. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

type Query = Readonly<Record<string, string | number | undefined>>;

export async function get<Reply>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Reply> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  const response = await request(text === '' ? path : `${path}?${text}`, signal === undefined ? {} : { signal });
  return (await response.json()) as Reply;
}

export async function post<Reply>(path: string, body: unknown): Promise<Reply> {
  const headers = { 'content-type': 'application/json' };
  const response = await request(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await response.json()) as Reply;
}

/** Asks for the token, and again, as long as the server refuses the one that is known. Throws ApiError for other failures. */
export async function request(path: string, options: RequestInit = {}): Promise<Response> {
  for (;;) {
    const token = sessionStorage.getItem(TOKEN);
    const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    const headers = { ...(options.headers as Record<string, string> | undefined), ...authorization };
    const response = await fetch(path, { ...options, headers, cache: 'no-store' });
    if (response.ok) return response;
    if (response.status !== 401) throw new ApiError(response.status, await reasonOf(response));
    // Another request may have got a token meanwhile.
    if (sessionStorage.getItem(TOKEN) !== token) continue;
    sessionStorage.setItem(TOKEN, await askForToken(token !== null));
  }
}

async function reasonOf(response: Response): Promise<string> {
  try {
    return ((await response.json()) as { readonly error: string }).error;
  } catch {
    return `the server replied with status ${response.status}`;
  }
}
