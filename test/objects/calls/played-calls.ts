// Tests that play lists of calls and answers, the same with a type in each language.

import { expect, test } from 'vitest';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { CallHarness } from '../call-harness.js';

export type PlayedCall = readonly [call: string, answer: string];

/** One test for each list, by its name. */
export function playCalls(type: LoadedType, cases: Readonly<Record<string, readonly PlayedCall[]>>): void {
  test.each(Object.entries(cases))('%s', (_name, steps) => {
    const harness = new CallHarness([type]);
    for (const [call, answer] of steps) expect([call, withoutPlace(harness.get(call))]).toEqual([call, answer]);
  });
}

interface Refusals {
  /** Calls that make the object. */
  readonly made: readonly string[];
  /** The messages, by the argument of the method `wrong` that causes each. */
  readonly messages: Readonly<Record<string, string>>;
  /** A call that shows the object as it was made. */
  readonly unchanged: PlayedCall;
}

/** One test for each message. */
export function playRefusals(type: LoadedType, { made, messages, unchanged }: Refusals): void {
  const { name } = type;
  test.each(Object.entries(messages))('refuses what is wrong in one line: %s', (what, message) => {
    const harness = new CallHarness([type]);
    for (const call of made) harness.get(call);
    expect(withoutPlace(harness.get(`${name}:wrong:k:${what}`))).toBe(`CLIENT_ERROR ${name}:wrong: ${message}`);
    expect(harness.get(unchanged[0])).toBe(unchanged[1]);
  });
}

/** A script's messages name the line. */
function withoutPlace(answer: string): string {
  return answer.replace(/\w+\.lua:\d+: /, '');
}
