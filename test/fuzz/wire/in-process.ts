// Fuzz target `wire`: several clients of an engine in this process, with a simulated clock, take turns to send pieces of any size, of text
// and meta commands. Between their requests a binary client reads the same keys, and changes some.

import { objectKeys } from '../../operations/object-harness.js';
import { BinaryHarness } from '../../protocols/binary/harness.js';
import type { FakeClient } from '../../protocols/text/harness.js';
import { checkStore } from '../../store/checker.js';
import { randomOf } from '../runner.js';
import type { FuzzTarget, Json, Sequence } from '../target.js';
import { BinaryPeer } from './binary-peer.js';
import { WireModel } from './model.js';
import { checkReplies } from './replies.js';
import type { Draw } from './request-parts.js';
import { Grammar, type WireRequest } from './requests.js';
import { BAG } from './virtual-model.js';

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
        // Few keys let requests meet in states that several of them make.
        keys: draw(3) === 0 ? 2 + draw(6) : 16 + draw(100),
        longestValue: draw(4) === 0 ? 270_000 : 5000,
        itemLimit: ITEM_LIMIT,
        isAlone: clients === 1,
        version: VERSION,
        mayEvict,
        isClockExact: true,
        hasObjects: !mayEvict,
      };
      // The engine counts tokens from 1, so small numbers sometimes match.
      return new Grammar(draw, options, () => String(1 + draw(12)));
    });
    const steps = Array.from({ length: 50 + draw(500) }, (): Step => {
      const client = draw(clients);
      return [client, grammars[client].next()];
    });
    const limitBytes = mayEvict ? (1 + draw(3)) * MIB : 64 * MIB;
    const outputBytes = [2100, 4096, 20_000, 262_144][draw(4)];
    const setup: Setup = { clients, pieceSeed: draw(2 ** 31), limitBytes, outputBytes, mayEvict };
    return { setup: setup as unknown as Json, steps: steps as unknown as readonly Json[] };
  },
  run({ setup, steps }: Sequence) {
    const { clients, pieceSeed, limitBytes, outputBytes, mayEvict } = setup as unknown as Setup;
    const harness = new BinaryHarness({
      virtualKeys: objectKeys([BAG]),
      limitBytes,
      outputBytes,
      itemLimitBytes: ITEM_LIMIT,
      debugCommands: true,
      version: VERSION,
    });
    harness.guardOutput();
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
    harness.checkOutput();
    checkStore(harness.store);
    return steps.length;
  },
};

export function prefixOf(client: number): string {
  return String.fromCharCode(0x61 + client);
}

class RunningClient {
  readonly #client: FakeClient;
  readonly #peer: BinaryPeer;
  readonly #model: WireModel;
  readonly #text: string;
  #sent = 0;
  #reply = '';
  /** Requests whose replies have been checked, and where the next one begins. */
  #checked = 0;
  #checkedEnd = 0;

  constructor(
    harness: BinaryHarness,
    private readonly requests: readonly WireRequest[],
    mayEvict: boolean,
  ) {
    this.#client = harness.connect();
    this.#peer = new BinaryPeer(harness);
    this.#model = new WireModel({ itemLimit: ITEM_LIMIT, mayEvict });
    this.#text = requests.map(({ text }) => text).join('');
  }

  get isDone(): boolean {
    return this.#sent >= this.#text.length;
  }

  sendSome(draw: Draw): void {
    const length = [1, 1 + draw(4), 1 + draw(60), 1 + draw(3000), READ_BYTES][draw(5)];
    // Sometimes only up to the end of a request, so that a client of another protocol can check its effect.
    const end = draw(3) === 0 ? this.#endOfRequest(this.#sent + length) : this.#sent + length;
    this.#reply += this.#client.send(this.#text.slice(this.#sent, end));
    this.#sent = end;
    if (this.#endOfRequest(end) !== end) return;
    this.#check(end);
    if (draw(3) === 0) this.#peer.act(this.#model, draw);
  }

  /** The end of the request at this position, or the position itself if it ends one. */
  #endOfRequest(position: number): number {
    let at = this.#checkedEnd;
    for (let index = this.#checked; index < this.requests.length; index++) {
      if (at >= position) return at;
      at += this.requests[index].text.length;
    }
    return Math.max(at, position);
  }

  #check(end: number): void {
    let { length } = this.requests;
    for (let at = this.#checkedEnd, index = this.#checked; index < length; index++) {
      if (at >= end) length = index;
      at += this.requests[index].text.length;
    }
    checkReplies(this.requests.slice(this.#checked, length), this.#reply, this.#model);
    this.#reply = '';
    this.#checked = length;
    this.#checkedEnd = end;
  }

  check(): void {
    this.#check(this.#text.length);
    for (const key of this.#model.keys) this.#peer.read(this.#model, key);
    this.#client.close();
  }
}
