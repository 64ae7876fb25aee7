// Connections that have more to do than one turn allows, each of which gets its next turn after all others that are
// ready have been served. Not for connections that wait for their client.

import type { Connection } from './connection.js';

export class TurnQueue {
  #ready: Connection[] = [];
  #isScheduled = false;

  add(connection: Connection): void {
    this.#ready.push(connection);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#takeTurns());
  }

  #takeTurns(): void {
    const ready = this.#ready;
    this.#ready = [];
    this.#isScheduled = false;
    for (const connection of ready) connection.takeTurn();
  }
}
