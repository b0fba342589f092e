package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tsgen/models"
	"tsgen/series"
)

// A ModelQuestion names a model.
type ModelQuestion struct {
	Name string `path:"name" doc:"name of the model"`
}

// An upload is a model file that a client sends.
type upload struct {
	ModelQuestion
	request *http.Request
	writer  http.ResponseWriter
}

// Resolve implements huma.Resolver.
func (u *upload) Resolve(ctx huma.Context) []error {
	u.request, u.writer = humago.Unwrap(ctx)
	return nil
}

type modelAnswer struct {
	Status int
	ETag   string `header:"ETag"`
	Body   *Model
}

type historyQuestion struct {
	ModelQuestion
	Series string `query:"series" doc:"only the series of this name"`
	Names  bool   `query:"names" doc:"only the names of the series, with their lengths"`
}

// registerModels adds the directory of models to the API.
func (s *Server) registerModels(api huma.API) {
	list := huma.Operation{OperationID: "models", Method: http.MethodGet, Path: "/v1/models", Summary: "List the models", Tags: []string{"Models"}}
	huma.Register(api, list, func(ctx context.Context, _ *struct{}) (*struct{ Body []*Model }, error) {
		all, err := s.models.list(ctx)
		if err != nil {
			return nil, problemOf(ctx, 1, err, s.Dir)
		}
		return &struct{ Body []*Model }{all}, nil
	})
	one := huma.Operation{OperationID: "model", Method: http.MethodGet, Path: "/v1/models/{name}", Summary: "Tell of a model", Tags: []string{"Models"}, Errors: []int{404}}
	huma.Register(api, one, func(_ context.Context, in *ModelQuestion) (*modelAnswer, error) {
		return s.model(in.Name, http.StatusOK)
	})

	file := huma.Operation{OperationID: "download", Method: http.MethodGet, Path: "/v1/models/{name}/file", Summary: "Download a model file", Tags: []string{"Models"}, Errors: []int{401, 404},
		Responses: binary("the model file")}
	huma.Register(api, file, func(_ context.Context, in *ModelQuestion) (*huma.StreamResponse, error) {
		path, err := s.models.existing(in.Name)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", in.Name+suffix))
			http.ServeFile(w, r, path)
		}}, nil
	})
	put := huma.Operation{OperationID: "upload", Method: http.MethodPut, Path: "/v1/models/{name}", Summary: "Upload a model file", Tags: []string{"Models"}, Errors: []int{400, 401, 413, 422},
		Description: "The file takes the place of one of the same name at once; questions that are being answered are answered by the old one."}
	huma.Register(api, put, func(ctx context.Context, in *upload) (*modelAnswer, error) { return s.upload(ctx, in) })
	describeBody(api, put.Path, &huma.RequestBody{Required: true, Content: binary("")["200"].Content})

	remove := huma.Operation{OperationID: "delete", Method: http.MethodDelete, Path: "/v1/models/{name}", Summary: "Delete a model", Tags: []string{"Models"}, Errors: []int{401, 404}}
	huma.Register(api, remove, func(ctx context.Context, in *ModelQuestion) (*struct{}, error) {
		if err := s.models.remove(in.Name); err != nil {
			return nil, asProblemOf(ctx, err)
		}
		return nil, nil
	})
	history := huma.Operation{OperationID: "history", Method: http.MethodGet, Path: "/v1/models/{name}/history", Summary: "The series that a model was fitted to, with the covariates known ahead after the values", Tags: []string{"Models"}, Errors: []int{401, 404},
		Responses: map[string]*huma.Response{"200": {Description: "the series", Content: map[string]*huma.MediaType{typeCSV: {Schema: &huma.Schema{Type: huma.TypeString}}}}}}
	huma.Register(api, history, s.history)

	kinds := huma.Operation{OperationID: "kinds", Method: http.MethodGet, Path: "/v1/kinds", Summary: "List the kinds of models", Tags: []string{"Models"}}
	huma.Register(api, kinds, func(context.Context, *struct{}) (*struct{ Body []Kind }, error) {
		return &struct{ Body []Kind }{kindsOf()}, nil
	})
}

