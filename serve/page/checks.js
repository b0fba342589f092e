// What the errors of a model tell: those of short forecasts, and how its intervals fared on the past.
import { json, writeCSV } from "/page/api.js";
import { Axis } from "/page/chart.js";
import { make, number, table } from "/page/dom.js";

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

// residuals returns what draws the errors of short forecasts and how they depend on those before
// them. found is the answer of detect, name the channel.
export function residuals(found, name) {
  const value = found.column(name), expected = found.column(`${name}-expected`);
  const errors = value.map((v, i) => (v === null || expected[i] === null ? null : v - expected[i]));
  const known = errors.filter((e) => e !== null);
  if (known.length < 3) return (into) => into.append(make("p", { textContent: "There are too few errors of forecasts to be looked at." }));
  const centre = mean(known), power = mean(known.map((e) => (e - centre) ** 2));
  const spread = Math.sqrt(power), doubt = spread / Math.sqrt(known.length);
  const lags = Array.from({ length: Math.min(40, Math.floor(known.length / 3)) }, (_, i) => i + 1);
  const dependence = lags.map((lag) => {
    const pairs = errors.map((e, i) => (i < lag || e === null || errors[i - lag] === null ? null : (e - centre) * (errors[i - lag] - centre))).filter((p) => p !== null);
    return pairs.length && power ? (mean(pairs) / power) : 0;
  });
  const bound = 1.96 / Math.sqrt(known.length), beyond = dependence.filter((r) => Math.abs(r) > bound).length;
  const axis = new Axis(found.stamps);
  const bias = Math.abs(centre) > 1.96 * doubt ? "they are biased" : "no bias is seen";
  return (into, chart) => {
    into.append(make("p", { className: "quiet", textContent: `Errors of forecasts of one step, or of a few where the series is long: ${known.length} of mean ${number(centre)} with a standard error of ${number(doubt)} (${bias}), standard deviation ${number(spread)}. ${beyond} of ${lags.length} autocorrelations are beyond the dashed lines, where ${number(0.05 * lags.length)} would be by chance.` }));
    chart({ axis, data: [found.stamps.map(axis.place), errors], height: 200, label: `Errors of short forecasts of ${name} over time`, lines: [{ label: "error", colour: "--main" }] });
    const flat = (v) => lags.map(() => v);
    chart({
      axis: { kind: "number" }, data: [lags, dependence, flat(bound), flat(-bound)], height: 200, label: `Autocorrelation of the errors at lags 1 to ${lags.length}`, x: "lag", bars: true,
      lines: [{ label: "autocorrelation", colour: "--main" }, { label: "usual to", colour: "--mark", dash: [4, 4] }, { label: "usual from", colour: "--mark", dash: [4, 4] }],
    });
  };
}

const origins = 5;
const levels = [20, 40, 60, 80, 95];

// calibration has the model forecast the past of one series from several moments, and returns what draws
// how much of what came lay within the intervals, and where in the distributions. past is the
// series, index the channel, steps the horizon.
export async function calibration(path, model, past, index, steps, signal) {
  const least = Math.max(steps, 10);
  const within = levels.map(() => 0), tenths = Array.from({ length: 10 }, () => 0);
  let n = 0, moments = 0;
  for (let k = 1; k <= origins; k++) {
    const end = past.rows.length - k * steps;
    if (end < least) break;
    const head = past.head, after = past.rows.slice(end, end + steps);
    const known = head.slice(past.first + model.channels.length);
    const keep = (row) => [...row.slice(0, past.first), ...row.slice(past.first + model.channels.length)];
    const body = { level: levels, history: writeCSV([head, ...past.rows.slice(0, end)]), at: writeCSV([keep(head), ...after.map(keep)]) };
    if (known.length) body.known = known;
    const made = await json(`${path}/forecast`, { method: "POST", type: "application/json", signal, body: JSON.stringify(body) });
    const { quantiles } = made.series[0].channels[index];
    moments++;
    made.series[0].times.forEach((_, i) => {
      const v = after[i]?.[past.first + index];
      if (v === undefined || v === "") return;
      n++;
      levels.forEach((level, l) => {
        const lo = quantiles[String((100 - level) / 200)], hi = quantiles[String((100 + level) / 200)];
        if (lo[i] <= v && v <= hi[i]) within[l]++;
      });
      const cuts = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map((p) => quantiles[String(p)][i]);
      const below = cuts.filter((c) => c < v).length, ties = cuts.filter((c) => c === Number(v)).length;
      for (let t = below; t <= below + ties; t++) tenths[t] += 1 / (ties + 1); // of whole numbers several quantiles may be one
    });
  }
  if (!n) return (into) => into.append(make("p", { textContent: `The series is too short for forecasts of its past, ${steps} steps ahead; a smaller horizon needs less.` }));
  const share = within.map((w) => (100 * w) / n);
  return (into, chart) => {
    into.append(make("p", { className: "quiet", textContent: `${n} values of the past, ${steps} steps ahead from ${moments} ${moments === 1 ? "moment" : "moments"}: ${share[3].toFixed(0)} % lie within the 80 % interval, ${share[4].toFixed(0)} % within that of 95 %. The model has learned from these values, so that a little more lie within than will of new ones; the leaderboard has the coverages of values that were held out.` }));
    chart({
      axis: { kind: "number" }, data: [[0, ...levels, 100], [0, ...share, 100], [0, ...levels, 100]], height: 260, x: "level of the interval, %", points: true, label: `Share of values within intervals: ${levels.map((l, i) => `${share[i].toFixed(0)} of ${l} percent`).join(", ")}`,
      lines: [{ label: "values within, %", colour: "--main", width: 2.2 }, { label: "as it should be", colour: "--quiet", dash: [4, 4] }],
    });
    chart({
      axis: { kind: "number" }, data: [tenths.map((_, i) => 10 * i + 5), tenths.map((c) => (100 * c) / n), tenths.map(() => 10)], height: 200, x: "place within the forecast's distribution, %", bars: true, label: "Where values lay within their distributions, in tenths; flat is right",
      lines: [{ label: "values, %", colour: "--main" }, { label: "as it should be", colour: "--quiet", dash: [4, 4] }],
    });
    into.append(make("details", {}, make("summary", { textContent: "As a table" }), table([["level", "values within, %"], ...levels.map((l, i) => [`${l} %`, number(share[i])])], "Calibration")));
  };
}
