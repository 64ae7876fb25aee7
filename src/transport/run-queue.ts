// Connections with more requests than one turn allows. Each gets its next turn after all other ready connections have been served.

/** A connection that waits for its turn. */
interface Waiting {
  takeTurn(): void;
}

/** @perThread */
export class RunQueue {
  #ready: Waiting[] = [];
  #next: Waiting[] = [];
  #isTaking = false;
  readonly #takeTurns = () => this.takeTurns();

  /** `schedule` is called when the queue stops being empty, with whether that is during turns; it must arrange that `takeTurns` is called
      soon, but not before the requests that have come meanwhile are served. */
  constructor(private readonly schedule: (takeTurns: () => void, isTaking: boolean) => void = () => undefined) {}

  get isEmpty(): boolean {
    return this.#ready.length === 0;
  }

  add(connection: Waiting): void {
    this.#ready.push(connection);
    if (this.#ready.length === 1) this.schedule(this.#takeTurns, this.#isTaking);
  }

  takeTurns(): void {
    const ready = this.#ready;
    this.#ready = this.#next;
    this.#next = ready;
    this.#isTaking = true;
    for (const connection of ready) connection.takeTurn();
    this.#isTaking = false;
    ready.length = 0;
  }
}