func binary(what string) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Description: what, Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
}

// A Kind is a kind of model that can be fitted.
type Kind struct {
	Name      string   `json:"name"`
	About     string   `json:"about"`
	Trained   bool     `json:"trained" doc:"step by step, and so slower to fit"`
	Known     bool     `json:"known" doc:"it uses covariates that are known ahead"`
	Irregular string   `json:"irregular" doc:"what it makes of times that are not equally spaced"`
	Abilities []string `json:"abilities"`
}

func kindsOf() (kinds []Kind) {
	for _, k := range models.Kinds() {
		one := Kind{Name: k.Name, About: k.About, Trained: k.Trained(), Known: k.Known, Irregular: k.Irregular, Abilities: []string{"forecast"}}
		for _, a := range k.Abilities() {
			one.Abilities = append(one.Abilities, string(a))
		}
		kinds = append(kinds, one)
	}
	return kinds
}

// model tells of a model.
func (s *Server) model(name string, status int) (*modelAnswer, error) {
	if _, err := s.models.existing(name); err != nil {
		return nil, err
	}
	m, err := s.models.describe(name)
	if err != nil {
		return nil, problemOf(context.Background(), 1, err, s.Dir)
	}
	return &modelAnswer{Status: status, ETag: `"` + m.Digest + `"`, Body: m}, nil
}

// upload stores a model file.
func (s *Server) upload(ctx context.Context, in *upload) (*modelAnswer, error) {
	if _, err := s.models.path(in.Name); err != nil {
		return nil, err
	}
	data, release, err := s.read(in.writer, in.request, s.Model)
	if err != nil {
		return nil, err
	}
	defer release()
	leave, err := s.questions.enter(ctx)
	if err != nil {
		return nil, asProblemOf(ctx, err)
	}
	defer leave()
	created, err := s.models.put(in.Name, data)
	if err != nil {
		return nil, asProblemOf(ctx, err)
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return s.model(in.Name, status)
}

// history answers with the series of a model.
func (s *Server) history(ctx context.Context, in *historyQuestion) (*answer, error) {
	path, err := s.models.existing(in.Name)
	if err != nil {
		return nil, err
	}
	leave, err := s.questions.enter(ctx)
	if err != nil {
		return nil, asProblemOf(ctx, err)
	}
	defer leave()
	file, _, err := s.models.load(path)
	if err != nil {
		return nil, problemOf(ctx, 4, err, s.Dir)
	}
	p := file.History
	var out bytes.Buffer
	if in.Names {
		type name struct {
			ID   string `json:"id"`
			Rows int    `json:"rows"`
		}
		var names []name
		for _, one := range p.Series {
			names = append(names, name{one.ID, one.Len()})
		}
		data, err := json.Marshal(names)
		return newAnswer(typeJSON, data, nil), err
	}
	if in.Series != "" {
		i := slices.IndexFunc(p.Series, func(one *series.Series) bool { return one.ID == in.Series })
		if i < 0 {
			return nil, newProblem(http.StatusNotFound, codeUnknown, fmt.Sprintf("%s has no series %.120q", in.Name, in.Series))
		}
		p = p.With(p.Series[i : i+1])
	}
	if err := withCovariates(p).WriteCSV(&out); err != nil {
		return nil, err
	}
	return newAnswer(typeCSV, out.Bytes(), nil), nil
}

// withCovariates returns a panel with its known covariates, at the times of its series, as
// channels after its own.
func withCovariates(p *series.Panel) *series.Panel {
	p = p.BareOfEvents()
	if len(p.Known) == 0 {
		return p
	}
	all := p.With(nil)
	all.Channels = slices.Concat(p.Channels, p.Known)
	for _, s := range p.Series {
		x := &series.Series{ID: s.ID, Times: s.Times}
		for i, t := range s.Times {
			known, err := p.KnownAt(s, []float64{t})
			if err != nil {
				known = slices.Repeat([]float64{math.NaN()}, len(p.Known))
			}
			x.Values = append(append(x.Values, s.Row(i)...), known...)
		}
		all.Series = append(all.Series, x)
	}
	return all
}
