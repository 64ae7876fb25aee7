// Reasons of failures, for messages.

/** The first line of a thrown value; for an error of the OS only its words, since the message around it names the file. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split('\n', 1)[0];
  return /^E[A-Z0-9]+: ([^,]+), [a-z]+/.exec(line)?.[1] ?? line;
}
