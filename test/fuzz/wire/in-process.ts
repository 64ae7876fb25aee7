// The wire target over an engine in this process: fast, with a clock of its own, and every case can be repeated from its seed. Clients
// send pieces of any size in turns; the model tells what each must be answered. Not for sockets.

import { type FakeClient, Harness } from '../../commands/harness.js';
import { checkStore } from '../../store/checker.js';
import { WireModel } from './model.js';
import { Grammar, type Random, randomFrom, type WireRequest } from './requests.js';

const MIB = 1024 * 1024;
const VERSION = '1.2.3';
const ITEM_LIMIT = 300_000;

export interface WireCase {
  readonly clients: readonly (readonly WireRequest[])[];
  readonly pieceSeed: number;
  readonly limitBytes: number;
  readonly outputBytes: number;
  readonly mayEvict: boolean;
}

export class WireMismatch extends Error {
  override readonly name = 'WireMismatch';
}

/** A case of some hundred requests. Tokens that clients use are those of a run of their own, as replies are not known yet. */
export function makeCase(seed: number): WireCase {
  const random = randomFrom(seed);
  const clientCount = random(3) === 0 ? 1 : 1 + random(4);
  const mayEvict = random(3) === 0;
  const clients = Array.from({ length: clientCount }, (_, client) => {
    const tokens = new Map<string, string>();
    const options = {
      prefix: String.fromCharCode(0x61 + client),
      keys: 16 + random(100),
      longestValue: random(4) === 0 ? 270_000 : 5000,
      itemLimit: ITEM_LIMIT,
      isAlone: clientCount === 1,
      version: VERSION,
      mayEvict,
    };
    // The engine counts tokens from 1: small numbers hit now and then.
    const grammar = new Grammar(random, options, (key) => tokens.get(key) ?? String(1 + random(12)));
    return Array.from({ length: 20 + random(150) }, () => grammar.next());
  });
  const limitBytes = mayEvict ? (1 + random(3)) * MIB : 64 * MIB;
  return {
    clients,
    pieceSeed: seed + 1,
    limitBytes,
    outputBytes: [4096, 20_000, 262_144][random(3)] as number,
    mayEvict,
  };
}

/** How many requests were answered right; throws a WireMismatch at the first that was not. */
export function runCase({ clients, pieceSeed, limitBytes, outputBytes, mayEvict }: WireCase): number {
  const harness = new Harness({
    limitBytes,
    outputBytes,
    itemLimitBytes: ITEM_LIMIT,
    debugCommands: true,
    version: VERSION,
  });
  const random = randomFrom(pieceSeed);
  const running = clients.map((requests) => new RunningClient(harness, requests, mayEvict));
  const open = [...running];
  while (open.length > 0) {
    const index = random(open.length);
    if ((open[index] as RunningClient).sendSome(random)) open.splice(index, 1);
  }
  for (const client of running) client.check();
  checkStore(harness.store);
  return clients.reduce((sum, requests) => sum + requests.length, 0);
}

class RunningClient {
  readonly #client: FakeClient;
  readonly #text: string;
  #sent = 0;
  #reply = '';

  constructor(
    harness: Harness,
    private readonly requests: readonly WireRequest[],
    private readonly mayEvict: boolean,
  ) {
    this.#client = harness.connect();
    this.#text = requests.map(({ text }) => text).join('');
  }

  /** Sends a piece; true when all is sent. */
  sendSome(random: Random): boolean {
    const length = [1, 1 + random(4), 1 + random(60), 1 + random(3000), 65_536][random(5)] as number;
    this.#reply += this.#client.send(this.#text.slice(this.#sent, this.#sent + length));
    this.#sent += length;
    return this.#sent >= this.#text.length;
  }

  check(): void {
    this.#client.close();
    checkReplies(this.requests, this.#reply, new WireModel({ itemLimit: ITEM_LIMIT, mayEvict: this.mayEvict }));
  }
}

/** Throws a WireMismatch that names the first request with a wrong reply. */
export function checkReplies(requests: readonly WireRequest[], reply: string, model: WireModel): void {
  let at = 0;
  for (const [index, request] of requests.entries()) {
    const end = model.check(request, reply, at);
    if (end === undefined) {
      const shown = (text: string) =>
        JSON.stringify(text.length > 300 ? `${text.slice(0, 200)} ... ${text.slice(-90)}` : text);
      throw new WireMismatch(
        `request ${index} ${shown(request.text)} was answered ${shown(reply.slice(at, at + 2000))}`,
      );
    }
    at = end;
  }
  if (at !== reply.length)
    throw new WireMismatch(`after all requests there is more: ${JSON.stringify(reply.slice(at, at + 200))}`);
}

/** Leaves requests out as long as the case still fails. */
export function shrink(failing: WireCase): WireCase {
  let best = failing;
  const fails = (candidate: WireCase) => {
    try {
      runCase(candidate);
      return false;
    } catch {
      return true;
    }
  };
  for (let size = 64; size >= 1; size = Math.floor(size / 2)) {
    for (let client = 0; client < best.clients.length; client++) {
      for (let at = 0; at < (best.clients[client] as WireRequest[]).length; ) {
        const clients = best.clients.map((requests, index) =>
          index === client ? [...requests.slice(0, at), ...requests.slice(at + size)] : requests,
        );
        const candidate = { ...best, clients };
        if (fails(candidate)) best = candidate;
        else at += size;
      }
    }
  }
  return best;
}
