// Assertions on invariants: a failed one is a bug of ours and stops the process. Not for bad input, which is
// answered with an error line, and not for operating errors, which are handled where they occur.

export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new InvariantError(`invariant broken: ${invariant}`);
}
