// The second part: a fit, as a job that is watched.
import { ask, json, watch } from "/page/api.js";
import { plot } from "/page/chart.js";
import { table } from "/page/data.js";
import { $, calm, complain, guarded, make, options } from "/page/dom.js";

let watching = new AbortController();
let job = null;
let unplot = null;

// setup wires the part up. done(name) is called when a model has been fitted.
export async function setup(done) {
  const kinds = await json("/v1/kinds");
  options($("kind"), [["auto", "auto: the best by the past"], ...kinds.map((k) => [k.name])], "auto");
  const about = () => {
    const k = kinds.find((k) => k.name === $("kind").value);
    $("kind-about").textContent = k ? k.about : "All models that suit the data forecast the past; the best, or a blend of the best, is fitted.";
    $("effort").disabled = Boolean(k);
  };
  $("kind").addEventListener("change", about);
  about();
  $("fit-form").addEventListener("submit", guarded(async (e) => {
    e.preventDefault();
    calm();
    const q = new URLSearchParams({ name: $("name").value });
    if ($("fit-horizon").value) q.set("horizon", $("fit-horizon").value);
    if ($("kind").value === "auto") q.set("effort", $("effort").value);
    else q.set("model", $("kind").value);
    const known = [...$("known").selectedOptions].map((o) => o.value);
    if (known.length) q.set("known", known.join(","));
    await follow(await json(`/v1/fit?${q}`, { method: "POST", body: table.body, type: "text/csv" }), done);
  }));
  $("cancel").addEventListener("click", guarded(() => ask(`/v1/jobs/${job.id}`, { method: "DELETE" })));
  $("resume").addEventListener("click", guarded(async () => {
    calm();
    await follow(await json(`/v1/fit?${new URLSearchParams({ resume: job.name })}`, { method: "POST" }), done);
  }));
  return about;
}

// prepare fills the form for a table.
export function prepare({ name, description }, hints, about) {
  $("fit").hidden = false;
  $("name").value = name.replace(/\.[^]*$/, "").replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "model";
  $("fit-horizon").value = description.horizon;
  const candidates = [...description.columns, ...(description.known || [])];
  options($("known"), candidates.map((c) => [c]));
  for (const o of $("known").options) o.selected = Boolean(hints.known?.includes(o.value));
  $("known").parentElement.hidden = candidates.length < 2;
  $("kind").value = hints.kind || "auto";
  about();
}

// follow watches a job until it is over.
export async function follow(begun, done) {
  watching.abort();
  watching = new AbortController();
  job = begun;
  $("fit").hidden = $("job").hidden = false;
  $("cancel").hidden = false;
  $("resume").hidden = true;
  $("notes").replaceChildren();
  $("loss").replaceChildren();
  unplot?.();
  unplot = null;
  const curve = { phase: "", update: [], loss: [], valid: [] };
  let drawn = 0;
  state(begun);
  const on = (kind, data) => {
    if (kind === "note") $("notes").append(make("li", { textContent: data.note }));
    if (kind === "state") state(data);
    if (kind !== "progress") return;
    if (data.phase === "choice") {
      bar((data.number - 1) / data.of);
      say(`Examining ${data.candidate}, ${data.number} of ${data.of}`);
      return;
    }
    if (data.phase !== curve.phase) Object.assign(curve, { phase: data.phase, update: [], loss: [], valid: [], seen: null });
    curve.seen ??= { update: data.update - 1, seconds: 0 };
    curve.update.push(data.update);
    curve.loss.push(data.loss);
    curve.valid.push(data.valid);
    bar(data.update / data.updates);
    const left = ((data.seconds * (data.updates - data.update)) / Math.max(data.update - curve.seen.update, 1)).toFixed(0);
    say(`${data.phase}: update ${data.update} of ${data.updates}, loss ${data.loss?.toPrecision(4)}, ${data.done ? "done" : `at most ${left} s left`}`);
    if (Date.now() - drawn > 1000 || data.done) {
      drawn = Date.now();
      unplot?.();
      unplot = plot($("loss"), {
        axis: { kind: "number" }, height: 180, label: `Loss by update of the ${data.phase}`,
        data: [curve.update, curve.loss, curve.valid],
        lines: [{ label: "loss", colour: "--main" }, { label: "score of what is held out", colour: "--mark", span: true }],
      });
    }
  };
  try {
    await watch(begun.id, on, watching.signal);
  } catch (err) {
    complain(err);
    return;
  }
  if (job.state === "done") await done(job.name);
}

const bar = (part) => { $("job-bar").value = part; };

let said = 0;
// say tells how the fit goes, not so often that a screen reader cannot keep up.
function say(text) {
  if (Date.now() - said < 1000) return;
  said = Date.now();
  $("job-state").textContent = text;
}

function state(j) {
  job = j;
  const words = { waiting: "waits for its turn", running: "is being fitted", done: "is fitted", failed: "could not be fitted", cancelled: "was not fitted to the end" };
  $("job-state").textContent = `${j.name} ${words[j.state]}.` + (j.canGoOn ? " What it has reached is kept." : "");
  const over = !["waiting", "running"].includes(j.state);
  $("cancel").hidden = over;
  $("job-bar").hidden = over;
  $("job-bar").removeAttribute("value");
  $("resume").hidden = !j.canGoOn;
  if (j.problem) complain({ message: j.problem.detail, problem: j.problem });
}
