// Charts, by uPlot, and a phase portrait.
import uPlot from "/page/uplot/uPlot.esm.js";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// fade returns a colour with an opacity.
const fade = (colour, part) => `color-mix(in srgb, ${colour} ${100 * part}%, transparent)`;

// An Axis places time stamps: as times if all are, else as numbers if all are, else one after
// another with their text.
export class Axis {
  constructor(stamps) {
    const numbers = stamps.map(Number);
    if (stamps.length && numbers.every(Number.isFinite) && !stamps.every((s) => /^(1[5-9]|20)\d\d(0[1-9]|1[0-2])([0-3]\d)?$/.test(s))) {
      this.kind = "number";
      this.place = Number;
      return;
    }
    if (stamps.length && stamps.every((s) => Number.isFinite(instant(s)))) {
      this.kind = "time";
      this.place = instant;
      return;
    }
    this.kind = "text";
    this.stamps = [...new Set(stamps)];
    const at = new Map(this.stamps.map((s, i) => [s, i]));
    this.place = (s) => at.get(s);
  }
}

// instant returns the seconds since 1970 of a stamp in the manner of ISO 8601, else NaN. A stamp
// without a zone is shown as it is.
function instant(stamp) {
  const m = /^(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?)?$/.exec(stamp);
  return m ? Date.parse(`${m[1]}-${m[2]}-${m[3] || "01"}T${m[4] || "00:00"}${m[5] || "Z"}`) / 1000 : NaN;
}

const format = (v) => (v == null ? "" : Math.abs(v) >= 1e6 || (v !== 0 && Math.abs(v) < 1e-3) ? v.toExponential(3) : String(+v.toPrecision(5)));

// plot draws lines over an axis. data is uPlot's, lines are {label, colour, width, dash, points,
// hidden}, bands are {series: [upper, lower], fill}. bars draws the first line as bars, and x names
// what lies along the axis. It returns what takes the chart away.
export function plot(into, { axis, data, lines, bands = [], height = 320, label, sync, bars = false, x: along = "time" }) {
  const figure = document.createElement("figure");
  const box = document.createElement("div");
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", label);
  figure.append(box);
  into.append(figure);
  let chart;
  const draw = () => {
    chart?.destroy();
    const ink = css("--ink"), line = fade(css("--line"), 0.7);
    const axes = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "12px system-ui, sans-serif" };
    const x = { ...axes, ...(along === "time" ? {} : { label: along, labelSize: 24, labelFont: "12px system-ui, sans-serif" }) };
    if (axis.kind === "text") x.values = (_, at) => at.map((v) => axis.stamps[v] ?? "");
    chart = new uPlot({
      width: Math.max(box.clientWidth, 200), height,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      cursor: { drag: { x: true, y: false }, ...(sync ? { sync: { key: sync } } : {}) },
      scales: { x: { time: axis.kind === "time", ...(bars ? { range: (_, lo, hi) => [lo - (data[0][1] - data[0][0]) / 2, hi + (data[0][1] - data[0][0]) / 2] } : {}) }, ...(bars ? { y: { range: (_, lo, hi) => uPlot.rangeNum(Math.min(lo, 0), Math.max(hi, 0), 0.1, true) } } : {}) },
      axes: [x, { ...axes, size: 62, values: (_, at) => at.map(format) }],
      legend: { live: true },
      bands: bands.map((b) => ({ series: b.series, fill: fade(css(b.colour), b.part) })),
      series: [
        { label: along, ...(axis.kind === "text" ? { value: (_, v) => axis.stamps[v] ?? "" } : {}) },
        ...lines.map((l, i) => ({
          label: l.label, stroke: css(l.colour || "--main"), width: l.width ?? 1.6, dash: l.dash, spanGaps: l.span ?? false,
          points: { show: l.points ?? false, size: 7, fill: css(l.colour || "--main") },
          paths: l.points ? () => null : bars && i === 0 ? uPlot.paths.bars({ size: [0.7, 40] }) : undefined,
          ...(bars && i === 0 ? { fill: fade(css(l.colour || "--main"), 0.4) } : {}),
          value: (_, v) => format(v),
        })),
      ],
    }, data, box);
  };
  draw();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", draw);
  const resized = new ResizeObserver(() => requestAnimationFrame(() => box.isConnected && chart.setSize({ width: Math.max(box.clientWidth, 200), height })));
  resized.observe(box);
  return () => {
    resized.disconnect();
    dark.removeEventListener("change", draw);
    chart.destroy();
    figure.remove();
  };
}

// phase draws a path through the plane: the past as a line, what comes after from as another.
export function phase(into, { x, y, from, names, label }) {
  const canvas = document.createElement("canvas");
  canvas.className = "phase";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  into.append(canvas);
  const draw = () => {
    const side = canvas.clientWidth || 400, ratio = devicePixelRatio || 1, edge = 36;
    canvas.width = canvas.height = side * ratio;
    const c = canvas.getContext("2d");
    c.scale(ratio, ratio);
    const span = (v) => { const lo = Math.min(...v), hi = Math.max(...v); return [lo, hi - lo || 1]; };
    const [x0, dx] = span(x), [y0, dy] = span(y);
    const at = (i) => [edge + ((x[i] - x0) / dx) * (side - 2 * edge), side - edge - ((y[i] - y0) / dy) * (side - 2 * edge)];
    c.strokeStyle = css("--line");
    c.strokeRect(edge / 2, edge / 2, side - edge, side - edge);
    c.fillStyle = css("--quiet");
    c.font = "12px system-ui, sans-serif";
    c.fillText(names[0], side - edge - 20, side - 4);
    c.fillText(names[1], 2, 12);
    const path = (a, b, colour, width) => {
      c.beginPath();
      for (let i = a; i < b; i++) c[i === a ? "moveTo" : "lineTo"](...at(i));
      c.strokeStyle = css(colour);
      c.lineWidth = width;
      c.stroke();
    };
    path(0, from, "--quiet", 1.5);
    path(Math.max(from - 1, 0), x.length, "--main", 2.5);
    c.fillStyle = css("--mark");
    c.beginPath();
    c.arc(...at(x.length - 1), 5, 0, 7);
    c.fill();
  };
  draw();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", draw);
  const resized = new ResizeObserver(() => requestAnimationFrame(draw));
  resized.observe(canvas);
  return () => { resized.disconnect(); dark.removeEventListener("change", draw); canvas.remove(); };
}
