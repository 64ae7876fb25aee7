// Why the start failed: one line for the user and the exit code.

/** Exit codes of sysexits.h, as memcached uses them. */
export const EXIT = {
  ok: 0,
  usage: 64,
  dataError: 65,
  noUser: 67,
  software: 70,
  osError: 71,
  cannotCreate: 73,
  ioError: 74,
  /** As of a program that SIGPIPE or SIGINT has ended. */
  outputClosed: 128 + 13,
  interrupted: 128 + 2,
} as const;

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
