// What stops the start: one line for the user and the exit code. Not for errors after the start.

/** Exit codes of sysexits.h, as memcached uses them. */
export const EXIT = { ok: 0, usage: 64, noUser: 67, software: 70, osError: 71, cannotCreate: 73 } as const;

export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    message: string,
    readonly exitCode: number = EXIT.usage,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The first line of whatever was thrown. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] as string;
}
