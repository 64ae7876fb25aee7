// Requests that call methods through each form of the text and meta protocols, their object type, and the replies that they must get.
// Evicted objects are not modelled.

import { method } from '../../../src/objects/types/object-type.js';
import { typeOf } from '../../objects/types-for-tests.js';
import type { RequestParts } from './request-parts.js';

export interface VirtualRequest {
  readonly kind: 'virtual';
  /** The bytes, one character each. */
  readonly text: string;
  readonly form: 'mg' | 'ms' | 'get' | 'set';
  readonly method: 'new' | 'put' | 'count' | 'length';
  readonly name: string;
  /** The last argument: in the key, or as the data block. */
  readonly argument: string;
  readonly sentKey: string;
  /** The flags of mg and ms as written in the line; for set only q, which means noreply. */
  readonly flags: readonly string[];
}

/** A set of strings. */
export const BAG = typeOf('bag', {
  new: method({ access: 'create', run: () => 'true' }),
  put: method({
    access: 'write',
    parameters: { member: { type: 'string' } },
    run(self, { member }) {
      self.set(member, true);
      return self.count;
    },
  }),
  count: method({ access: 'read', run: (self) => self.count }),
  length: method({
    access: 'read',
    parameters: { text: { type: 'string' } },
    run: (_self, { text }) => Buffer.byteLength(text, 'latin1'),
  }),
});

const MEMBERS = ['a', 'b', 'c', '0', 'long member', '\xff', 'END\r\n', '%', 'é'];

export function virtualRequest(parts: RequestParts): VirtualRequest {
  const name = `${parts.options.prefix}${parts.random(3)}`;
  const called = parts.pick(['new', 'put', 'put', 'count', 'length'] as const);
  const takesBlock = called === 'put' || called === 'length';
  const form = takesBlock ? parts.pick(['mg', 'ms', 'ms', 'get', 'set'] as const) : parts.pick(['mg', 'get'] as const);
  const argument = called === 'put' ? parts.pick(MEMBERS) : called === 'length' ? parts.value() : '';
  const inKey = form === 'mg' || form === 'get';
  // An argument of a key is short and not empty, and has every special byte as %XX.
  const shown = inKey && takesBlock ? argument.slice(0, 40) || '-' : argument;
  const key = `bag:${called}:${name}${inKey && takesBlock ? `:${escaped(shown)}` : ''}`;
  const isEncoded = form.startsWith('m') && parts.random(4) === 0;
  const sentKey = isEncoded ? Buffer.from(key, 'latin1').toString('base64') : key;
  const wanted = form.startsWith('m') ? ['v', 'k', 's', 'q', `O${parts.random(1000)}`, 'c', 't', 'f', 'h'] : ['q'];
  const chosen = wanted.filter(
    (flag) => parts.random(form === 'get' ? 1 : flag === 'v' ? 2 : 4) === 0 && form !== 'get',
  );
  const flags = isEncoded ? [...chosen, 'b'] : chosen;
  return {
    kind: 'virtual',
    text: textOf(parts, form, sentKey, flags, shown),
    form,
    method: called,
    name,
    argument: shown,
    sentKey,
    flags,
  };
}

function textOf(
  parts: RequestParts,
  form: VirtualRequest['form'],
  sentKey: string,
  flags: readonly string[],
  argument: string,
): string {
  switch (form) {
    case 'get':
      return parts.line(['get', sentKey]);
    case 'mg':
      return parts.line(['mg', sentKey, ...flags]);
    case 'ms':
      return `${parts.line(['ms', sentKey, String(argument.length), ...flags])}${argument}\r\n`;
    default: {
      const end = flags.includes('q') ? ['noreply'] : [];
      return `${parts.line(['set', sentKey, '0', '0', String(argument.length), ...end])}${argument}\r\n`;
    }
  }
}

function escaped(argument: string): string {
  return [...Buffer.from(argument, 'latin1')]
    .map((byte) =>
      byte > 0x20 && byte < 0x7f && byte !== 0x25 && byte !== 0x3a ? String.fromCharCode(byte) : hex(byte),
    )
    .join('');
}

function hex(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`;
}

/** The objects of one client. */
export class VirtualModel {
  readonly #bags = new Map<string, Set<string>>();

  clear(): void {
    this.#bags.clear();
  }

  reply(request: VirtualRequest): string {
    const result = this.#call(request);
    const { form, flags, sentKey } = request;
    const isQuiet = flags.includes('q');
    if (form === 'get') {
      return result === undefined ? 'END\r\n' : `VALUE ${sentKey} 0 ${result.length}\r\n${result}\r\nEND\r\n`;
    }
    if (form === 'set') return isQuiet ? '' : result === undefined ? 'NOT_FOUND\r\n' : 'STORED\r\n';
    if (result === undefined) {
      if (form === 'mg') return isQuiet ? '' : `EN${shown(request, 'kO', 0)}\r\n`;
      return `NF${shown(request, 'kOcs', 0)}\r\n`;
    }
    const letters = form === 'mg' ? 'kOcstfh' : 'kOcs';
    if (flags.includes('v')) return `VA ${result.length}${shown(request, letters, result.length)}\r\n${result}\r\n`;
    if (form === 'ms') return isQuiet ? '' : `HD${shown(request, letters, 0)}\r\n`;
    return `HD${shown(request, letters, result.length)}\r\n`;
  }

  /** Undefined if the object is missing. */
  #call({ argument, method: called, name }: VirtualRequest): string | undefined {
    if (called === 'new') {
      this.#bags.set(name, new Set());
      return 'true';
    }
    const bag = this.#bags.get(name);
    if (bag === undefined) return undefined;
    if (called === 'length') return String(argument.length);
    if (called === 'put') bag.add(argument);
    return String(bag.size);
  }
}

/** The flags of a reply that is not about an item, in their order. */
function shown({ flags, sentKey }: VirtualRequest, letters: string, size: number): string {
  const values: Readonly<Record<string, string>> = { c: '0', t: '-1', f: '0', h: '0', s: String(size) };
  const parts = flags
    .filter((flag) => letters.includes(flag[0]))
    .map((flag) => {
      if (flag[0] === 'O') return ` ${flag}`;
      return flag === 'k' ? ` k${sentKey}${flags.includes('b') ? ' b' : ''}` : ` ${flag}${values[flag]}`;
    });
  return parts.join('');
}
