// The third part: what a model is asked.
import { ask, json, parseCSV, writeCSV } from "/page/api.js";
import { Axis, phase, plot } from "/page/chart.js";
import { calibration, residuals } from "/page/checks.js";
import { rowsOf } from "/page/data.js";
import { $, calm, complain, make, number, options, save, table } from "/page/dom.js";

let model = null; // what the service tells of it
let past = null; // the series that is shown: {stamps, values by channel}
let asked = new AbortController();
let tab = "forecast";
let shown = []; // what takes the charts of the panel away

const tabs = {
  forecast: ["Forecast", forecast],
  scores: ["Leaderboard", scores],
  components: ["Components", components],
  anomalies: ["Anomalies", anomalies],
  residuals: ["Residuals", errors],
  calibration: ["Calibration", intervals],
  encode: ["Latent paths", latent],
  whatif: ["What if", whatIf],
};

export function setup() {
  let pause;
  $("horizon").addEventListener("input", () => {
    $("horizon-out").textContent = `${$("horizon").value} steps`;
    clearTimeout(pause);
    pause = setTimeout(refresh, 150);
  });
  $("series").addEventListener("change", async () => { await load().catch(complain); refresh(); });
  $("channel").addEventListener("change", refresh);
  $("tabs").addEventListener("keydown", (e) => {
    const all = [...$("tabs").children];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    const at = { Home: 0, End: all.length - 1 }[e.key] ?? (all.indexOf(document.activeElement) + step + all.length) % all.length;
    if (!all[at]) return;
    e.preventDefault();
    all[at].focus();
    all[at].click();
  });
}

// open shows a model.
export async function open(name) {
  calm();
  model = await json(`/v1/models/${encodeURIComponent(name)}`);
  $("result").hidden = false;
  $("result-title").textContent = `3. Forecast of ${model.name} by ${model.kind}`;
  $("model-about").textContent = `${model.series} series, ${model.observations} observations, ${model.first} to ${model.last}, ${model.step}`;
  const names = await json(`${path()}/history?names=true`);
  options($("series"), names.map((s) => [s.id, s.id || "the series"]));
  $("series-label").hidden = names.length < 2;
  options($("channel"), model.channels.map((c) => [c]));
  $("channel-label").hidden = model.channels.length < 2;
  Object.assign($("horizon"), { max: Math.max(4 * model.horizon, 20), value: model.horizon });
  $("horizon-out").textContent = `${model.horizon} steps`;
  const able = ["forecast", "scores", "components", "anomalies", "residuals", "calibration", ...(model.abilities.includes("encode") ? ["encode"] : []), ...(model.known?.length ? ["whatif"] : [])];
  tab = "forecast";
  $("tabs").replaceChildren(...able.map((id) => {
    const b = make("button", { type: "button", id: `tab-${id}`, textContent: tabs[id][0] });
    b.setAttribute("role", "tab");
    b.setAttribute("aria-controls", "panel");
    b.addEventListener("click", () => { tab = id; mark(); refresh(); });
    return b;
  }));
  mark();
  downloads();
  await load();
  await refresh();
  $("result").scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  $("result-title").focus({ preventScroll: true });
}

const path = () => `/v1/models/${encodeURIComponent(model.name)}`;

function mark() {
  for (const b of $("tabs").children) {
    const on = b.id === `tab-${tab}`;
    b.setAttribute("aria-selected", on);
    b.tabIndex = on ? 0 : -1;
  }
  $("panel").setAttribute("aria-labelledby", `tab-${tab}`);
}

// load gets the past of the series that is chosen.
async function load() {
  const id = $("series").value;
  const csv = await (await ask(`${path()}/history${id ? `?${new URLSearchParams({ series: id })}` : ""}`, { accept: "text/csv" })).text();
  const [head, ...rows] = parseCSV(csv);
  const first = head.length - model.channels.length - (model.known?.length ?? 0);
  past = { csv, head, rows, first, time: head[first - 1], stamps: rows.map((r) => r[first - 1]), values: model.channels.map((_, c) => rows.map((r) => (r[first + c] === "" ? null : Number(r[first + c])))) };
}

