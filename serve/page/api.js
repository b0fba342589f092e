// What the page asks of the service.

const kept = window.sessionStorage;

// takeToken takes the token out of the address, where tsgen serve puts it.
export function takeToken() {
  const found = location.hash.match(/^#token=([A-Za-z0-9._~+/=-]+)$/);
  if (!found) return;
  kept.setItem("token", found[1]);
  history.replaceState(null, "", location.pathname);
}

export const setToken = (text) => kept.setItem("token", text);

// Failure is what the service says went wrong.
export class Failure extends Error {
  constructor(problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }
}

// ask sends a request and returns the response, or throws a Failure. Where the service is busy
// it asks again a few times.
export async function ask(path, { method = "GET", body, type, accept = "application/json", signal, last } = {}) {
  const headers = { Accept: accept };
  const token = kept.getItem("token");
  if (token) headers.Authorization = `Bearer ${token}`;
  if (type) headers["Content-Type"] = type;
  if (last !== undefined) headers["Last-Event-ID"] = last;
  for (let attempt = 0; ; attempt++) {
    let response;
    try {
      response = await fetch(path, { method, body, headers, signal });
    } catch (err) {
      if (err.name === "AbortError") throw err;
      throw new Failure({ detail: "The service does not answer. Is tsgen serve still running?", code: "gone" });
    }
    if (response.status === 429 && attempt < 5) {
      await new Promise((done) => setTimeout(done, 1000 * Number(response.headers.get("Retry-After") || 1)));
      continue;
    }
    if (response.ok) return response;
    let problem = { detail: `${response.status} ${response.statusText}` };
    try {
      problem = await response.json();
    } catch { /* no document came with it */ }
    throw new Failure(problem);
  }
}

export const json = async (path, options) => (await ask(path, options)).json();

// notes returns the sentences that come with an answer.
export function notes(response) {
  try {
    return JSON.parse(response.headers.get("Tsgen-Notes") || "[]");
  } catch {
    return [];
  }
}

// watch calls on(kind, data) for the events of a job until it is over. A broken stream is
// taken up where it broke.
export async function watch(id, on, signal) {
  let last = -1;
  let over = false;
  for (let broken = 0; !over && !signal.aborted; broken++) {
    if (broken > 0) await new Promise((done) => setTimeout(done, Math.min(1000 * broken, 5000)));
    try {
      const response = await ask(`/v1/jobs/${id}/events`, { accept: "text/event-stream", signal, last });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        broken = 0;
        text += value;
        const blocks = text.split("\n\n");
        text = blocks.pop();
        for (const block of blocks) {
          const field = Object.fromEntries(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
          if (field.id === undefined) continue;
          last = Number(field.id);
          const data = JSON.parse(field.data);
          on(field.event, data);
          over ||= field.event === "state" && !["waiting", "running"].includes(data.state);
        }
      }
    } catch (err) {
      if (err.name === "AbortError") return;
      if (err.problem?.status === 404 || broken > 20) throw err;
    }
  }
}

// parseCSV returns the rows of a CSV text, each a list of cells.
export function parseCSV(text) {
  const rows = [];
  let row = [], cell = "", quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') { cell += c; i++; }
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ",") { row.push(cell); cell = ""; }
    else if (c === "\n") { row.push(cell); rows.push(row); row = []; cell = ""; }
    else if (c !== "\r") cell += c;
  }
  if (cell !== "" || row.length) { row.push(cell); rows.push(row); }
  return rows;
}

// writeCSV returns rows as CSV text.
export const writeCSV = (rows) =>
  rows.map((row) => row.map((c) => (/[",\n\r]/.test(c) ? `"${String(c).replaceAll('"', '""')}"` : c)).join(",")).join("\n") + "\n";
