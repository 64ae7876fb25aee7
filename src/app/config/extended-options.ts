// memcached's extended options (-o): some are options with a row of their own, the others are accepted with a notice or refused.

import { StartError } from '../start-error.js';
import type { Option } from './option.js';
import { OPTIONS } from './option-table.js';
import { ACCEPTED_EXTENDED, REFUSED_EXTENDED } from './options/memcached-options.js';
import { wrongValue } from './wrong-value.js';

type ExtendedOption =
  | { readonly kind: 'option'; readonly name: string; readonly option: Option; readonly text: string }
  | { readonly kind: 'accepted'; readonly name: string; readonly text: string; readonly reason: string };

export function readExtendedOption(given: string, label: string): ExtendedOption {
  const equals = given.indexOf('=');
  const name = equals < 0 ? given : given.slice(0, equals);
  const text = equals < 0 ? '' : given.slice(equals + 1);
  const option = OPTIONS.find(({ extended }) => extended === name);
  if (option !== undefined) return { kind: 'option', name, option, text };
  const plain = name.replace(/^no_/, '');
  const refused = REFUSED_EXTENDED.find(({ pattern }) => pattern.test(plain));
  if (refused !== undefined) throw new StartError(`${label} ${name}: ${refused.reason}`);
  const accepted = ACCEPTED_EXTENDED.find(({ pattern }) => pattern.test(plain));
  if (accepted !== undefined) {
    const { reason, values } = accepted;
    if (values !== undefined && plain === name && !values.accepts(text)) {
      throw wrongValue({ label: `${label} ${name}`, text }, values.allowed);
    }
    return { kind: 'accepted', name, text, reason };
  }
  throw new StartError(`${label} ${name}: unknown option; see cacheismo --help`);
}