// refresh draws the panel again. A request that is still under way is given up.
async function refresh() {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  $("busy").textContent = "The model is asked ...";
  try {
    const draw = await tabs[tab][1](signal);
    if (signal.aborted) return;
    for (const away of shown) away();
    shown = [];
    $("panel").replaceChildren();
    draw?.($("panel"));
    $("busy").textContent = "";
  } catch (err) {
    if (err.name !== "AbortError") $("busy").textContent = "";
    complain(err);
  }
}

const chart = (into, spec) => shown.push(plot(into, spec));
const channel = () => Math.max(model.channels.indexOf($("channel").value), 0);
const steps = () => Number($("horizon").value);

// predict returns the forecast of the series and channel that are chosen.
async function predict(signal, more = {}) {
  const all = await json(`${path()}/forecast`, {
    method: "POST", type: "application/json", signal,
    body: JSON.stringify(more.at ? { level: [80, 95], ...more } : { horizon: steps(), level: [80, 95], ...more }),
  });
  const id = $("series").value;
  const one = all.series.find((s) => (s.unique_id ?? s.id ?? "") === id) ?? all.series[$("series").selectedIndex];
  const c = one.channels[channel()];
  return { stamps: one.times, median: c.quantiles["0.5"] ?? c.mean, quantiles: c.quantiles, notes: all.notes || [] };
}

// fan draws a past, and forecasts after it.
function fan(into, f, extra) {
  const recent = Math.max(0, past.stamps.length - Math.max(8 * f.stamps.length, 200));
  const stamps = past.stamps.slice(recent), before = past.values[channel()].slice(recent);
  const axis = new Axis([...stamps, ...f.stamps]);
  const x = [...stamps, ...f.stamps].map(axis.place);
  const gap = stamps.map(() => null);
  const after = (v) => { const line = [...gap, ...v]; if (stamps.length) line[stamps.length - 1] = before.at(-1); return line; };
  const plain = (v) => [...gap, ...v];
  const q = f.quantiles;
  const data = [x, [...before, ...f.stamps.map(() => null)], plain(q["0.975"]), plain(q["0.025"]), plain(q["0.9"]), plain(q["0.1"]), after(f.median)];
  const lines = [
    { label: model.channels[channel()], colour: "--quiet" },
    { label: "95 % to", width: 0 }, { label: "95 % from", width: 0 }, { label: "80 % to", width: 0 }, { label: "80 % from", width: 0 },
    { label: "median", colour: "--main", width: 2.2 },
  ];
  if (extra) {
    data.push(after(extra.median));
    lines.push({ label: "before the change", colour: "--mark", dash: [6, 4], width: 1.8 });
  }
  chart(into, {
    axis, data, lines, bands: [{ series: [2, 3], colour: "--main", part: 0.16 }, { series: [4, 5], colour: "--main", part: 0.26 }],
    label: `Forecast of ${$("series").value || model.name}: from ${number(f.median[0])} at ${f.stamps[0]} to ${number(f.median.at(-1))} at ${f.stamps.at(-1)}; the table below has all values.`,
  });
  const rows = [["time", "median", "80 % from", "to", "95 % from", "to"], ...f.stamps.map((s, i) => [s, ...[f.median, q["0.1"], q["0.9"], q["0.025"], q["0.975"]].map((v) => number(v[i]))])];
  into.append(make("details", {}, make("summary", { textContent: "As a table" }), table(rows, "Forecast")));
  remark(into, f.notes);
}

function remark(into, notes) {
  if (notes.length) into.append(make("ul", { className: "quiet" }, ...notes.slice(0, 10).map((n) => make("li", { textContent: n }))));
}

async function forecast(signal) {
  const f = await predict(signal);
  return (into) => fan(into, f);
}

async function scores() {
  return (into) => {
    if (!model.scores?.length) {
      into.append(make("p", { textContent: "The model was fitted without an examination, or the series are too short for one: there are no scores." }));
      return;
    }
    const columns = ["MASE", "sMAPE", "CRPS", "SQL", "WQL", "MSIS", "cov 80", "cov 95"].filter((c) => model.scores.some((s) => c in s.scores));
    const ranked = model.scores.toSorted((a, b) => (a.scores.SQL ?? Infinity) - (b.scores.SQL ?? Infinity));
    into.append(
      make("p", { textContent: "Forecasts of the past, scored by what came. Less is better, but for the coverages, which should be 0.80 and 0.95." }),
      table([["model", ...columns], ...ranked.map((s) => [s.model, ...columns.map((c) => number(s.scores[c]))])], "Leaderboard", (i) => ranked[i].model === model.kind),
    );
  };
}

