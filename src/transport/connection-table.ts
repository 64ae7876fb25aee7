// All connections of a transport, with removal in constant time and a cursor for the rounds of the timeouts. Node's own count does not
// include connections whose handles were taken over.

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

  /** Moves the last connection to the place of the removed one. */
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
      // Downwards: a removal then moves a connection that has been visited to a place that has been visited.
      this.#roundAt = Math.min(this.#roundAt, this.size) - 1;
      const connection = this.#connections[this.#roundAt];
      if (connection === undefined) return;
      visit(connection);
    }
  }

  /** Visits all connections; a visit may close any of them. */
  visitAll(visit: (connection: Connection) => void): void {
    for (const connection of [...this.#connections]) visit(connection);
  }
}
