// A set of hashes of 32 bits, at 8 to 16 bytes each: a dump has one for each item of the store.

const EMPTY = 0;
const FIRST_SLOTS = 1024;

export class HashSet {
  /** Open addressing; at most half of the slots are used. */
  #slots: Int32Array;
  #count = 0;
  /** The hash that a slot cannot hold. */
  #hasEmpty = false;

  /** With room for `count`. */
  constructor(count: number) {
    let slots = FIRST_SLOTS;
    while (slots < 2 * count) slots *= 2;
    this.#slots = new Int32Array(slots);
  }

  has(hash: number): boolean {
    return hash === EMPTY ? this.#hasEmpty : this.#slots[this.#slotOf(hash)] === hash;
  }

  /** Whether it is new. */
  add(hash: number): boolean {
    if (hash === EMPTY) {
      const isNew = !this.#hasEmpty;
      this.#hasEmpty = true;
      return isNew;
    }
    const slot = this.#slotOf(hash);
    if (this.#slots[slot] === hash) return false;
    this.#slots[slot] = hash;
    this.#count++;
    if (2 * this.#count > this.#slots.length) this.#grow();
    return true;
  }

  /** Of the hash, or the free slot where it belongs. */
  #slotOf(hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== EMPTY && this.#slots[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length);
    for (const hash of old) if (hash !== EMPTY) this.#slots[this.#slotOf(hash)] = hash;
  }
}
