// The words of a reply, joined: `call.words`.

import type { ReplyText } from '../../base/reply-text.js';
import type { Budget } from '../../tables/budget.js';
import { MethodError } from '../../tables/call-errors.js';
import type { Joined, Words } from '../types/object-type.js';

/** Making a short text takes up to 0.3 us. */
const TEXT_STEPS = 4;
/** Characters of a number. */
const LONGEST_NUMBER = 25;

export function joined<Values extends Words>(values: Values, replyText: ReplyText, budget: Budget): Joined<Values> {
  budget.charge(TEXT_STEPS + values.length);
  return (replyText.join(values) ?? longText(values, budget)) as Joined<Values>;
}

/** Pays before it makes the text. */
function longText(values: Words, budget: Budget): string {
  let length = values.length;
  for (const value of values) {
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new MethodError(`words takes strings and numbers, not ${typeof value}`);
    }
    length += typeof value === 'string' ? value.length : LONGEST_NUMBER;
  }
  budget.chargeText(length);
  return values.join(' ');
}
