// Makes the calls that virtual keys name and writes their replies in the text protocol's form. Not for resolving keys or for
// running methods, which src/objects does.

import { type CallOutcome, OutcomeKind, writeValue } from '../../objects/calls/call-result.js';
import type { ObjectCalls } from '../../objects/calls/object-calls.js';
import { CallPace, Turn } from '../../objects/calls/turn.js';
import { COMMAND_METRICS } from '../../operations/operation-metrics.js';
import type { VirtualKeys } from '../../operations/virtual-keys.js';
import type { ItemRef, ReservedRef } from '../../store/store.js';
import { ErrorIds } from '../error-lines.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { startText, VALUE_TAIL_BYTES } from '../value-output.js';
import { Line } from './reply-encoder.js';
import { cutList } from './retrieval.js';
import { asciiBytes } from './text-bytes.js';
import type { CommandContext } from './text-context.js';
import { Command } from './text-request.js';
import { Mode } from './text-session.js';

const CLIENT_ERROR = asciiBytes('CLIENT_ERROR ');
const SERVER_ERROR = asciiBytes('SERVER_ERROR ');

/** What methods may know of the command that called them. */
const COMMAND_NAMES = Object.keys(Command);

const CACHE_MISS = asciiBytes('ERROR_CACHE_MISS');
/** What a script in the original's style may write instead of values: `STORED` and the like. */
const ONE_LINE = /^[^\r\n]{1,200}\r\n$/;

/** The start of the scratch window is where a storage command's key waits, and behind it the answer given last; calls get the rest. */
export const KEY_ROOM_BYTES = 1024;
const LAST_ANSWER_OFFSET = 512;
/** Methods answer the same few words again and again: short ones are kept as bytes. */
const KEPT_ANSWER_CHARACTERS = 64;

/** @perThread */
export class ObjectKeys implements VirtualKeys {
  private readonly calls: ObjectCalls;
  private readonly turn = new Turn();
  /** Of objects' contents, which are no calls. */
  private readonly contents = new CallPace(true);
  /** The text whose bytes wait in the scratch window. */
  #lastAnswer = '';

  constructor(calls: ObjectCalls) {
    this.calls = calls;
  }

  beginTurn(): void {
    this.turn.begin();
  }

  isCall(keyAt: number, keyLength: number): boolean {
    return this.calls.isCall(keyAt, keyLength);
  }

  retrieve(context: CommandContext): Step {
    this.turn.noteStart(this.calls.method.pace);
    const { session } = context;
    const isListed = session.mode === Mode.keys;
    const command = isListed ? session.listCommand : Command.get;
    const name = COMMAND_NAMES[command] as string;
    const answered = this.#answer(context, this.calls.retrieve(name, isListed ? session.listExptime : 0));
    return answered === CONTINUE ? this.#step() : answered;
  }

  retrieveObject(context: CommandContext): Step {
    const { clock, metrics, request, session } = context;
    const { listCommand } = session;
    const touches = session.mode === Mode.keys && (listCommand === Command.gat || listCommand === Command.gats);
    metrics.add(touches ? COMMAND_METRICS.cmd_touch : COMMAND_METRICS.cmd_get, 1);
    metrics.add(touches ? COMMAND_METRICS.touch_hits : COMMAND_METRICS.get_hits, 1);
    const expiresAt = touches ? clock.fromClient(session.listExptime) : undefined;
    const answered = this.#answer(context, this.calls.content(request.keyAt, request.keyLength, expiresAt));
    if (answered !== CONTINUE) return answered;
    const { stepsUsed } = this.calls.invocation.budget;
    return this.turn.isOver(this.contents, stepsUsed) ? Outcome.YIELD : CONTINUE;
  }

  touchObject({ clock, request }: CommandContext): boolean {
    return this.calls.touch(request.keyAt, request.keyLength, clock.fromClient(request.exptime));
  }

  store(context: CommandContext, valueAt: number): Step {
    return this.#store(context, valueAt, undefined);
  }

  storeReserved(context: CommandContext, reserved: ReservedRef): Step {
    const { bytes, request, scratch, store } = context;
    const data = new Uint8Array(request.valueLength);
    const at = scratch.at + KEY_ROOM_BYTES;
    const room = scratch.size - KEY_ROOM_BYTES;
    for (let offset = 0; offset < data.length; offset += room) {
      const length = Math.min(room, data.length - offset);
      store.copyValue(reserved as number as ItemRef, offset, length, at);
      data.set(bytes.subarray(at, at + length), offset);
    }
    // The call is to have the memory.
    store.release(reserved);
    return this.#store(context, 0, data);
  }