// ofSeries returns the rows of an answer that are of the series that is chosen, with a way to
// get at columns. body are the series to ask about, of none those of the model.
async function ofSeries(verb, signal, parameters = {}, body = undefined) {
  const response = await ask(`${path()}/${verb}?${new URLSearchParams(parameters)}`, { method: "POST", accept: "text/csv", signal, body, type: body && "text/csv" });
  const { head, rows } = await rowsOf(response);
  const id = $("series").value;
  const time = Math.max(head.indexOf(past.time), head.indexOf("ds"), 0);
  const own = time > 0 ? rows.filter((r) => r[0] === id) : rows;
  return {
    head, stamps: own.map((r) => r[time]), first: time + 1,
    column: (name) => { const k = head.indexOf(name); return k < 0 ? null : own.map((r) => (r[k] === "" ? null : Number(r[k]))); },
  };
}

async function components(signal) {
  const by = ["stl", "lgssm"].includes(model.kind) ? {} : { by: model.step === "irregular" ? "lgssm" : "stl" };
  const parts = await ofSeries("components", signal, by);
  const prefix = model.channels.length > 1 ? `${model.channels[channel()]}-` : "";
  const names = parts.head.slice(parts.first).filter((h) => h.startsWith(prefix) && !/-(lo|hi)-\d/.test(h));
  const axis = new Axis(parts.stamps), x = parts.stamps.map(axis.place);
  return (into) => {
    into.append(make("p", { className: "quiet", textContent: `The series as a sum of its parts${by.by ? `, by ${by.by}` : ""}.` }));
    names.forEach((name, i) => chart(into, {
      axis, data: [x, parts.column(name)], height: 130, sync: "components", label: `${name} over time`,
      lines: [{ label: name, colour: ["--quiet", "--main", "--other", "--mark"][i % 4] }],
    }));
  };
}

async function anomalies(signal) {
  const found = await ofSeries("detect", signal);
  const name = model.channels[channel()];
  const [value, expected, lo, hi, p, anomalous] = ["", "-expected", "-lo", "-hi", "-p", "-anomaly"].map((end) => found.column(name + end));
  const axis = new Axis(found.stamps), x = found.stamps.map(axis.place);
  const which = found.stamps.map((_, i) => i).filter((i) => anomalous[i] === 1);
  return (into) => {
    chart(into, {
      axis, data: [x, hi, lo, expected, value, value.map((v, i) => (anomalous[i] === 1 ? v : null))],
      bands: [{ series: [1, 2], colour: "--main", part: 0.2 }], label: `${which.length} anomalous values of ${name}; the table below has them.`,
      lines: [{ label: "usual up to", width: 0 }, { label: "usual from", width: 0 }, { label: "expected", colour: "--main" }, { label: name, colour: "--quiet" }, { label: "anomalous", colour: "--bad", points: true }],
    });
    if (!which.length) into.append(make("p", { textContent: "No value is anomalous at a rate of one false alarm in a thousand." }));
    else into.append(table([["time", "value", "expected", "usual from", "to", "p"], ...which.map((i) => [found.stamps[i], ...[value, expected, lo, hi, p].map((c) => number(c[i]))])], "Anomalous values"));
  };
}

async function errors(signal) {
  const draw = residuals(await ofSeries("detect", signal), model.channels[channel()]);
  return (into) => draw(into, (spec) => chart(into, spec));
}

async function intervals(signal) {
  const draw = await calibration(path(), model, past, channel(), steps(), signal);
  return (into) => draw(into, (spec) => chart(into, spec));
}

