// Parses words and numbers of a command line.

export function listOf(text: string): string[] {
  return text.split(',').filter((word) => word !== '');
}

export function positiveNumbers(name: string, text: string): number[] {
  return listOf(text).map((word) => positiveNumber(name, word, 1));
}

/** Throws with one line about a word that is not a number. */
export function positiveNumber(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name}: ${text} is not a positive number`);
  return value;
}

/** The client that drives the load. */
export function clientNamed(text: string | undefined): 'epoll' | 'net' {
  const client = text ?? (process.platform === 'linux' ? 'epoll' : 'net');
  if (client !== 'epoll' && client !== 'net') throw new Error('--client: epoll or net');
  return client;
}
