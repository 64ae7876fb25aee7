// What the server reports while the page is open, in all views: statistics each second, reloads, lines of the log. Reconnects by itself.

import { get, request } from './api.js';
import { History } from './history.js';
import type { LogLine, Reload, Stats } from './reply-shapes.js';
import { SseParser } from './sse.js';

interface Events {
  readonly stats: Stats;
  readonly log: LogLine;
  readonly reload: Reload;
  readonly state: FeedState;
}

type FeedState = 'waiting' | 'live' | 'lost';

type Listener<Name extends keyof Events> = (event: Events[Name]) => void;

/** Between two attempts to connect. */
const RETRY_MS = 2000;

export class Feed {
  readonly history = new History();
  readonly #listeners: { [Name in keyof Events]: Set<Listener<Name>> } = {
    stats: new Set(),
    log: new Set(),
    reload: new Set(),
    state: new Set(),
  };

  /** Returns a function that ends it. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Name>): () => void {
    this.#listeners[name].add(listener);
    return () => this.#listeners[name].delete(listener);
  }

  /** Never returns. */
  async run(): Promise<void> {
    for (;;) {
      try {
        await this.#read();
      } catch {
        // The state says so, and the next attempt follows.
      }
      this.#emit('state', 'lost');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async #read(): Promise<void> {
    const { body } = await request('api/events');
    if (body === null) return;
    this.#emit('state', 'live');
    // The first event comes after a second.
    const stats = await get<Stats>('api/stats').catch(() => undefined);
    if (stats !== undefined) this.#onStats(stats);
    const parser = new SseParser((name, data) => this.#onEvent(name, data));
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) parser.add(part.value);
  }

  #onEvent(name: string, data: string): void {
    if (name !== 'stats' && name !== 'log' && name !== 'reload') return;
    const event = JSON.parse(data) as never;
    if (name === 'stats') this.#onStats(event);
    else this.#emit(name, event);
  }

  #onStats(stats: Stats): void {
    this.history.add(stats);
    this.#emit('stats', stats);
  }

  #emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#listeners[name]) listener(event);
  }
}
