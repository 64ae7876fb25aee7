// The report and the README's section as Markdown.

import { passes, type Verdict } from '../host/bars.js';
import { flushingNote } from '../host/flushing-memcached.js';
import type { Figures } from './figures.js';
import { tableOf } from './sweep.js';

/** The charts are next to it. */
export function reportText(figures: Figures): string {
  return [
    '# Measured',
    'Written by `npm run bench:report`; not to be edited.',
    circumstances(figures),
    ...figures.groups.flatMap(({ title, verdicts }) => [`## ${title}`, verdictTable(verdicts)]),
    '## Scaling',
    'Server CPU per get, in microseconds, and throughput. Median of the rounds.',
    ...figures.sweeps.flatMap((sweep) => {
      const [header, ...rows] = tableOf(sweep);
      return [`### ${sweep.title}`, `![${sweep.title}](${sweep.name}.svg)`, table(header, rows)];
    }),
    '',
  ].join('\n\n');
}

/** The short form: the number of figures of each kind that passed, and the charts. */
export function readmeText(figures: Figures, folder: string): string {
  const rows = figures.groups.map(({ title, verdicts }) => {
    const missed = verdicts.filter((verdict) => !passes(verdict)).length;
    return [title, `${verdicts.length - missed}`, `${missed}`];
  });
  return [
    circumstances(figures),
    table(['required figures', 'reached', 'fall short'], rows),
    `Each of them, and the figures behind the charts: [report](${folder}/report.md).`,
    ...figures.sweeps.map(({ title, name }) => `![${title}](${folder}/${name}.svg)`),
  ].join('\n\n');
}

const QUIET_LOAD = 0.5;

function circumstances({ date, machine, servers, rounds, loadBefore, loadHighest }: Figures): string {
  const load = `The load average was ${loadBefore.toFixed(1)} before and at most ${loadHighest.toFixed(1)} meanwhile`;
  const busy =
    loadBefore > QUIET_LOAD
      ? `${load}: others used the machine at the same time, so ratios of CPU time say more than throughput and latencies.`
      : `${load}.`;
  const measured = `${date}, ${machine}. Measured: ${servers.join(', ')}. Ratios are medians of paired rounds, ${rounds}. ${busy}`;
  const note = flushingNote(servers);
  return note === undefined ? measured : `${measured}\n\n${note}`;
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => {
    const { what, measured, required, relation, aimedAt } = verdict;
    const aim = aimedAt === undefined ? '' : ` (aimed at ${aimedAt})`;
    return [what, measured.toFixed(2), `${relation} ${required}${aim}`, passes(verdict) ? 'pass' : '**falls short**'];
  });
  return table(['what', 'measured', 'required', ''], rows);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = `|${header.map((_, column) => (column === 0 ? '---|' : '--:|')).join('')}`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

const BEGIN = '<!-- benchmarks -->';
const END = '<!-- /benchmarks -->';

/** Replaces the text between the marks of another. */
export function betweenMarks(whole: string, text: string): string {
  const from = whole.indexOf(BEGIN);
  const to = whole.indexOf(END);
  if (from < 0 || to < from) throw new Error(`${BEGIN} and ${END} are missing`);
  return `${whole.slice(0, from + BEGIN.length)}\n${text}\n${whole.slice(to)}`;
}
