// Answers the main thread's questions in a thread that serves, between two batches of requests, since only such a thread has the types. The
// work of each answer is bounded: requests wait meanwhile.

import { methodFamilies } from '../../objects/calls/method-figures.js';
import { SlowCallRing } from '../../objects/calls/slow-call-ring.js';
import { typeFacts, typePage } from '../../objects/types/type-facts.js';
import { itemPage } from '../../operations/item-facts.js';
import type { Operations } from '../../operations/operations.js';
import { bigKeyList } from '../../operations/statistics/big-key-rows.js';
import { curveOf } from '../../operations/statistics/curve-rows.js';
import { hotKeyList } from '../../operations/statistics/hot-key-rows.js';
import { serverFamilies } from '../../operations/statistics/metric-families.js';
import type { BatchWatch, LockedEngine } from '../../transport/locked-engine.js';
import { giveUpMemory } from '../memory-return.js';
import { callMethod, viewItem } from './object-answers.js';
import type { Answers, AnswerTo, Question } from './questions.js';
import type { ThreadObjects } from './thread-objects.js';

interface AnswerParts {
  readonly operations: Operations;
  /** Undefined without objects. */
  readonly objects: ThreadObjects | undefined;
  readonly engine: Pick<LockedEngine, 'exclusively'>;
  /** What comes before each batch of requests, such as new object types. */
  readonly watch?: BatchWatch;
}

type Work = { readonly [Kind in Question['kind']]: (question: Extract<Question, { kind: Kind }>) => Answers[Kind] };

export class ThreadAnswers {
  readonly #work: Work;

  constructor(private readonly parts: AnswerParts) {
    const { objects, operations } = parts;
    this.#work = {
      giveUpMemory: () => giveUpMemory(operations),
      metrics: () => [
        ...serverFamilies(operations),
        ...(objects === undefined ? [] : methodFamilies(objects.registry)),
      ],
      types: ({ after, most }) => objects && typePage(objects.registry, after, most),
      type: ({ name }) => objects && typeFacts(objects.registry, name),
      failures: () => objects?.failures.list() ?? [],
      hotKeys: () => hotKeyList(operations),
      bigKeys: () => bigKeyList(operations),
      slowCalls: () => {
        const ring = new SlowCallRing(operations.store.arena);
        return { count: ring.total, calls: ring.list() };
      },
      curve: () => curveOf(operations),
      items: ({ prefix, from, most }) => itemPage(operations, prefix, from, most),
      item: ({ key, from }) => viewItem(operations, objects, key, from),
      call: ({ key, data }) => objects && callMethod(operations, objects, key, data),
    };
  }

  answer<Asked extends Question>(question: Asked): AnswerTo<Asked> {
    const work = this.#work[question.kind] as (question: Question) => unknown;
    const { engine, operations, watch } = this.parts;
    return engine.exclusively(() => {
      watch?.beforeBatch();
      operations.store.tick();
      return work(question) as AnswerTo<Asked>;
    });
  }
}
