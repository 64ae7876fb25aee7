// Warns readers when the memcached in a comparison is at a disadvantage: versions before 1.6.35 make one system call for every get of a
// pipeline, where later ones gather the replies.

const FIRST_GATHERING = [1, 6, 35] as const;

/** A sentence to print below the figures; undefined when no title, such as `memcached 1.6.18`, names such a version. */
export function flushingNote(titles: readonly string[]): string | undefined {
  const flushing = titles.filter(flushesEachGet);
  if (flushing.length === 0) return undefined;
  const names = flushing.join(' and ');
  return (
    `memcached before ${FIRST_GATHERING.join('.')} sends its reply after every get, also in a pipeline; this is ${names}, ` +
    'so pipelined figures against it flatter Cacheismo: `npm run bench -- --memcached PATH` compares with a newer one.'
  );
}

function flushesEachGet(title: string): boolean {
  const numbers = /^memcached (\d+)\.(\d+)\.(\d+)/.exec(title)?.slice(1).map(Number);
  if (numbers === undefined) return false;
  const differing = numbers.findIndex((number, index) => number !== FIRST_GATHERING[index]);
  return differing >= 0 && numbers[differing] < (FIRST_GATHERING[differing] as number);
}
