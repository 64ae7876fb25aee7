// Draws line charts as SVG text: panels side by side, x in logarithmic steps, y from zero.

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xTicks: readonly { readonly at: number; readonly label: string }[];
  readonly panels: readonly Panel[];
}

const PANEL = { width: 330, height: 210, left: 46, right: 14, top: 54, bottom: 58 };
const LEGEND_STEP = 104;
/** Distinguishable without red and green, and by their dashes in print. */
const STROKES: readonly (readonly [color: string, dashes: string])[] = [
  ['#0b6fb8', ''],
  ['#c4570a', '6 3'],
  ['#6b6b6b', '2 3'],
  ['#8a4fa3', '9 3 2 3'],
];
const WANTED_Y_TICKS = 4;

export function drawChart(chart: Chart): string {
  const width = PANEL.width * chart.panels.length;
  const names = [...new Set(chart.panels.flatMap(({ lines }) => lines.map(({ name }) => name)))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${PANEL.height + PANEL.top + PANEL.bottom}" ` +
      'font-family="system-ui, sans-serif" font-size="11" fill="#333">',
    `<title>${chart.title}</title>`,
    '<rect width="100%" height="100%" rx="6" fill="#fff"/>',
    text(PANEL.left, 20, chart.title, 'font-size="14" font-weight="600"'),
    ...chart.panels.map((panel, index) => drawPanel(chart, panel, index * PANEL.width, names)),
    ...names.map((name, index) => drawLegend(name, index)),
    '</svg>\n',
  ].join('\n');
}

function drawPanel(chart: Chart, panel: Panel, left: number, names: readonly string[]): string {
  const [x0, x1] = [left + PANEL.left, left + PANEL.width - PANEL.right];
  const [y0, y1] = [PANEL.top + PANEL.height, PANEL.top];
  const ticks = yTicks(Math.max(0, ...panel.lines.flatMap(({ points }) => points.map(([, y]) => y))));
  const x = xScale(chart, x0 + 8, x1 - 8);
  const y = (value: number): number => y0 - (value / (ticks.at(-1) as number)) * (y0 - y1);
  return [
    text((x0 + x1) / 2, y1 - 10, panel.title, 'text-anchor="middle"'),
    ...ticks.map((tick) => {
      const at = place(y(tick));
      const grid = `<line x1="${x0}" x2="${x1}" y1="${at}" y2="${at}" stroke="${tick === 0 ? '#333' : '#ddd'}"/>`;
      return grid + text(x0 - 6, y(tick) + 4, shortNumber(tick), 'text-anchor="end"');
    }),
    ...chart.xTicks.map(({ at, label }) => text(x(at), y0 + 16, label, 'text-anchor="middle"')),
    text((x0 + x1) / 2, y0 + 33, chart.xLabel, 'text-anchor="middle"'),
    left === 0
      ? text(0, 0, chart.yLabel, `text-anchor="middle" transform="translate(12 ${(y0 + y1) / 2}) rotate(-90)"`)
      : '',
    ...panel.lines.map((line) => drawLine(line, strokeOf(names.indexOf(line.name)), x, y)),
  ].join('\n');
}

function drawLine(line: Line, stroke: string, x: (value: number) => number, y: (value: number) => number): string {
  const points = line.points.map(([atX, atY]) => [place(x(atX)), place(y(atY))] as const);
  const path = points.map((point) => point.join(',')).join(' ');
  const dots = points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="2.5"/>`).join('');
  const color = /stroke="([^"]+)"/.exec(stroke)?.[1];
  return `<polyline points="${path}" fill="none" stroke-width="2" ${stroke}/><g fill="${color}">${dots}</g>`;
}

function drawLegend(name: string, index: number): string {
  const x = PANEL.left + index * LEGEND_STEP;
  const y = PANEL.top + PANEL.height + PANEL.bottom - 10;
  const sample = `<line x1="${x}" x2="${x + 22}" y1="${y - 4}" y2="${y - 4}" stroke-width="2" ${strokeOf(index)}/>`;
  return sample + text(x + 28, y, name, '');
}

function strokeOf(index: number): string {
  const [color, dashes] = STROKES[index % STROKES.length];
  return `stroke="${color}"${dashes === '' ? '' : ` stroke-dasharray="${dashes}"`}`;
}

function xScale({ xTicks }: Chart, from: number, to: number): (value: number) => number {
  // Zero is placed one step before the first other value.
  const log = (value: number): number => Math.log10(Math.max(value, smallest / 10));
  const smallest = Math.min(...xTicks.map(({ at }) => at).filter((at) => at > 0));
  const [low, high] = [log(xTicks[0]?.at ?? 1), log(xTicks.at(-1)?.at ?? 1)];
  return (value) => (high === low ? (from + to) / 2 : from + ((log(value) - low) / (high - low)) * (to - from));
}

/** From zero to the first round number that is not below the largest value. */
export function yTicks(largest: number): number[] {
  if (!(largest > 0)) return [0, 1];
  const rough = largest / WANTED_Y_TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const count = Math.ceil(largest / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

/** 1500 is 1.5k. */
export function shortNumber(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e3) return `${Number((value / 1e3).toPrecision(3))}k`;
  return `${Number(value.toPrecision(3))}`;
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${place(x)}" y="${place(y)}" ${attributes}>${withEntities(content)}</text>`;
}

function withEntities(content: string): string {
  return content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function place(value: number): number {
  return Math.round(value * 10) / 10;
}
