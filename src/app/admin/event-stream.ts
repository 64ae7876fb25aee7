// Sends events to the clients of /api/events, as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html. A client that
// reads slowly loses events, which are counted; it never makes the server keep more than a bounded number of bytes for it.

import type { ServerResponse } from 'node:http';
import type { Metrics } from '../../base/metrics.js';
import { ADMIN_METRICS } from './admin-metrics.js';

/** Bytes that may wait for a client. */
const MOST_WAITING_BYTES = 128 * 1024;

/** Of the connections to the admin port, so that some are left for other requests. */
const MOST_CLIENTS = 8;

interface EventClient {
  readonly response: ServerResponse;
  /** Events lost since the last one that was sent. */
  lost: number;
}

export class EventStream {
  readonly #clients = new Set<EventClient>();
  /** Called with true for the first client, and with false when the last one has left. */
  onNeeded: (isNeeded: boolean) => void = () => undefined;

  constructor(private readonly metrics: Pick<Metrics, 'add'>) {}

  get isFull(): boolean {
    return this.#clients.size >= MOST_CLIENTS;
  }

  /** Writes the head of the response and keeps it open. */
  add(response: ServerResponse): void {
    const client: EventClient = { response, lost: 0 };
    this.#clients.add(client);
    response.once('close', () => {
      this.#clients.delete(client);
      if (this.#clients.size === 0) this.onNeeded(false);
    });
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    // The head would wait for the first event.
    response.write(': connected\n\n');
    if (this.#clients.size === 1) this.onNeeded(true);
  }

  send(event: string, data: unknown): void {
    if (this.#clients.size === 0) return;
    const text = eventText(event, data);
    for (const client of this.#clients) this.#sendTo(client, text);
  }

  #sendTo(client: EventClient, text: string): void {
    const { response } = client;
    if (response.writableLength + text.length > MOST_WAITING_BYTES) {
      client.lost++;
      this.metrics.add(ADMIN_METRICS.admin_events_dropped, 1);
      return;
    }
    if (client.lost > 0) {
      response.write(eventText('lost', { events: client.lost }));
      client.lost = 0;
    }
    response.write(text);
  }
}

/** JSON has no line ends. */
function eventText(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
