package command

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A browser is a page in Chromium, and what it wrote to its console.
type browser struct {
	*testing.T
	ctx     context.Context
	mu      sync.Mutex
	console []string
}

// newBrowser opens Chromium, or skips the test where there is none.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	if testing.Short() || raceDetector {
		t.Skip("the page is tried in a browser without -short and without the race detector")
	}
	i := slices.IndexFunc(chromiums, func(name string) bool { _, err := exec.LookPath(name); return err == nil })
	if i < 0 {
		t.Skip("there is no chromium, in which the page is tried; Debian's package chromium has one")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromiums[i]), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.WindowSize(1200, 900))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Skipf("chromium does not start here, so the page is not tried: %v", err)
	}
	b := &browser{T: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	return b
}

var chromiums = []string{"chromium", "chromium-browser", "google-chrome"}

// listen keeps what the page writes to its console, if it is an error or a warning.
func (b *browser) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		b.console = append(b.console, fmt.Sprintf("%+v", e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.console = append(b.console, fmt.Sprint(e.Type, e.Args))
		}
	}
}

// quiet fails the test if the page wrote an error or a warning to its console.
func (b *browser) quiet() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.console != nil {
		b.Errorf("the console says %q", b.console)
	}
}

// step runs actions, which may take a while.
func (b *browser) step(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 40*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		b.mu.Lock()
		defer b.mu.Unlock()
		b.Fatalf("%s: %v\nthe page says:\n%.3000s\nconsole: %q", what, err, text, b.console)
	}
}

// script runs JavaScript.
func script(text string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (v chromedp.Void, err error) {
		_, err = chromedp.Evaluate[bool](text+"; true")(ctx, t)
		return v, err
	}
}

// until waits for a condition in the page.
func until(condition string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (v chromedp.Void, err error) {
		for {
			// While another page is loaded there is nothing to evaluate in.
			if met, err := chromedp.Evaluate[bool]("Boolean("+condition+")")(ctx, t); err == nil && met {
				return v, nil
			}
			select {
			case <-ctx.Done():
				return v, fmt.Errorf("%s: %w", condition, ctx.Err())
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
}

// scheme has the page be light or dark.
func scheme(name string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (v chromedp.Void, err error) {
		_, err = cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return v, err
	}
}

// picture takes pictures of the page, wide, for a phone and dark, into the directory that
// PAGE_PICTURES names; without it, it does nothing.
func (b *browser) picture(name string) {
	dir := os.Getenv("PAGE_PICTURES")
	if dir == "" {
		return
	}
	for _, v := range []struct {
		name   string
		width  int64
		scheme string
	}{{"phone", 390, "light"}, {"dark", 1200, "dark"}, {"wide", 1200, "light"}} {
		b.step("a picture", chromedp.EmulateViewport(v.width, 900), scheme(v.scheme), chromedp.Sleep(400*time.Millisecond))
		png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			b.Fatal(err)
		}
		write(b.T, filepath.Join(dir, name+"-"+v.name+".png"), string(png))
	}
}
