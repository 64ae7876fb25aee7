// A client of the binary protocol that reads the keys of a text client and changes some: values, flags and tokens are the same in all
// protocols.

import {
  type FrameParts,
  frame,
  Opcode,
  type OpcodeName,
  type ReplyFrame,
  readFrames,
  storageExtras,
} from '../../protocols/binary/frames.js';
import type { BinaryClient, BinaryHarness } from '../../protocols/binary/harness.js';
import type { WireModel } from './model.js';
import type { Draw } from './request-parts.js';

const NOT_FOUND = 1;
const EXISTS = 2;
const WRONG_TOKEN = 10n ** 15n;

export class BinaryPeer {
  readonly #client: BinaryClient;

  constructor(harness: BinaryHarness) {
    this.#client = harness.connectBinary();
  }

  /** Sends a request for one of the keys that the model knows. */
  act(model: WireModel, draw: Draw): void {
    const { keys } = model;
    if (keys.length === 0) return;
    const key = keys[draw(keys.length)];
    if (draw(3) > 0) this.read(model, key);
    else this.#exchange(model, key, `by the binary protocol ${draw(1000)}`);
  }

  /** Checks that the item has the value, the flags and the token that the model expects. */
  read(model: WireModel, key: string): void {
    const entry = model.read(key);
    const reply = this.#ask('get', { key });
    const isMissing = reply.status === NOT_FOUND;
    const isRight =
      isMissing || (reply.value === entry?.value && reply.extras.readUInt32BE(0) === entry.flags && reply.status === 0);
    if (!isRight || !model.noteRead(key, isMissing ? undefined : String(reply.cas))) {
      throw new Error(
        `the binary client has read ${JSON.stringify(key)}: ${described(reply)}, not ${described(entry)}`,
      );
    }
  }

  /** A set with the token of the item, once it is known, replaces it; one with another token does not. */
  #exchange(model: WireModel, key: string, value: string): void {
    this.read(model, key);
    const entry = model.read(key);
    if (entry?.token === undefined) return;
    const extras = storageExtras(entry.flags, 0);
    const refused = this.#ask('set', { key, value, extras, cas: WRONG_TOKEN });
    const stored = this.#ask('set', { key, value, extras, cas: BigInt(entry.token) });
    const isRight = refused.status === EXISTS && stored.status === 0;
    if (!isRight || !model.noteChange(key, value, String(stored.cas))) {
      throw new Error(
        `a binary set of ${JSON.stringify(key)} was answered ${described(refused)}, ${described(stored)}`,
      );
    }
  }

  #ask(name: OpcodeName, parts: FrameParts): ReplyFrame {
    const { replies } = readFrames(this.#client.send(frame(Opcode[name], parts)));
    if (replies.length !== 1) throw new Error(`${replies.length} replies to a binary ${name}`);
    return replies[0];
  }
}

function described(what: unknown): string {
  return (
    JSON.stringify(what, (_name, part) => (typeof part === 'bigint' ? String(part) : part))?.slice(0, 300) ?? 'nothing'
  );
}
