// Counts what a dump or a load has done, and says so from time to time.

const EVERY_MS = 10_000;

export class Progress {
  items = 0;
  objects = 0;
  bytes = 0;
  #saidAtMs = performance.now();

  /** `say` prints a line for people. */
  constructor(private readonly say: (line: string) => void) {}

  note(isObject: boolean, bytes: number): void {
    if (isObject) this.objects++;
    else this.items++;
    this.bytes += bytes;
    const nowMs = performance.now();
    if (nowMs - this.#saidAtMs < EVERY_MS) return;
    this.#saidAtMs = nowMs;
    this.say(`${wordsOf(this, this.bytes)} so far`);
  }
}

/** `3 items and 1 object, 120 bytes`. */
export function wordsOf({ items, objects }: { items: number; objects: number }, bytes: number): string {
  return `${counted(items, 'item')} and ${counted(objects, 'object')}, ${counted(bytes, 'byte')}`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
