// The watchers among the clients of one thread. Their lines: watch-command.ts.

import type { EventReader } from '../../operations/event-log.js';
import type { Observer } from '../../operations/observer.js';

interface Session {
  events: EventReader | undefined;
  resume: (() => void) | undefined;
}

export class Watchers {
  readonly #waiting = new Set<Session>();
  /** Watchers that wait for their first turn. After it the transport reads from them again, and so notices when they disconnect. */
  readonly #new = new Set<Session>();

  /** Called for each one that is added, by its request. */
  onAdded: () => void = () => undefined;

  constructor(private readonly observer: Observer) {}

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  add(session: Session): void {
    this.#waiting.add(session);
    this.#new.add(session);
    this.onAdded();
  }

  remove(session: Session): void {
    if (session.events === undefined) return;
    this.#waiting.delete(session);
    this.#new.delete(session);
    this.observer.unwatch(session.events);
    session.events = undefined;
  }

  /** Gives a turn to each watcher for which there are events. */
  wake(): void {
    for (const session of this.#waiting) {
      if (this.#new.has(session) || this.observer.log.hasNews(session.events as EventReader)) session.resume?.();
    }
    this.#new.clear();
  }
}
