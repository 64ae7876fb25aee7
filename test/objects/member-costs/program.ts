// Measures every member and prints its costs beyond its charges as a line of JSON. It is bundled before it runs, like the server, since
// modules that are loaded one by one take twice as long.

import { threadCpuMilliseconds } from '../../bench/host/thread-clock.js';
import { excess } from '../cost-bars.js';
import { MemberRunner } from './member-runner.js';
import { GROUPS, type Member } from './members.js';

/** One call is short, so it is measured after its code has been compiled. */
const FIRST_RUNS = 100;
/** A call that runs this long is compiled sooner. */
const FIRST_RUNS_MS = 500;
const MOST_RUNS = 60;

/** Sizes of the object: its fields and the bytes of its longest text. */
const SIZES = [
  { fields: 60, bytes: 5000 },
  { fields: 2000, bytes: 100_000 },
];
const FILLINGS = ['x'];
if (process.env.LONG_TESTS !== undefined) {
  SIZES.push({ fields: 3, bytes: 100 }, { fields: 1000, bytes: 900_000 });
  FILLINGS.push('\xff');
}

function excessesOf(member: Member): string[] {
  // Runs until its code is compiled.
  const first = new MemberRunner(member, 3, 100, 'x');
  const endMs = threadCpuMilliseconds() + FIRST_RUNS_MS;
  for (let run = 0; run < FIRST_RUNS && threadCpuMilliseconds() < endMs; run++) first.run(false);
  return SIZES.flatMap(({ fields, bytes }) =>
    FILLINGS.flatMap((filling) => {
      const runner = new MemberRunner(member, fields, bytes, filling);
      const found = excess((withHeap) => runner.run(withHeap), MOST_RUNS);
      return found === undefined ? [] : [`${fields} fields, ${bytes} bytes of ${filling}: ${found}`];
    }),
  );
}

for (const [group, members] of Object.entries(GROUPS)) {
  for (const [name, member] of Object.entries(members)) {
    process.stdout.write(`${JSON.stringify([`${group}: ${name}`, excessesOf(member)])}\n`);
  }
}
