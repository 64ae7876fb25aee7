// Assertions on invariants: a failed one is a bug in the server and stops the process. Bad input gets an error line instead, and
// operating errors are handled where they occur.

export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new InvariantError(`invariant broken: ${invariant}`);
}
