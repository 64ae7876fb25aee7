// Shortens a failing sequence by removing steps while it still fails (delta debugging, Zeller and Hildebrandt, 2002).

import type { FuzzTarget, Sequence } from './target.js';

/** The error of a run, or undefined if it succeeds. */
export async function failureOf(target: FuzzTarget, sequence: Sequence): Promise<Error | undefined> {
  try {
    await target.run(sequence);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The shortest failing sequence found within the time. */
export async function shrink(target: FuzzTarget, failing: Sequence, milliseconds: number): Promise<Sequence> {
  const deadline = performance.now() + milliseconds;
  const { setup } = failing;
  let steps = failing.steps.slice(0, await failingLength(target, failing));
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    let removed = true;
    while (removed) {
      removed = false;
      // First the end is cut: no step after the failure caused it.
      for (let start = Math.max(0, steps.length - size); steps.length > 0; start = Math.max(0, start - size)) {
        if (performance.now() > deadline) return { setup, steps };
        const rest = [...steps.slice(0, start), ...steps.slice(start + size)];
        if (rest.length < steps.length && (await failureOf(target, { setup, steps: rest })) !== undefined) {
          steps = rest;
          removed = true;
        }
        if (start === 0) break;
      }
      if (size > 1) break;
    }
  }
  return { setup, steps };
}

/** The number of first steps that fail, by bisection; exact if each longer beginning fails too. */
async function failingLength(target: FuzzTarget, { setup, steps }: Sequence): Promise<number> {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const failed = (await failureOf(target, { setup, steps: steps.slice(0, middle) })) !== undefined;
    if (failed) high = middle;
    else low = middle + 1;
  }
  return high;
}
