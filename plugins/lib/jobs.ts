// A job of a queue as one text: a take reads it and writes it as a whole. A line of numbers and the note, then the body. The type: ../queue.ts.

export interface Job {
  /** Of the last hand-out; 0 before the first. */
  token: number;
  /** Hand-outs so far. */
  attempt: number;
  /** When it was put, and when its ttl is over, 0 for never. */
  readonly at: number;
  readonly end: number;
  /** The worker, or why it was buried: without line ends. */
  note: string;
  readonly body: string;
}

const BLANK = 0x20;
const ZERO = 0x30;

export function jobText({ token, attempt, at, end, note, body }: Job): string {
  return `${token} ${attempt} ${at} ${end} ${note}\n${body}`;
}

export function jobOf(text: string): Job {
  const numbers = [0, 0, 0, 0];
  let place = 0;
  for (let index = 0; index < numbers.length; index++) {
    let number = 0;
    for (; text.charCodeAt(place) !== BLANK; place++) number = number * 10 + text.charCodeAt(place) - ZERO;
    numbers[index] = number;
    place++;
  }
  const [token = 0, attempt = 0, at = 0, end = 0] = numbers;
  const line = text.indexOf('\n', place);
  return { token, attempt, at, end, note: text.slice(place, line), body: text.slice(line + 1) };
}
