// Makes one step of a change of tables fail: a call from the code of tables into the store or into another part of itself fails at
// its entry, as it does when the stack is full. Calls within the store are no steps: a change begins only where the stack holds all
// of them, and nothing else can fail there without ending the process.

import type { TableHarness } from './harness.js';

export class InjectedFault extends Error {}

type Method = (...args: unknown[]) => unknown;

export class FaultInjector {
  /** Steps since `arm`. */
  steps = 0;
  /** The failed step, as `Class.method`. */
  failed: string | undefined;
  #failAt = 0;
  #depthInStore = 0;

  constructor(harness: Pick<TableHarness, 'tables' | 'store'>) {
    const { parts } = harness.tables;
    const { store } = harness;
    for (const part of [store, ...partsOf(store, ['arena', 'metrics', 'clock'])]) this.#wrap(part, true);
    for (const part of partsOf(harness.tables, ['store', 'parts', 'render'])) this.#wrap(part, false);
    for (const part of partsOf(parts, ['store', 'budget'])) this.#wrap(part, false);
    for (const part of partsOf(parts.fields, ['store', 'allocator', 'layout', 'memory', 'arena']))
      this.#wrap(part, false);
  }

  /** The step with this number fails, counted from 1. */
  arm(step: number): void {
    this.steps = 0;
    this.failed = undefined;
    this.#failAt = step;
    this.#depthInStore = 0;
  }

  disarm(): void {
    this.#failAt = 0;
    this.#depthInStore = 0;
  }

  #wrap(part: object, isStore: boolean): void {
    const className = part.constructor.name;
    for (const name of methodsOf(part)) {
      const method = (part as Readonly<Record<string, Method>>)[name];
      const injected = this.#injected(part, `${className}.${name}`, method, isStore);
      Object.defineProperty(part, name, { value: injected, configurable: true, writable: true });
    }
  }

  #injected(part: object, name: string, method: Method, isStore: boolean): Method {
    return (...args) => {
      if (this.#failAt === 0 || this.#depthInStore > 0) return method.apply(part, args);
      this.steps++;
      if (this.steps === this.#failAt) {
        this.failed = name;
        this.disarm();
        throw new InjectedFault(`${name} fails`);
      }
      if (!isStore) return method.apply(part, args);
      this.#depthInStore++;
      try {
        return method.apply(part, args);
      } finally {
        this.#depthInStore = Math.max(0, this.#depthInStore - 1);
      }
    };
  }
}

/** Names of an object's methods: those of its class, and those that are bound to it (.bound-methods.mjs). */
function methodsOf(part: object): Set<string> {
  const names = new Set<string>();
  for (let at = part; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return names;
}

/** Instances of classes that the object refers to, except those in the named fields. */
function partsOf(owner: object, without: readonly string[]): object[] {
  return Object.entries(owner)
    .filter(([name, part]) => !without.includes(name) && isInstance(part))
    .map(([, part]) => part as object);
}

function isInstance(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Array.isArray(value)) return false;
  return Object.getPrototypeOf(value) !== Object.prototype;
}