  #store(context: CommandContext, at: number, source: Uint8Array | undefined): Step {
    const { request } = context;
    if (request.command === Command.cas) {
      context.refuse(ErrorIds.notForObjects);
      return CONTINUE;
    }
    this.turn.noteStart(this.calls.method.pace);
    const { clientFlags, exptime, noreply, valueLength } = request;
    const name = COMMAND_NAMES[request.command] as string;
    const outcome = this.calls.store(name, clientFlags, exptime, noreply, at, valueLength, source);
    if (!noreply) answerStored(context, outcome);
    return this.#step();
  }

  #answer(context: CommandContext, outcome: CallOutcome): Step {
    const { kind, value } = outcome;
    const { session } = context;
    const isListed = session.mode === Mode.keys;
    let isWhole = true;
    if (kind === OutcomeKind.result || kind === OutcomeKind.missing) isWhole = this.#answerValue(context, value);
    else if (kind === OutcomeKind.original) isWhole = answerOriginal(context, value);
    else if (kind !== OutcomeKind.nothing && kind !== OutcomeKind.absent) {
      if (isListed) cutList(context);
      writeError(context, outcome);
      return CONTINUE;
    }
    if (!isWhole) return Outcome.OUTPUT_FULL;
    if (!isListed) context.answerEnd();
    return CONTINUE;
  }

  /** False if the value did not fit and the session goes on with it. */
  #answerValue(context: CommandContext, value: string | Uint8Array): boolean {
    const { bytes, reply, request, session } = context;
    const { length } = value;
    reply.valueHead(request.keyAt, request.keyLength, 0, length);
    // An object has no token: cas is not for it.
    if (session.mode === Mode.keys && (session.listCommand === Command.gets || session.listCommand === Command.gats)) {
      reply.casToken(0, 0);
    }
    reply.lineEnd();
    if (typeof value === 'string' && length <= KEPT_ANSWER_CHARACTERS) {
      reply.words(this.#bytesOf(context, value), length);
    } else if (length > reply.room - VALUE_TAIL_BYTES) {
      return startText(context, value, true);
    } else {
      writeValue(value, 0, length, bytes, reply.at);
      reply.at += length;
    }
    reply.lineEnd();
    return true;
  }

  /** Position of the bytes of a short text. */
  #bytesOf({ bytes, scratch }: CommandContext, text: string): number {
    const at = scratch.at + LAST_ANSWER_OFFSET;
    if (text === this.#lastAnswer) return at;
    this.#lastAnswer = text;
    writeValue(text, 0, text.length, bytes, at);
    return at;
  }

  /** Others have their turn when the calls of this one have taken long enough. */
  #step(): Step {
    const { invocation, method } = this.calls;
    return this.turn.isOver(method.pace, invocation.budget.stepsUsed) ? Outcome.YIELD : CONTINUE;
  }
}

/** The lines that a script in the original's style wrote itself. */
function answerOriginal(context: CommandContext, lines: string | Uint8Array): boolean {
  const { bytes, reply } = context;
  if (lines.length > reply.room - VALUE_TAIL_BYTES) return startText(context, lines, false);
  writeValue(lines, 0, lines.length, bytes, reply.at);
  reply.at += lines.length;
  return true;
}

function answerStored(context: CommandContext, outcome: CallOutcome): void {
  const { reply } = context;
  const { kind } = outcome;
  if (kind === OutcomeKind.result) reply.line(Line.stored);
  else if (kind === OutcomeKind.nothing) reply.line(Line.notStored);
  else if (kind === OutcomeKind.missing || kind === OutcomeKind.absent) reply.line(Line.notFound);
  else if (kind === OutcomeKind.original) answerStoredOriginal(context, outcome);
  else writeError(context, outcome);
}

/** Such a script writes values whatever the command was; a line of its own is taken for one that suits the command. */
function answerStoredOriginal({ bytes, reply }: CommandContext, { value, firstValue }: CallOutcome): void {
  if (firstValue === undefined && typeof value === 'string' && ONE_LINE.test(value)) {
    writeValue(value, 0, value.length, bytes, reply.at);
    reply.at += value.length;
  } else if (firstValue === undefined) reply.line(Line.notStored);
  else if (isCacheMiss(firstValue)) reply.line(Line.notFound);
  else reply.line(Line.stored);
}

function isCacheMiss(value: string | Uint8Array): boolean {
  if (value.length !== CACHE_MISS.length) return false;
  return CACHE_MISS.every(
    (byte, index) => byte === (typeof value === 'string' ? value.charCodeAt(index) : value[index]),
  );
}

/** One line of at most some 300 bytes: whoever made the message has seen to that. */
function writeError({ bytes, reply }: CommandContext, { kind, value }: CallOutcome): void {
  reply.line(kind === OutcomeKind.clientError ? CLIENT_ERROR : SERVER_ERROR);
  writeValue(value, 0, value.length, bytes, reply.at);
  reply.at += value.length;
  reply.lineEnd();
}
