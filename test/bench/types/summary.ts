// The tables at the end of the benchmark of types: ratios with what is required of them, and bytes.

import { passes } from '../host/bars.js';
import { figure, formatTable } from '../host/table.js';
import { type BytesRow, type CallRow, type Figures, verdictOf } from './measure.js';

const CALL_HEADER = [
  'call, against',
  'pipeline',
  'ops/s',
  'peer',
  'CPU us/op',
  'peer',
  'ops/s ratio',
  'CPU ratio',
  'required',
  '',
];
const BYTES_HEADER = ['bytes of a', 'cacheismo', 'redis', 'ratio', 'required', ''];

export function formatFigures({ calls, bytes }: Figures): string {
  const tables = [formatTable(CALL_HEADER, calls.map(callCells))];
  if (bytes.length > 0) {
    tables.push(
      `Redis by its MEMORY USAGE, cacheismo with its share of the index\n${formatTable(BYTES_HEADER, bytes.map(bytesCells))}`,
    );
  }
  return tables.join('\n\n');
}

function callCells(row: CallRow): string[] {
  const figures = [...row.operationsPerSecond, ...row.cpuMicroseconds, row.throughputRatio, row.cpuRatio];
  return [`${row.what}, ${row.peer}`, String(row.pipeline), ...figures.map(figure), ...verdictCells(row)];
}

function bytesCells(row: BytesRow): string[] {
  return [row.what, ...[row.ours, row.redis, row.ours / row.redis].map(figure), ...verdictCells(row)];
}

function verdictCells(row: CallRow | BytesRow): string[] {
  const verdict = verdictOf(row);
  if (verdict === undefined) return ['-', ''];
  const of = 'bar' in row ? `${row.bar?.figure} ` : '';
  return [`${of}${verdict.relation} ${verdict.required}`, passes(verdict) ? 'pass' : 'FALLS SHORT'];
}
