// Plays a recorded conversation to a server and collects its replies next to the recorded ones.

import type { Served, WireClient } from '../wires.js';
import type { Difference } from './differences.js';
import { bytesOf, type Conversation, type Step } from './load.js';
import { chosenCas, Volatile } from './volatile.js';

/** Requests and replies, line by line, so that a failure shows them side by side. */
export interface Played {
  readonly got: readonly string[];
  readonly wanted: readonly string[];
}

const MORE = '(nothing more)';

/** Sends the bytes of a request; cuts them, for example. */
export type Sender = (client: WireClient, send: Buffer) => Promise<void> | void;

export async function play(
  { protocol, steps }: Conversation,
  served: Served,
  differences: readonly Difference[],
  sender: Sender = (client, send) => client.send(send),
): Promise<Played> {
  const chosen = chosenCas(steps.map(({ send }) => send));
  const [theirs, ours] = [new Volatile(protocol, chosen), new Volatile(protocol, chosen)];
  const got: string[] = [];
  const wanted: string[] = [];
  let client = await served.connect();
  const finish = async (): Promise<void> => {
    wanted.push(MORE);
    const rest = await client.finish();
    got.push(rest.length === 0 ? MORE : ours.replace(rest, true));
  };
  try {
    for (const step of steps) {
      if (step.waitSeconds > 0) await moveClock(served, step.waitSeconds);
      const nth = 1 + got.filter((line) => line === `> ${step.written}`).length;
      const difference = differences.find((row) => row.send === step.written && (row.nth ?? nth) === nth);
      const recorded = theirs.replace(step.reply, true);
      const expected = difference === undefined ? recorded : ours.replace(bytesOf(protocol, difference.ours), false);
      const reply = await exchange(client, step, sender, (received) => ours.replace(received, false) === expected);
      wanted.push(`> ${step.written}`, expected);
      got.push(`> ${step.written}`, ours.replace(reply, true));
      if (difference !== undefined && expected === recorded) {
        wanted.push(`no longer differs: ${step.written}`);
      }
      if (step.isClosed) {
        const staysOpen = difference?.staysOpen === true;
        wanted.push(staysOpen ? 'open' : 'closed');
        // There is no wait for a connection that should stay open: the next request would notice if it was closed.
        got.push((staysOpen ? client.isEnded : await client.untilEnded()) ? 'closed' : 'open');
      }
      if (client.isEnded) client = await served.connect();
    }
    await finish();
  } finally {
    client[Symbol.dispose]();
  }
  return { got, wanted };
}

/** There is no wait if no reply is expected: an unexpected one would appear before the next reply. */
async function exchange(
  client: WireClient,
  step: Step,
  sender: Sender,
  isEnough: (received: Buffer) => boolean,
): Promise<Buffer> {
  await sender(client, step.send);
  return await client.take(isEnough);
}

async function moveClock(served: Served, seconds: number): Promise<void> {
  using client = await served.connect();
  client.send(Buffer.from(`debugtime ${Math.ceil(seconds)}\r\n`));
  await client.take((received) => received.toString() === 'OK\r\n');
}
