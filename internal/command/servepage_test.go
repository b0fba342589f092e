package command

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tsgen/serve"
)

// servedFor starts a service of a directory and returns its address and a token.
func servedFor(t *testing.T, dir string) (address, token string) {
	t.Helper()
	one, text := serve.NewToken()
	s, err := serve.New(serve.Config{Dir: dir, Run: runServed, Tokens: []serve.Token{one}, OpenRead: true, Limits: serve.Limits{Grace: 2 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String(), text
}

const (
	fitClick = `document.querySelector("#fit-form button").click()`
	stopped  = `document.getElementById("job-state").textContent.includes("not fitted to the end")`
)

// TestPage goes from a sample to a forecast as a newcomer does, with a wrong file, a job that is
// cancelled and a reload on the way: the page must show each of them, and write no error to the
// console alone.
func TestPage(t *testing.T) {
	b := newBrowser(t)
	dir := t.TempDir()
	address, token := servedFor(t, dir)
	wrong := write(t, filepath.Join(t.TempDir(), "wrong.csv"), "ds,y\n2020-01,1\n2020-02,2\n2020-03,x\n")
	right := write(t, filepath.Join(t.TempDir(), "right.csv"), string(read(t, airpassengers)))

	b.step("the page", chromedp.Navigate(address+"/#token="+token), until(`document.querySelectorAll("#samples button").length === 4 && document.querySelector("#kind option")`))
	b.step("a wrong file", chromedp.SetUploadFiles("#file", []string{wrong}),
		until(`!document.getElementById("alert").hidden && document.getElementById("alert-text").textContent.includes("not a number")`))
	b.picture("wrong")
	b.step("a file", chromedp.SetUploadFiles("#file", []string{right}),
		until(`!document.getElementById("understood").hidden && document.getElementById("facts").textContent.includes("monthly") && document.getElementById("alert").hidden`))

	b.step("a fit that is cancelled", script(`document.getElementById("kind").value = "vrnn"; document.getElementById("name").value = "stopped"`), script(fitClick),
		until(`document.querySelector("#loss canvas")`))
	b.picture("training")
	b.step("cancelled", script(`document.getElementById("cancel").click()`), until(stopped))
	b.step("a fit over which the page is loaded again", script(fitClick), until(`!document.getElementById("cancel").hidden`),
		chromedp.Reload(), until(`document.getElementById("job") && !document.getElementById("job").hidden && !document.getElementById("cancel").hidden`),
		script(`document.getElementById("cancel").click()`), until(stopped))

	b.step("a sample", script(`document.querySelector("#samples button").click()`), until(`document.getElementById("understood-title").textContent.startsWith("passengers")`),
		script(`document.getElementById("kind").value = "ets"`), script(fitClick), until(`document.querySelector("#panel canvas")`))
	b.picture("forecast")
	b.step("the horizon", script(`{ const h = document.getElementById("horizon"); h.value = 60; h.dispatchEvent(new Event("input")); }`),
		until(`document.querySelectorAll("#panel details tbody tr").length === 60`))
	for _, tab := range []struct{ id, shows string }{
		{"scores", `[...document.querySelectorAll("#panel tbody tr")].some((r) => r.textContent.startsWith("seasonal-naive"))`},
		{"components", `document.querySelectorAll("#panel canvas").length >= 3`},
		{"residuals", `document.querySelectorAll("#panel canvas").length === 2 && document.getElementById("panel").textContent.includes("autocorrelations are beyond")`},
		{"calibration", `document.querySelectorAll("#panel canvas").length === 2 && /[0-9]+ % lie within the 80 %/.test(document.getElementById("panel").textContent)`},
		{"anomalies", `document.querySelectorAll("#panel canvas").length === 1 && document.getElementById("panel").textContent.includes("anomal")`},
	} {
		b.step(tab.id, script(`document.getElementById("tab-`+tab.id+`").click()`), until(tab.shows))
		b.picture(tab.id)
	}
	b.step("a report", script(`{ const give = URL.createObjectURL; URL.createObjectURL = (blob) => { blob.text().then((text) => { window.given = text; }); return give(blob); } }`),
		script(`[...document.querySelectorAll("#downloads button")].find((x) => x.textContent.startsWith("Report")).click()`),
		until(`window.given?.includes("How far the intervals can be trusted") && window.given.includes("tsgen report passengers.tsgen")`))
	b.step("keys", chromedp.Focus("#tab-anomalies"), script(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Home", bubbles: true }))`),
		until(`document.activeElement.id === "tab-forecast" && document.querySelectorAll("#panel details tbody tr").length === 60`))
	b.step("a phone", chromedp.EmulateViewport(390, 800), until(`document.documentElement.scrollWidth <= 390`))
	b.step("the documents", chromedp.Navigate(address+"/docs"), until(`document.body.textContent.includes("POST /v1/models/{name}/forecast")`))
	b.quiet()
	if have := list(t, dir); !strings.Contains(have, "passengers.tsgen") {
		t.Errorf("the models are %s, want passengers.tsgen", have)
	}
}

// TestPageOfModels opens models that there are: the paths of a latent ODE grow as the horizon is
// moved, and a covariate that is known ahead changes the forecast.
func TestPageOfModels(t *testing.T) {
	b := newBrowser(t)
	dir := t.TempDir()
	const samples = "../../serve/page/samples/"
	mustRun(t, "fit", samples+"pendulum.csv", "-m", "latent-ode", "--horizon", "15", "--updates", "150", "--no-examine", "-o", filepath.Join(dir, "pendulum.tsgen"))
	mustRun(t, "fit", samples+"shops.csv", "-m", "regression", "--horizon", "28", "--known", "promotion", "-o", filepath.Join(dir, "shops.tsgen"))
	address, token := servedFor(t, dir)
	b.step("the page", chromedp.Navigate(address+"/#token="+token), until(`document.querySelectorAll("#models option").length === 3`))
	const choose = `{ const m = document.getElementById("models"); m.value = "%s"; m.dispatchEvent(new Event("change")); }`
	b.step("a latent ODE", script(strings.Replace(choose, "%s", "pendulum", 1)), until(`document.querySelector("#panel canvas")`),
		script(`document.getElementById("tab-encode").click()`), until(`document.querySelector("canvas.phase")`))
	b.picture("latent")
	const last = `document.querySelector("canvas.phase").toDataURL()`
	b.step("a further horizon", script(`window.before = `+last+`; const h = document.getElementById("horizon"); h.value = 50; h.dispatchEvent(new Event("input"))`),
		until(`document.querySelector("canvas.phase") && `+last+` !== window.before`))
	b.picture("latent-further")
	b.step("known covariates", script(strings.Replace(choose, "%s", "shops", 1)), until(`document.getElementById("tab-whatif")`),
		script(`document.getElementById("tab-whatif").click()`), until(`document.querySelector("#panel td input")`),
		script(`for (const i of [...document.querySelectorAll("#panel td input")].slice(5, 10)) { i.value = "1"; i.dispatchEvent(new Event("input")); }`),
		until(`document.getElementById("busy").textContent.startsWith("Forecast again")`))
	b.picture("whatif")
	b.step("the past with its covariates", script(`document.getElementById("tab-calibration").click()`), until(`document.getElementById("panel").textContent.includes("from 5 moments")`))
	b.picture("calibration-known")
	b.step("another series", script(`document.getElementById("tab-whatif").click()`), until(`document.querySelector("#panel td input")`), script(`{ const s = document.getElementById("series"); s.value = "South"; s.dispatchEvent(new Event("change")); }`),
		until(`document.querySelector("#panel td input") && document.getElementById("busy").textContent === ""`))
	b.step("no complaint", until(`document.getElementById("alert").hidden`))
	b.quiet()
}
