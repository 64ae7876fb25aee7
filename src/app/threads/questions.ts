// What the main thread asks a thread that serves, and what it gets. The answers: thread-answers.ts.

import { InvariantError } from '../../base/assert.js';
import type { MetricFamily } from '../../base/metric-family.js';
import type { Failure } from '../../objects/calls/failure-ring.js';
import type { SlowCall } from '../../objects/calls/slow-call-ring.js';
import type { TypeFacts, TypePage } from '../../objects/types/type-facts.js';
import type { ItemPage } from '../../operations/item-facts.js';
import type { BigKeyRow } from '../../operations/statistics/big-key-rows.js';
import type { Curve } from '../../operations/statistics/curve-rows.js';
import type { HotKeyList } from '../../operations/statistics/hot-key-rows.js';
import type { Progress } from '../../store/evacuation.js';
import type { CallView, ItemView } from './object-answers.js';

export type Question =
  /** To do some of the work that a lowered memory limit makes. */
  | { readonly kind: 'giveUpMemory' }
  | { readonly kind: 'metrics' }
  | { readonly kind: 'types'; readonly after: string; readonly most: number }
  | { readonly kind: 'type'; readonly name: string }
  | { readonly kind: 'failures' }
  | { readonly kind: 'hotKeys' }
  | { readonly kind: 'bigKeys' }
  | { readonly kind: 'slowCalls' }
  | { readonly kind: 'curve' }
  | { readonly kind: 'items'; readonly prefix: string; readonly from: number; readonly most: number }
  | { readonly kind: 'item'; readonly key: Uint8Array; readonly from: number }
  | { readonly kind: 'call'; readonly key: Uint8Array; readonly data: Uint8Array | undefined };

/** By the kind of the question. */
export interface Answers {
  readonly giveUpMemory: Progress;
  readonly metrics: readonly MetricFamily[];
  /** Those about types are undefined without objects, or if there is no such type. */
  readonly types: TypePage | undefined;
  readonly type: TypeFacts | undefined;
  readonly failures: readonly Failure[];
  /** These are undefined if they are off. */
  readonly hotKeys: HotKeyList | undefined;
  readonly bigKeys: readonly BigKeyRow[] | undefined;
  readonly curve: Curve | undefined;
  readonly slowCalls: { readonly count: number; readonly calls: readonly SlowCall[] };
  readonly items: ItemPage;
  readonly item: ItemView | undefined;
  readonly call: CallView | undefined;
}

export type AnswerTo<Asked extends Question> = Answers[Asked['kind']];

export type Ask = <Asked extends Question>(question: Asked) => Promise<AnswerTo<Asked>>;

/** Messages of a question and its answer, which have the same number. */
export interface AskMessage {
  readonly kind: 'ask';
  readonly number: number;
  readonly question: Question;
}
export interface AnswerMessage {
  readonly kind: 'answer';
  readonly number: number;
  readonly answer: AnswerTo<Question>;
}

/** More questions than this never wait: those who ask limit themselves. */
const MOST_WAITING = 1000;

/** The questions to data threads that wait for their answers. */
export class WaitingQuestions {
  readonly #waiting = new Map<number, (answer: never) => void>();
  #number = 0;

  ask<Asked extends Question>(question: Asked, send: (message: AskMessage) => void): Promise<AnswerTo<Asked>> {
    if (this.#waiting.size >= MOST_WAITING) throw new InvariantError('few questions wait for data threads');
    const number = ++this.#number;
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve);
      send({ kind: 'ask', number, question });
    });
  }

  onAnswer({ number, answer }: AnswerMessage): void {
    this.#waiting.get(number)?.(answer as never);
    this.#waiting.delete(number);
  }
}
