// Fuzz target `binary`: clients of the binary protocol in this process send pipelines in pieces of any size and compare each reply with a
// model; others send frames with randomly changed bytes, which must not damage the server.

import { frame, Opcode, type ReplyFrame, readFrames } from '../../protocols/binary/frames.js';
import { type BinaryClient, BinaryHarness } from '../../protocols/binary/harness.js';
import { checkStore } from '../../store/checker.js';
import { randomOf } from '../runner.js';
import type { FuzzTarget, Json, Sequence } from '../target.js';
import { BinaryModel } from './binary-model.js';
import { BinaryGrammar, type BinaryStep, bytesOf, tokenOf } from './binary-requests.js';
import type { Draw } from './request-parts.js';

const MIB = 1024 * 1024;
const ITEM_LIMIT = 300_000;
const READ_BYTES = 65_536;
/** A header, extras, the longest key, and a value that is waited for. */
const MOST_KEPT_BYTES = 24 + 255 + 250 + 2048;
const KEYS = ['a', 'b', 'number', ' ', '\0\xff', '__proto__', 'k'.repeat(250)];

interface Setup {
  readonly isHostile: boolean;
  readonly clients: number;
  readonly seed: number;
  readonly outputBytes: number;
}

/** Which client sends what; `seconds` move the clock before it. */
interface Step {
  readonly client: number;
  readonly seconds: number;
  readonly request: BinaryStep;
}

export const binaryTarget: FuzzTarget = {
  name: 'binary',
  generate(random) {
    const draw: Draw = (below) => random.below(below);
    const clients = 1 + draw(3);
    const grammars = Array.from({ length: clients }, (_, client) => new BinaryGrammar(draw, keysOf(client)));
    const steps = Array.from({ length: 20 + draw(400) }, (): Step => {
      const client = draw(clients);
      const seconds = draw(30) === 0 ? 1 + draw(300) : 0;
      return { client, seconds, request: grammars[client].next() };
    });
    const outputBytes = [2100, 4096, 20_000, 262_144][draw(4)];
    const setup: Setup = { isHostile: draw(3) === 0, clients, seed: draw(2 ** 31), outputBytes };
    return { setup: setup as unknown as Json, steps: steps as unknown as readonly Json[] };
  },
  run({ setup, steps }: Sequence) {
    const { clients, isHostile, outputBytes, seed } = setup as unknown as Setup;
    const limitBytes = isHostile ? 2 * MIB : 64 * MIB;
    const harness = new BinaryHarness({ limitBytes, itemLimitBytes: ITEM_LIMIT, outputBytes });
    harness.guardOutput();
    const random = randomOf(seed);
    const draw: Draw = (below) => random.below(below);
    if (isHostile) attack(harness, steps as unknown as readonly Step[], draw);
    else compare(harness, steps as unknown as readonly Step[], clients, draw);
    harness.checkOutput();
    checkStore(harness.store);
    return steps.length;
  },
};

function keysOf(client: number): readonly string[] {
  return KEYS.map((key) => (key.length === 250 ? `${client}${key.slice(1)}` : `${client}${key}`));
}

function compare(harness: BinaryHarness, steps: readonly Step[], clients: number, draw: Draw): void {
  const model = new BinaryModel(ITEM_LIMIT);
  const running = Array.from({ length: clients }, () => harness.connectBinary());
  for (let at = 0; at < steps.length; ) {
    const first = steps[at];
    harness.clock.advance(first.seconds);
    model.advance(first.seconds);
    const most = 1 + draw(20);
    let end = at + 1;
    while (end < steps.length && end - at < most && isSameTurn(first, steps[end])) end++;
    const sent = steps.slice(at, end).map(({ request }, index) => {
      const cas = tokenOf(request, model.knownToken(request.key));
      return { request, cas, opaque: at + index };
    });
    const bytes = Buffer.concat(sent.map(({ request, cas, opaque }) => bytesOf(request, cas, opaque)));
    const replies = received(running[first.client], bytes, draw);
    for (const { request, cas, opaque } of sent) model.check(request, cas, opaque, replies);
    if (replies.length > 0) throw new Error(`after all requests there are ${replies.length} replies more`);
    readAsText(harness, model, first.request.key);
    at = end;
  }
  for (const client of running) client.close();
}

function isSameTurn(first: Step, other: Step): boolean {
  return other.client === first.client && other.seconds === 0;
}

function received(client: BinaryClient, bytes: Buffer, draw: Draw): ReplyFrame[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = pieceLength(draw);
    parts.push(client.send(bytes.subarray(at, at + length)));
    at += length;
  }
  const all = Buffer.concat(parts);
  const { length, replies } = readFrames(all);
  if (length !== all.length) throw new Error('the last reply is cut off');
  return [...replies];
}

function pieceLength(draw: Draw): number {
  return [1, 1 + draw(4), 1 + draw(60), 1 + draw(3000), READ_BYTES][draw(5)];
}

/** Both protocols see the same items. */
function readAsText(harness: BinaryHarness, model: BinaryModel, key: string): void {
  if (/[ \0]/.test(key)) return;
  const entry = model.read(key);
  const wanted = entry === undefined ? '' : `VALUE ${key} ${entry.flags} ${entry.value.length}\r\n${entry.value}\r\n`;
  const got = harness.ask(`get ${key}\r\n`);
  if (got !== `${wanted}END\r\n`) throw new Error(`get ${key} was answered ${JSON.stringify(got.slice(0, 300))}`);
}

/** Sends requests with changed bytes: the replies are whole frames, little input is buffered, and the next client is served. */
function attack(harness: BinaryHarness, steps: readonly Step[], draw: Draw): void {
  for (let at = 0; at < steps.length; at += 8) {
    const client = harness.connectBinary();
    const bytes = Buffer.concat(
      steps.slice(at, at + 8).map(({ request }, index) => bytesOf(request, BigInt(draw(3)), index)),
    );
    for (let count = draw(8); count > 0; count--) bytes[draw(bytes.length)] = draw(3) === 0 ? 0xff : draw(256);
    received(client, bytes, draw);
    if (client.longestRestBytes > MOST_KEPT_BYTES) throw new Error(`${client.longestRestBytes} bytes were kept`);
    client.close();
    if (harness.all(frame(Opcode.noop)).length !== 1) throw new Error('the next client is not served');
  }
}
