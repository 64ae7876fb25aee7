// The metrics of methods with their values, as data, over all threads. Only methods that have been called are in them, and of many only those with
// the most calls: thousands of types would make a page for Prometheus that is larger than what it says.

import { familyOf, type MetricFamily, type MetricSeries } from '../../base/metric-family.js';
import { counter, gauge, type MetricText } from '../../base/metrics.js';
import type { Registry } from '../types/registry.js';
import type { CallStatistics } from './call-statistics.js';
import { METHOD_CELL } from './method-cells.js';

/** A choice: their page has some 5,000 lines. */
const MOST_METHODS = 200;

const METHOD_TIME: MetricText = {
  kind: 'histogram',
  unit: 'seconds',
  help: 'time of a call; one in 64 is measured, of many one in 512, which counts eightfold',
};

interface Called {
  readonly labels: { readonly type: string; readonly method: string };
  readonly statistics: CallStatistics;
  readonly calls: number;
}

/** With the threads' lock held. */
export function methodFamilies(registry: Registry): MetricFamily[] {
  const called = registry.calledTypes().flatMap(([type, statistics]) =>
    [...type.type.methods.keys()].flatMap((method, index): Called[] => {
      const own = statistics[index];
      return own === undefined || own.calls === 0
        ? []
        : [{ labels: { type: type.name, method }, statistics: own, calls: own.calls }];
    }),
  );
  const shown = called.sort((one, other) => other.calls - one.calls).slice(0, MOST_METHODS);
  const values = (read: (statistics: CallStatistics) => number): MetricSeries[] =>
    shown.map(({ labels, statistics }) => ({ labels, value: read(statistics) }));
  return [
    familyOf('types_loaded', gauge('object types that are loaded'), [{ value: registry.typeCount }]),
    familyOf('type_errors', gauge('files of object types that could not be loaded'), [
      { value: registry.errors().length },
    ]),
    familyOf('methods_left_out', gauge('methods that are in no metric, because others have more calls'), [
      { value: called.length - shown.length },
    ]),
    familyOf(
      'method_calls',
      counter('calls of a method'),
      values((statistics) => statistics.calls),
    ),
    familyOf(
      'method_errors',
      counter('calls answered with an error line'),
      values((statistics) => statistics.errors),
    ),
    familyOf(
      'method_kills',
      counter('calls ended because they used up their budget'),
      values((statistics) => statistics.kills),
    ),
    familyOf(
      'method_timed_steps',
      counter('steps of the calls whose time is measured'),
      values((statistics) => statistics.cell(METHOD_CELL.timedSteps)),
    ),
    familyOf(
      'method_timed_bytes',
      counter('bytes made by the calls whose time is measured', 'bytes'),
      values((statistics) => statistics.cell(METHOD_CELL.timedBytes)),
    ),
    familyOf(
      'method_time',
      METHOD_TIME,
      shown.map(({ labels, statistics }) => ({ labels, times: statistics.times })),
    ),
  ];
}
