// The first part: a table, and how it is understood.
import { ask, json, parseCSV } from "/page/api.js";
import { $, calm, complain, guarded, make, options } from "/page/dom.js";

const samples = [
  ["passengers", "Airline passengers", "monthly, one series", {}],
  ["shops", "Two shops", "daily, with promotions", { known: ["promotion"] }],
  ["sensor", "A sensor", "hourly, with faults", {}],
  ["pendulum", "A pendulum", "irregular times, for the latent ODE", { kind: "latent-ode" }],
];

// table is the one that was taken: its text or file, and its description.
export let table = null;

// setup wires the part up. taken(description, hints) is called for each table.
export function setup(taken) {
  const take = guarded(async (body, name, hints) => {
    calm();
    $("understood").hidden = true;
    const description = await json("/v1/describe", { method: "POST", body, type: body.type === "text/csv" || !body.type ? "text/csv" : "application/octet-stream" });
    table = { body, name, description };
    show(name, description);
    taken(table, hints);
    look(body, name);
    $("understood-title").focus({ preventScroll: true });
  });
  for (const [id, title, about, hints] of samples) {
    const b = make("button", { type: "button", textContent: `${title}: ${about}` });
    b.addEventListener("click", guarded(async () => take(new Blob([await (await ask(`/page/samples/${id}.csv`)).text()], { type: "text/csv" }), id, hints)));
    $("samples").append(b);
  }
  $("file").addEventListener("change", () => {
    const [f] = $("file").files;
    if (f) take(f, f.name, {});
    $("file").value = "";
  });
  const drop = $("drop");
  for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, (e) => { e.preventDefault(); drop.classList.add("over"); });
  document.addEventListener("dragleave", (e) => { if (!e.relatedTarget) drop.classList.remove("over"); });
  document.addEventListener("drop", (e) => {
    e.preventDefault();
    drop.classList.remove("over");
    const [f] = e.dataTransfer.files;
    if (f) take(f, f.name, {});
  });
}

// look shows a picture of a table.
async function look(body, name) {
  $("look").hidden = true;
  try {
    const picture = await (await ask("/v1/describe", { method: "POST", body, type: "text/csv", accept: "image/png" })).blob();
    URL.revokeObjectURL($("look").src);
    Object.assign($("look"), { src: URL.createObjectURL(picture), alt: `The series of ${name} over time`, hidden: false });
  } catch (err) {
    complain(err);
  }
}

// show shows how a table is understood.
function show(name, d) {
  $("understood-title").textContent = `${name}, as it is understood`;
  const facts = [
    ["Series", `${d.series}, ${d.observations} observations${d.id ? `; ${d.id} names the series` : ""}`],
    ["Values", d.columns.join(", ")],
    ["Times", `${d.first} to ${d.last}, ${d.step}${d.gaps ? `, steps are skipped at ${d.gaps} places` : ""}`],
    ["Seasons", d.seasons?.length ? d.seasons.map((s) => `${s} steps`).join(", ") : "none found"],
    ["Horizon", `${d.horizon} steps, unless you say another`],
  ];
  if (d.notUsed?.length) facts.push(["Not used", d.notUsed.join(", ")]);
  for (const c of d.channels.slice(0, 6)) {
    facts.push([c.name, `${c.least} to ${c.most}, median ${+c.median.toPrecision(5)}${c.missing ? `, ${c.missing} missing` : ""}`]);
  }
  $("facts").replaceChildren(...facts.flatMap(([t, v]) => [make("dt", { textContent: t }), make("dd", { textContent: v })]));
  const remarks = [...(d.remarks || []), ...(d.outliers || []), ...(d.findings || []).map((f) => `line ${f.lines?.[0] ?? "?"}: ${f.value ?? ""} ${f.about ?? f.code ?? ""}`)];
  $("findings").replaceChildren(...remarks.slice(0, 20).map((r) => make("li", { textContent: r })));
  $("understood").hidden = false;
}

// listModels shows the models that there are.
export async function listModels(open) {
  const all = (await json("/v1/models")).filter((m) => m.kind);
  $("stored").hidden = all.length === 0;
  options($("models"), [["", "choose ..."], ...all.map((m) => [m.name, `${m.name} (${m.kind})`])], "");
  $("models").onchange = guarded(() => $("models").value && open($("models").value));
}

// rowsOf returns the header and the rows of a CSV answer.
export async function rowsOf(response) {
  const [head, ...rows] = parseCSV(await response.text());
  return { head, rows };
}
