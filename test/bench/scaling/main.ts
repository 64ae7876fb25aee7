// Writes the report: measures, draws the charts, fills the README's section. Reads the command line.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../host/servers.js';
import { type Figures, measureFigures } from './figures.js';
import { betweenMarks, readmeText, reportText } from './markdown.js';
import { parseOptions, USAGE } from './options.js';
import { drawChart } from './svg.js';
import { chartOf } from './sweep.js';

const REPORT_FOLDER = 'test/bench/report';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const { fromFile, jsonFile } = options;
  const figures =
    fromFile === undefined ? await measureFigures(options) : (JSON.parse(readFileSync(fromFile, 'utf8')) as Figures);
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(figures, undefined, 2)}\n`);
  writeReport(figures);
}

function writeReport(figures: Figures): void {
  const folder = join(projectFolder(), REPORT_FOLDER);
  mkdirSync(folder, { recursive: true });
  for (const sweep of figures.sweeps) writeFileSync(join(folder, `${sweep.name}.svg`), drawChart(chartOf(sweep)));
  writeFileSync(join(folder, 'report.md'), reportText(figures));
  const readme = join(projectFolder(), 'README.md');
  writeFileSync(readme, betweenMarks(readFileSync(readme, 'utf8'), readmeText(figures, REPORT_FOLDER)));
  console.log(`written: ${REPORT_FOLDER}/report.md and the README's section`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
