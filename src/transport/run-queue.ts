// Connections with more requests than one turn allows. Each gets its next turn after all other ready connections have been served.

/** A connection that waits for its turn. */
interface Waiting {
  takeTurn(): void;
}

/** @perThread */
export class RunQueue {
  #ready: Waiting[] = [];
  #next: Waiting[] = [];
  readonly #takeTurns = () => this.takeTurns();

  /** `schedule` is called when the queue stops being empty; it must arrange that `takeTurns` is called soon. */
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
