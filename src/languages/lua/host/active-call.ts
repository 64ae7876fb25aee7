// The running call: its number, by which handles know that their call is over, and its context. Its budget: vm/meter.ts.

import type { InvocationContext } from '../../../objects/types/loaded-type.js';
import { scriptClock } from '../libraries/library-os.js';
import type { LuaState } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { meter } from '../vm/meter.js';

class ActiveCall {
  /** 0 while no call runs. */
  number = 0;
  #lastNumber = 0;
  /** Undefined between calls and while scripts load. */
  context: InvocationContext | undefined;
  /** Calls of natives on the stack of JavaScript when the script last used `call`: a call that this begins continues to count from there. */
  nativeCalls = 0;

  /** Handles to invalidate when the call is over. */
  #ending: { forget(): void }[] = [];

  begin(context: InvocationContext): void {
    this.number = ++this.#lastNumber;
    this.context = context;
  }

  /** `nativeCalls`: of the call in which this one was nested. */
  end(nativeCalls = 0): void {
    this.number = 0;
    this.context = undefined;
    this.nativeCalls = nativeCalls;
    if (this.#ending.length === 0) return;
    for (const part of this.#ending) part.forget();
    this.#ending = [];
  }

  /** Runs another call within this one, which then continues with its own handles. The meter counts on for this one. */
  within<T>(run: () => T): T {
    meter.refill();
    const { number, context, nativeCalls } = this;
    const ending = this.#ending;
    this.#ending = [];
    this.number = 0;
    this.context = undefined;
    try {
      return run();
    } finally {
      this.number = number;
      this.context = context;
      this.nativeCalls = nativeCalls;
      this.#ending = ending;
      meter.begin((context as InvocationContext).budget);
    }
  }

  atEnd(part: { forget(): void }): void {
    this.#ending.push(part);
  }

  /** The context; raises an error in a script that uses it outside a call. */
  contextOf(L: LuaState): InvocationContext {
    return this.context ?? raise(L, 'there is no call now');
  }
}

export const activeCall = new ActiveCall();

scriptClock.unixSeconds = () => activeCall.context?.now ?? Date.now() / 1000;
