// A cache whose types run the steps that a test gives them, for tests of calls that open, make and call other objects.

import { checkStore } from '../store/checker.js';
import { CallHarness, type HarnessOptions } from './call-harness.js';
import { composerIn, type Language, type Step, type Value } from './composer.js';

/** A cache with the types `a`, in the first language, and `b`. */
export class ComposerCache {
  readonly harness: CallHarness;

  constructor(language: Language, other: Language = language, options: HarnessOptions = {}) {
    this.harness = new CallHarness([composerIn(language, 'a'), composerIn(other, 'b')], options);
  }

  /** The results of the steps, or the line of an error. */
  run(call: string, ...steps: readonly Step[]): Value {
    const data = `[${steps.map((step) => JSON.stringify(step)).join(',')}]`;
    const reply = this.harness.get(`${call}:${data}`);
    return /^(CLIENT|SERVER)_ERROR|^END$/.test(reply) ? reply : (JSON.parse(reply) as Value);
  }

  content(type: string, key: string): Value {
    const reply = this.harness.get(`${type}:read:${key}:[["returnSelf"]]`);
    return reply === 'END' ? reply : (JSON.parse(reply) as Value);
  }

  check(): void {
    checkStore(this.harness.store);
  }
}
