// The results of one sweep of the scaling table, and their form as table and chart.

import { median } from '../host/ratios.js';
import type { Series } from '../host/series.js';
import { figure } from '../host/table.js';
import { type Chart, shortNumber } from './svg.js';

export interface SweepPoint {
  readonly server: string;
  readonly pipeline: number;
  /** The swept quantity: items, connections, threads, bytes of a value. */
  readonly x: number;
  readonly cpuMicroseconds: number;
  readonly operationsPerSecond: number;
  readonly p99Microseconds: number;
}

export interface Sweep {
  /** Also the name of the chart's file. */
  readonly name: string;
  readonly title: string;
  readonly xLabel: string;
  readonly points: readonly SweepPoint[];
}

export function pointOf(server: string, pipeline: number, x: number, series: Series): SweepPoint {
  return {
    server,
    pipeline,
    x,
    cpuMicroseconds: median(series.cpuMicroseconds),
    operationsPerSecond: median(series.operationsPerSecond),
    p99Microseconds: median(series.latencyMicroseconds[99]),
  };
}

export function chartOf(sweep: Sweep): Chart {
  return {
    title: sweep.title,
    xLabel: sweep.xLabel,
    yLabel: 'server CPU, µs per operation',
    xTicks: distinct(sweep, ({ x }) => x).map((at) => ({ at, label: shortNumber(at) })),
    panels: distinct(sweep, ({ pipeline }) => pipeline).map((pipeline) => ({
      title: pipeline === 1 ? 'one request at a time' : `pipelines of ${pipeline}`,
      lines: distinct(sweep, ({ server }) => server).map((server) => ({
        name: server,
        points: sweep.points
          .filter((point) => point.server === server && point.pipeline === pipeline)
          .map(({ x, cpuMicroseconds }) => [x, cpuMicroseconds] as const),
      })),
    })),
  };
}

/** A row for each pipeline and x; for each server its CPU per operation and its throughput. */
export function tableOf(sweep: Sweep): string[][] {
  const servers = distinct(sweep, ({ server }) => server);
  const header = [sweep.xLabel, 'pipeline', ...servers.flatMap((server) => [`${server} µs`, 'ops/s'])];
  const rows = distinct(sweep, ({ pipeline }) => pipeline).flatMap((pipeline) =>
    distinct(sweep, ({ x }) => x).map((x) => [
      x.toLocaleString('en-US'),
      `${pipeline}`,
      ...servers.flatMap((server) => {
        const is = (point: SweepPoint): boolean =>
          point.server === server && point.pipeline === pipeline && point.x === x;
        const point = sweep.points.find(is);
        return point === undefined ? ['', ''] : [figure(point.cpuMicroseconds), figure(point.operationsPerSecond)];
      }),
    ]),
  );
  return [header, ...rows];
}

function distinct<T>(sweep: Sweep, of: (point: SweepPoint) => T): T[] {
  return [...new Set(sweep.points.map(of))];
}
