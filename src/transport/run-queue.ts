// Connections that have more to do than one turn allows, each of which gets its next turn after all others that are
// ready have been served. Not for connections that wait for their client.

/** A connection that waits for its turn. */
interface Waiting {
  takeTurn(): void;
}

/** @perThread */
export class RunQueue {
  #ready: Waiting[] = [];
  #next: Waiting[] = [];
  readonly #takeTurns = () => this.takeTurns();

  /** `schedule` is told once whenever connections begin to wait; it has to see to it that `takeTurns` is called soon. */
  constructor(private readonly schedule: (takeTurns: () => void) => void = () => undefined) {}

  get isEmpty(): boolean {
    return this.#ready.length === 0;
  }

  add(connection: Waiting): void {
    this.#ready.push(connection);
    if (this.#ready.length === 1) this.schedule(this.#takeTurns);
  }

  takeTurns(): void {
    const ready = this.#ready;
    this.#ready = this.#next;
    this.#next = ready;
    for (const connection of ready) connection.takeTurn();
    ready.length = 0;
  }
}
