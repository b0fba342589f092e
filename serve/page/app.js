// The page: a table, a fit, a forecast.
import { json, setToken, takeToken } from "/page/api.js";
import { listModels, setup as setupData } from "/page/data.js";
import { $, calm, complain, guarded } from "/page/dom.js";
import { follow, prepare, setup as setupFit } from "/page/fit.js";
import { open, setup as setupResult } from "/page/result.js";

addEventListener("error", (e) => complain(e.error || new Error(e.message)));
addEventListener("unhandledrejection", (e) => complain(e.reason));
$("alert-close").addEventListener("click", calm);

// show opens a model, and has a reload open it again.
const show = async (name) => {
  history.replaceState(null, "", `#model=${encodeURIComponent(name)}`);
  await open(name);
  await listModels(show);
};

// goOn goes on with what a reload, or another window, left.
async function goOn() {
  const jobs = sessionStorage.getItem("token") ? await json("/v1/jobs") : [];
  const running = jobs.find((j) => ["waiting", "running"].includes(j.state));
  if (running) follow(running, show);
  const named = location.hash.match(/^#model=(.+)$/);
  if (named) await open(decodeURIComponent(named[1]));
}

guarded(async () => {
  takeToken();
  $("token-form").addEventListener("submit", guarded(async (e) => {
    e.preventDefault();
    setToken($("token").value);
    $("token").value = "";
    $("token-form").hidden = true;
    calm();
    await listModels(show);
    await goOn();
  }));
  setupResult();
  const about = await setupFit(show);
  setupData((table, hints) => prepare(table, hints, about));
  await listModels(show);
  await goOn();
})();
