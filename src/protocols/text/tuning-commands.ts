// lru, slabs and lru_crawler: memcached's replies to all of their forms, so that its tools and scripts keep working. `stats settings`
// shows the values that they set, but there are no segments, slabs or crawler to tune: one LRU list holds all items, and expired ones are
// removed in the background. Dumps: dump-commands.ts.

import { isCrawlerOn } from '../../operations/statistics/general-rows.js';
import { type ErrorId, ErrorIds, NO_ERROR } from '../error-lines.js';
import { CONTINUE, type Step } from '../run.js';
import { argumentWords } from './argument-words.js';
import { isClassList, keyDump, metaDump } from './dump-commands.js';
import { Line } from './reply-encoder.js';
import type { TextContext } from './text-context.js';

type Tuning = (context: TextContext, words: readonly string[]) => ErrorId;

const NUMBER = /^\d{1,10}$/;
const SIGNED = /^-?\d{1,10}$/;
const MOST_PERCENT = 80;
const MAX_CLASS = 63;
const LONGEST_SLEEP_MICROSECONDS = 1_000_000;
const { badFormat, unknownCommand } = ErrorIds;

/** Makes a handler that passes the words to `apply`: it replies OK, or with the error that the function returns. */
function tuning(apply: Tuning): (context: TextContext) => Step {
  return (context) => {
    const words = argumentWords(context);
    if (words.at(-1) === 'noreply') {
      context.request.noreply = true;
      words.pop();
    }
    const error = apply(context, words);
    if (error === NO_ERROR) context.reply(Line.ok);
    else context.replyError(error);
    return CONTINUE;
  };
}

function lru({ operations: { switches } }: TextContext, [action, ...values]: readonly string[]): ErrorId {
  const [first = ''] = values;
  if (action === 'tune' && values.length >= 4) {
    const [hot, warm, hotFactor, warmFactor] = values.map(Number) as [number, number, number, number];
    if (!values.slice(0, 2).every((text) => NUMBER.test(text))) return unknownCommand;
    if (Number.isNaN(hotFactor) || Number.isNaN(warmFactor)) return unknownCommand;
    if (hot + warm > MOST_PERCENT) return ErrorIds.lruPercents;
    if (hotFactor <= 0 || warmFactor <= 0) return ErrorIds.lruFactors;
    switches.set('hot_lru_pct', hot);
    switches.set('warm_lru_pct', warm);
    switches.setFactor('hot_max_factor', hotFactor);
    switches.setFactor('warm_max_factor', warmFactor);
    return NO_ERROR;
  }
  if (action === 'mode' && (first === 'flat' || first === 'segmented')) {
    switches.set('lru_segmented', Number(first === 'segmented'));
    return NO_ERROR;
  }
  if (action !== 'temp_ttl' || !SIGNED.test(first)) return unknownCommand;
  const seconds = Number(first) | 0;
  switches.set('temp_lru', Number(seconds >= 0));
  if (seconds >= 0) switches.set('temporary_ttl', seconds);
  return NO_ERROR;
}

function slabs(context: TextContext, [action, ...values]: readonly string[]): ErrorId {
  if (action === 'reassign' && values.length === 2) return reassign(values);
  if (action !== 'automove' || values.length === 0) return unknownCommand;
  const { switches } = context.operations;
  const [level = '', value = ''] = values;
  if (level === 'ratio' || level === 'freeratio') {
    if (value === '' || !(Number(value) >= 0)) return unknownCommand;
    switches.setFactor(`slab_automove_${level}`, Number(value));
    return NO_ERROR;
  }
  if (level === 'window') {
    if (!NUMBER.test(value)) return badFormat;
    switches.set('slab_automove_window', Number(value) | 0);
    return NO_ERROR;
  }
  if (!NUMBER.test(level)) return badFormat;
  if (Number(level) > 2) return unknownCommand;
  switches.set('slab_automove', Number(level));
  return NO_ERROR;
}

/** The only class has no pages that another could use. */
function reassign(values: readonly string[]): ErrorId {
  if (!values.every((text) => SIGNED.test(text))) return badFormat;
  const [from, to] = values.map(Number) as [number, number];
  if (from === to) return ErrorIds.sameClass;
  const isClass = (number: number) => number >= 0 && number <= MAX_CLASS;
  return isClass(from) && isClass(to) ? ErrorIds.noSparePages : ErrorIds.badClasses;
}

/** Dumps have replies of their own; the other forms reply like all tuning commands. */
function lruCrawler(context: TextContext): Step {
  const words = argumentWords(context);
  const [action, what] = words;
  if (what !== undefined && words.length === 2 && (action === 'metadump' || action === 'mgdump')) {
    if (isCrawlerOn(context.operations))
      return action === 'metadump' ? metaDump(context, what) : keyDump(context, what);
    context.replyError(ErrorIds.crawlerDisabled);
    return CONTINUE;
  }
  return tuneCrawler(context);
}

const tuneCrawler = tuning((context, [action, ...values]) => {
  const { switches } = context.operations;
  const [value] = values;
  if (values.length > 1) return unknownCommand;
  if (value === undefined) {
    if (action === 'enable' && isCrawlerOn(context.operations)) return ErrorIds.crawlerRuns;
    if (action !== 'enable' && action !== 'disable') return unknownCommand;
    switches.set('lru_crawler', Number(action === 'enable'));
    return NO_ERROR;
  }
  if (action === 'crawl') {
    if (!isCrawlerOn(context.operations)) return ErrorIds.crawlerDisabled;
    return value === 'all' || isClassList(value) ? NO_ERROR : ErrorIds.badClass;
  }
  if (action !== 'sleep' && action !== 'tocrawl') return unknownCommand;
  if (!NUMBER.test(value)) return badFormat;
  if (action === 'sleep' && Number(value) > LONGEST_SLEEP_MICROSECONDS) return ErrorIds.crawlerSleeps;
  switches.set(action === 'sleep' ? 'lru_crawler_sleep' : 'lru_crawler_tocrawl', Number(value) | 0);
  return NO_ERROR;
});

export const TUNING_HANDLERS = { lru: tuning(lru), slabs: tuning(slabs), lruCrawler } as const;