async function latent(signal) {
  const states = await ofSeries("encode", signal, { horizon: steps(), level: "80", samples: 100 }, past.csv);
  const names = states.head.slice(states.first).filter((h) => !/-(lo|hi)-\d/.test(h));
  const axis = new Axis(states.stamps), x = states.stamps.map(axis.place);
  const from = Math.max(states.stamps.length - steps(), 0);
  const colours = ["--main", "--mark", "--other", "--quiet"];
  return (into) => {
    into.append(make("p", { className: "quiet", textContent: "The state that the model sees behind the series, and how its differential equation carries it on. Drag the horizon, or move it with the arrow keys, to integrate further." }));
    const short = names.map((n) => n.split("-").at(-1));
    chart(into, {
      axis, data: [x, ...names.map((n) => states.column(n))], height: 240, label: `Latent variables ${short.join(", ")} over time`,
      lines: names.map((_, i) => ({ label: short[i], colour: colours[i % 4] })),
    });
    if (names.length > 1) shown.push(phase(into, { x: states.column(names[0]), y: states.column(names[1]), from, names: short, label: `Path of ${short[0]} against ${short[1]}; the bold part is the future` }));
  };
}

const total = (values) => values.reduce((a, b) => a + b, 0);

// whatIf lets the covariates that are known ahead be changed.
async function whatIf(signal) {
  const response = await ask(`${path()}/future?horizon=${steps()}`, { method: "POST", accept: "text/csv", signal });
  const { head, rows } = await rowsOf(response);
  const id = $("series").value, time = head.length - model.known.length - 1;
  const own = rows.filter((r) => time === 0 || r[0] === id);
  for (const r of rows) for (let k = time + 1; k < r.length; k++) r[k] ||= "0";
  const before = await predict(signal, { at: writeCSV([head, ...rows]) });
  return (into) => {
    const picture = make("div");
    const draw = (f) => { picture.replaceChildren(); fan(picture, f, f === before ? null : before); };
    let under = new AbortController(), pause;
    const change = () => {
      clearTimeout(pause);
      pause = setTimeout(async () => {
        under.abort();
        under = new AbortController();
        try {
          const f = await predict(under.signal, { at: writeCSV([head, ...rows]) });
          shown.pop()?.();
          draw(f);
          $("busy").textContent = `Forecast again: the medians add up to ${number(total(f.median))}, before the change to ${number(total(before.median))}.`;
        } catch (err) {
          complain(err);
        }
      }, 300);
    };
    into.append(make("p", { className: "quiet", textContent: `What if ${model.known.join(", ")} were otherwise? Change the values; where nothing is known of the future they begin at 0.` }));
    into.append(picture);
    draw(before);
    into.append(table([["time", ...model.known], ...own.map((r) => [r[time], ...model.known.map((name, k) => {
      const input = make("input", { type: "number", step: "any", value: r[time + 1 + k] });
      input.setAttribute("aria-label", `${name} at ${r[time]}`);
      input.addEventListener("input", () => { r[time + 1 + k] = input.value || "0"; change(); });
      return input;
    })])], "Covariates that are known ahead"));
  };
}

// downloads offers what there is to take away.
function downloads() {
  const forms = [
    ["Forecast, CSV", "text/csv", "csv"], ["JSON", "application/json", "json"], ["Picture, PNG", "image/png", "png"], ["SVG", "image/svg+xml", "svg"], ["PDF", "application/pdf", "pdf"],
  ];
  const name = model.name;
  const button = (text, get, file) => {
    const b = make("button", { type: "button", textContent: text });
    b.addEventListener("click", async () => {
      try {
        save(await (await get()).blob(), file);
      } catch (err) {
        complain(err);
      }
    });
    return b;
  };
  $("downloads").replaceChildren(
    ...forms.map(([text, accept, end]) => button(text, () => ask(`${path()}/forecast?horizon=${steps()}`, { method: "POST", accept }), `${name}-forecast.${end}`)),
    button("Report, HTML", () => ask(`${path()}/report?horizon=${steps()}`, { method: "POST", accept: "text/html" }), `${name}-report.html`),
    button("Model", () => ask(`${path()}/file`, { accept: "application/octet-stream" }), `${name}.tsgen`),
    button("Data, CSV", () => ask(`${path()}/history`, { accept: "text/csv" }), `${name}.csv`),
  );
}
