// Fuzz target `wire`: several clients of an engine in this process, with a clock of its own, send pieces of any size in turns.

import { type FakeClient, Harness } from '../../protocols/text/harness.js';
import { checkStore } from '../../store/checker.js';
import { randomOf } from '../runner.js';
import type { FuzzTarget, Json, Sequence } from '../target.js';
import { WireModel } from './model.js';
import { checkReplies } from './replies.js';
import { type Draw, Grammar, type WireRequest } from './requests.js';

const MIB = 1024 * 1024;
const VERSION = '1.2.3';
const ITEM_LIMIT = 300_000;
const READ_BYTES = 65_536;

interface Setup {
  readonly clients: number;
  readonly pieceSeed: number;
  readonly limitBytes: number;
  readonly outputBytes: number;
  readonly mayEvict: boolean;
}

/** Which client sends what. */
type Step = readonly [client: number, request: WireRequest];

export const wireTarget: FuzzTarget = {
  name: 'wire',
  generate(random) {
    const draw: Draw = (below) => random.below(below);
    const clients = draw(3) === 0 ? 1 : 1 + draw(4);
    const mayEvict = draw(3) === 0;
    const grammars = Array.from({ length: clients }, (_, client) => {
      const options = {
        prefix: prefixOf(client),
        keys: 16 + draw(100),
        longestValue: draw(4) === 0 ? 270_000 : 5000,
        itemLimit: ITEM_LIMIT,
        isAlone: clients === 1,
        version: VERSION,
        mayEvict,
      };
      // The engine counts tokens from 1: small numbers hit now and then.
      return new Grammar(draw, options, () => String(1 + draw(12)));
    });
    const steps = Array.from({ length: 50 + draw(500) }, (): Step => {
      const client = draw(clients);
      return [client, grammars[client].next()];
    });
    const limitBytes = mayEvict ? (1 + draw(3)) * MIB : 64 * MIB;
    const outputBytes = [4096, 20_000, 262_144][draw(3)];
    const setup: Setup = { clients, pieceSeed: draw(2 ** 31), limitBytes, outputBytes, mayEvict };
    return { setup: setup as unknown as Json, steps: steps as unknown as readonly Json[] };
  },
  run({ setup, steps }: Sequence) {
    const { clients, pieceSeed, limitBytes, outputBytes, mayEvict } = setup as unknown as Setup;
    const harness = new Harness({
      limitBytes,
      outputBytes,
      itemLimitBytes: ITEM_LIMIT,
      debugCommands: true,
      version: VERSION,
    });
    const random = randomOf(pieceSeed);
    const draw: Draw = (below) => random.below(below);
    const running = Array.from({ length: clients }, (_, client) => {
      const requests = (steps as unknown as readonly Step[])
        .filter(([sender]) => sender === client)
        .map(([, request]) => request);
      return new RunningClient(harness, requests, mayEvict);
    });
    for (let open = [...running]; open.length > 0; open = open.filter((client) => !client.isDone)) {
      open[draw(open.length)].sendSome(draw);
    }
    for (const client of running) client.check();
    checkStore(harness.store);
    return steps.length;
  },
};

export function prefixOf(client: number): string {
  return String.fromCharCode(0x61 + client);
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

  get isDone(): boolean {
    return this.#sent >= this.#text.length;
  }

  sendSome(draw: Draw): void {
    const length = [1, 1 + draw(4), 1 + draw(60), 1 + draw(3000), READ_BYTES][draw(5)];
    this.#reply += this.#client.send(this.#text.slice(this.#sent, this.#sent + length));
    this.#sent += length;
  }

  check(): void {
    this.#client.close();
    checkReplies(this.requests, this.#reply, new WireModel({ itemLimit: ITEM_LIMIT, mayEvict: this.mayEvict }));
  }
}
