package serve

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed page
var page embed.FS

// policy lets the page load what is embedded, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// registerPage adds the page, and that of the documents at /docs.
func (s *Server) registerPage(mux *http.ServeMux) {
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // there is no such directory
	}
	serve := http.FileServerFS(files)
	secured := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", policy)
			w.Header().Set("Referrer-Policy", "no-referrer")
			if name == "" {
				serve.ServeHTTP(w, r)
				return
			}
			http.ServeFileFS(w, r, files, name)
		}
	}
	mux.HandleFunc("GET /{$}", secured("index.html"))
	mux.HandleFunc("GET /docs", secured("docs.html"))
	mux.Handle("GET /page/", http.StripPrefix("/page", secured("")))
}
