// The part of a meta command's line that is kept while its value arrives, since the line then leaves the input: what the reply depends on.

import { latin1 } from '../../base/latin1.js';
import type { MetaRequest } from './meta-request.js';

/** The flags that a reply depends on, and those of which it needs the token too: one letter, or an opaque token. */
const REPLY_FLAGS = 'MObckqsv';
const REPLY_TOKENS = 'MO';

/** Less than 400 bytes. */
export function keptLineOf(meta: MetaRequest, bytes: Uint8Array): Uint8Array {
  const { count, letters, sentKeyAt, sentKeyLength, tokenEnds, tokenStarts, valueLength } = meta;
  let text = `${latin1(bytes, sentKeyAt, sentKeyLength)} ${valueLength}`;
  for (let index = 0; index < count; index++) {
    const letter = String.fromCharCode(letters[index]);
    if (!REPLY_FLAGS.includes(letter)) continue;
    text += ` ${letter}`;
    if (REPLY_TOKENS.includes(letter)) text += latin1(bytes, tokenStarts[index], tokenEnds[index] - tokenStarts[index]);
  }
  return Buffer.from(text, 'latin1');
}
