// All connections of a transport, found again in constant time, and a place in the round of the timeouts. Node's own
// count is not used, for it does not know connections whose handles were taken. Not for deciding what is closed.

import { assert } from '../base/assert.js';
import type { Connection } from './connection.js';

export class ConnectionTable {
  readonly #connections: Connection[] = [];
  #roundAt = 0;

  get size(): number {
    return this.#connections.length;
  }

  add(connection: Connection): void {
    connection.tableIndex = this.#connections.length;
    this.#connections.push(connection);
  }

  /** The last one takes the place of the removed one. */
  remove(connection: Connection): void {
    assert(this.#connections[connection.tableIndex] === connection, 'a connection stands in the table once');
    const last = this.#connections.pop() as Connection;
    if (last !== connection) {
      this.#connections[connection.tableIndex] = last;
      last.tableIndex = connection.tableIndex;
    }
    connection.tableIndex = -1;
  }

  /** Visits up to `count` connections, beginning where the last round stopped; a visit may close its connection. */
  visitSome(count: number, visit: (connection: Connection) => void): void {
    for (let left = Math.min(count, this.size); left > 0; left--) {
      if (this.#roundAt <= 0) this.#roundAt = this.size;
      // Downwards, so that a removal brings only connections already visited to a place that was.
      this.#roundAt = Math.min(this.#roundAt, this.size) - 1;
      const connection = this.#connections[this.#roundAt];
      if (connection === undefined) return;
      visit(connection);
    }
  }

  /** Visits all, though visits may close connections. */
  visitAll(visit: (connection: Connection) => void): void {
    for (const connection of [...this.#connections]) visit(connection);
  }
}
