// How many of the threads that serve connections are awake, in shared memory. Where they are more than there are processors, one with
// nothing to do lets the others run before it goes to sleep: what comes meanwhile it serves together, without a sleep and a waking
// for each few requests. With processors enough it sleeps at once, so that the processor is not given to anybody else.

import { availableParallelism } from 'node:os';

export class AwakeThreads {
  constructor(
    /** One counter. */
    readonly cells = new Int32Array(new SharedArrayBuffer(4)),
    private readonly processors = availableParallelism(),
  ) {}

  /** More than can run at a time. */
  get areMany(): boolean {
    return Atomics.load(this.cells, 0) > this.processors;
  }

  enter(): void {
    Atomics.add(this.cells, 0, 1);
  }

  leave(): void {
    Atomics.sub(this.cells, 0, 1);
  }
}
