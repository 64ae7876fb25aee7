// The expiries that one command gives by N and T: flags take effect in their order, as in memcached, so t shows what the flags before it
// have made of the expiry. The operations set it.

import { Lower, type MetaRequest, Upper } from './meta-request.js';

const [MADE, TOUCHED, SHOWN, RECACHED] = [0x4e, 0x54, 0x74, 0x52];

/** The expiry that an item which the command makes has in the end, as clients send it. */
export function lastExptime(meta: MetaRequest): number {
  return (meta.upper & Upper.T) !== 0 && meta.precedes(MADE, TOUCHED) ? meta.exptime : meta.vivifyExptime;
}

/** The expiry that t shows of an item which the command makes, as clients send it. */
export function shownExptime(meta: MetaRequest): number {
  const { exptime, lower, upper, vivifyExptime } = meta;
  if ((lower & Lower.t) === 0) return 0;
  if ((upper & Upper.T) === 0) return meta.precedes(SHOWN, MADE) ? 0 : vivifyExptime;
  const isMadeFirst = meta.precedes(MADE, TOUCHED);
  const [first, last] = isMadeFirst ? [MADE, TOUCHED] : [TOUCHED, MADE];
  if (meta.precedes(SHOWN, first)) return 0;
  return meta.precedes(SHOWN, last) === isMadeFirst ? vivifyExptime : exptime;
}

/** Whether t shows the expiry that an item had before T. */
export function showsFormerTtl(meta: MetaRequest): boolean {
  return (meta.upper & Upper.T) !== 0 && (meta.lower & Lower.t) !== 0 && meta.precedes(SHOWN, TOUCHED);
}

/** Whether R looks at the expiry that an item had before T. */
export function comparesFormerTtl(meta: MetaRequest): boolean {
  return (meta.upper & Upper.T) !== 0 && meta.precedes(RECACHED, TOUCHED);
}
