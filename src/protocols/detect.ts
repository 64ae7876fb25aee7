// Chooses the protocol of a connection: by its listener if that has only one protocol, otherwise by the first byte that the client sends.

import { assert } from '../base/assert.js';
import type { Protocol } from './protocol.js';

/** The protocols that a listener names, in the order in which they are tried; all if it names none. */
export function protocolsOf(names: readonly string[] | undefined, known: readonly Protocol[]): readonly Protocol[] {
  if (names === undefined) return known;
  return names.map((name) => {
    const protocol = known.find((candidate) => candidate.name === name);
    assert(protocol !== undefined, `a protocol with the name ${name}`);
    return protocol;
  });
}

/** The first that recognizes the byte, or else the last, which refuses the connection in its own words. */
export function detectProtocol(protocols: readonly Protocol[], firstByte: number): Protocol {
  return protocols.find((protocol) => protocol.recognizes(firstByte)) ?? (protocols.at(-1) as Protocol);
}
