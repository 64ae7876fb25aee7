// Puts values into replies: small items by copy, large ones by reference to their place in the arena, and texts such as the results of
// calls. The part that does not fit is sent in later runs from a pinned item or a saved text. Shared by all protocols.

import { type ReplyText, SHORT_TEXT_CHARACTERS } from '../base/reply-text.js';
import { writeValue } from '../operations/call-outcomes.js';
import type { Operations } from '../operations/operations.js';
import type { ItemRef } from '../operations/outcomes.js';
import type { ReplyOutput } from './reply-output.js';
import type { ReplyParts } from './reply-parts.js';
import type { Session } from './session.js';

const NO_ITEM = 0 as ItemRef;

/** From this size on, sending a value from its place in the arena is cheaper than copying it. */
const REFERRED_VALUE_BYTES = 4096;

/** About this many bytes of values are referred to in one reply. A choice: two output windows, so that a slow client pins little memory. */
const MOST_REFERRED_BYTES = 512 * 1024;

/** Always left free after a value, for the end of the reply. */
const VALUE_TAIL_BYTES = 16;

/** @perThread */
export class ValueOutput {
  private readonly store: Operations['store'];
  private readonly bytes: Uint8Array;
  /** Undefined in a server without objects. */
  private readonly replyText: ReplyText | undefined;

  constructor(
    private readonly output: ReplyOutput,
    operations: Operations,
  ) {
    this.store = operations.store;
    this.bytes = operations.bytes;
    this.replyText = operations.virtualKeys?.replyText;
  }

  /** Writes an item's value. False if it did not fit: the session continues with it by `continueItem`. */
  item(session: Session, item: ItemRef, length: number): boolean {
    const { output, store } = this;
    let taken = 0;
    if (length >= REFERRED_VALUE_BYTES && output.parts !== undefined) {
      taken = this.#refer(output.parts, item, 0, length);
    } else if (length <= output.room - VALUE_TAIL_BYTES) {
      store.copyValue(item, 0, length, output.at);
      output.at += length;
      return true;
    }
    return taken === length || this.#begin(session, item, length, taken);
  }

  /** Continues an item of which a part has been sent; true at its end. */
  continueItem(session: Session): boolean {
    this.#sendRestOfItem(session);
    if (session.sentBytes < this.store.valueLength(session.sending)) return false;
    this.release(session);
    return true;
  }

  /** Writes a text. False if it did not fit: the session continues with it by `continueText`. */
  text(session: Session, text: string | Uint8Array): boolean {
    const { bytes, output, replyText } = this;
    const { length } = text;
    if (replyText !== undefined && typeof text === 'string' && length <= SHORT_TEXT_CHARACTERS) {
      replyText.take(text);
      output.words(replyText.at, length);
      return true;
    }
    if (length > output.room - VALUE_TAIL_BYTES) {
      session.text = text;
      session.sentBytes = 0;
      this.#sendRestOfText(session, text);
      return false;
    }
    writeValue(text, 0, length, bytes, output.at);
    output.at += length;
    return true;
  }

  /** Continues a text of which a part has been sent; true at its end. */
  continueText(session: Session): boolean {
    const { text } = session;
    if (text === undefined) return true;
    this.#sendRestOfText(session, text);
    if (session.sentBytes < text.length) return false;
    session.text = undefined;
    return true;
  }

  /** Removes the reply's bytes from a position on, and the references to values added since. */
  cutBack(at: number): void {
    const { output, store } = this;
    const { parts } = output;
    output.at = at;
    for (;;) {
      const item = parts?.dropBehind(at) ?? 0;
      if (item === 0) return;
      store.unpin(item as ItemRef);
    }
  }

  /** Drops the value that is being sent. */
  release(session: Session): void {
    session.text = undefined;
    if (session.sending === NO_ITEM) return;
    this.store.unpin(session.sending);
    session.sending = NO_ITEM;
    session.heldBytes = 0;
  }

  #begin(session: Session, item: ItemRef, length: number, taken: number): false {
    this.store.pin(item);
    session.sending = item;
    session.heldBytes = length;
    session.sentBytes = taken;
    if (taken === 0) this.#sendRestOfItem(session);
    return false;
  }

  /** Adds value bytes to the reply's parts, as many as fit; the item stays pinned until the reply is sent. */
  #refer(parts: ReplyParts, item: ItemRef, offset: number, length: number): number {
    const { output, store } = this;
    store.pin(item);
    parts.begin(item, output.at);
    const taken = store.values.gather(item, offset, Math.min(length, MOST_REFERRED_BYTES), parts);
    // The rest goes into another reply, so that no client pins much at a time.
    if (parts.isFull || parts.valueBytes >= MOST_REFERRED_BYTES) output.closeSoon();
    return taken;
  }

  /** Adds as much of the item being sent as the reply can hold. */
  #sendRestOfItem(session: Session): void {
    const { output, store } = this;
    const { sending, sentBytes } = session;
    const rest = store.valueLength(sending) - sentBytes;
    if (output.parts !== undefined) {
      session.sentBytes += this.#refer(output.parts, sending, sentBytes, rest);
      return;
    }
    const length = Math.min(output.room - VALUE_TAIL_BYTES, rest);
    store.copyValue(sending, sentBytes, length, output.at);
    output.at += length;
    session.sentBytes += length;
  }

  #sendRestOfText(session: Session, text: string | Uint8Array): void {
    const { bytes, output } = this;
    const length = Math.min(output.room - VALUE_TAIL_BYTES, text.length - session.sentBytes);
    writeValue(text, session.sentBytes, length, bytes, output.at);
    output.at += length;
    session.sentBytes += length;
  }
}
