package serve

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// A Question is what all questions have in common. The names of parameters are those of the
// command's flags, and what they mean is what the flags mean.
type Question struct {
	Accept   string  `header:"Accept" doc:"text/csv, application/json, application/vnd.apache.arrow.stream or .file or, where there is a picture, image/png, image/svg+xml or application/pdf; by default what was sent, or JSON"`
	Deadline float64 `query:"deadline" exclusiveMinimum:"0" doc:"seconds that the answer may take, at most those of the service"`

	Name    string
	request *http.Request
	writer  http.ResponseWriter
}

// Resolve implements huma.Resolver.
func (q *Question) Resolve(ctx huma.Context) []error {
	q.request, q.writer = humago.Unwrap(ctx)
	q.Name = q.request.PathValue("name")
	return nil
}

func (q *Question) base() *Question { return q }

type asker interface{ base() *Question }

// Reading are the parameters by which tables are read.
type Reading struct {
	ID         string `query:"id" doc:"column that names the series, or several"`
	Time       string `query:"time" doc:"column of time stamps"`
	Target     string `query:"target" doc:"columns of values"`
	Known      string `query:"known" doc:"columns of covariates known ahead"`
	TimeLayout string `query:"time-layout" doc:"layout of the time stamps"`
	Zone       string `query:"zone" doc:"zone of time stamps without one"`
	Step       string `query:"step" doc:"step of the times"`
	Delimiter  string `query:"delimiter" doc:"between cells"`
	Decimal    string `query:"decimal" doc:"mark of decimals"`
	Thousands  string `query:"thousands" doc:"mark of thousands"`
	Encoding   string `query:"encoding" doc:"of the text"`
	Duplicates string `query:"duplicates" doc:"what becomes of rows of the same time"`
	Accepted   string `query:"accept" doc:"codes of findings to go on in spite of"`
	NA         string `query:"na" doc:"texts that mean a missing value"`
	Snap       string `query:"snap" enum:"auto,never,always" doc:"move stamps onto the grid"`
	Every      string `query:"every" doc:"bring rows together to this step"`
	Aggregate  string `query:"aggregate" doc:"how rows are brought together"`
	MaxGap     string `query:"max-gap" doc:"longest gap to take as missing values"`
}

// Drawing are the parameters of what is drawn.
type Drawing struct {
	Seed    int64     `query:"seed" minimum:"0" doc:"seed of what is random"`
	Samples int       `query:"samples" minimum:"1" doc:"number of draws"`
	Level   []float64 `query:"level" doc:"levels of the intervals in percent"`
}

type forecastQuestion struct {
	Question
	Reading
	Drawing
	Horizon   int    `query:"horizon" minimum:"1" doc:"steps ahead; by default those of the fit"`
	Paths     int    `query:"paths" minimum:"1" doc:"that many sample paths in place of quantiles"`
	Sum       string `query:"sum" doc:"forecast sums over a period"`
	Hierarchy string `query:"hierarchy" doc:"columns of levels whose forecasts add up"`
	Mean      bool   `query:"mean" doc:"the means, too"`
	Calibrate bool   `query:"calibrate" doc:"correct the intervals as the model file says; true by default"`
	Min       string `query:"min" doc:"least values of channels"`
	Max       string `query:"max" doc:"greatest values of channels"`
}

type imputeQuestion struct {
	Question
	Reading
	Drawing
	Signal bool   `query:"signal" doc:"without the noise of observations"`
	Min    string `query:"min" doc:"least values of channels"`
	Max    string `query:"max" doc:"greatest values of channels"`
}

type encodeQuestion struct {
	Question
	Reading
	Drawing
	Horizon int `query:"horizon" minimum:"1" doc:"steps to go on after the end of every series"`
}

type futureQuestion struct {
	Question
	Reading
	Horizon int `query:"horizon" minimum:"1" doc:"steps to write; by default those of the fit"`
}

type generateQuestion struct {
	Question
	Number int   `query:"number" minimum:"1" doc:"number of series"`
	Length int   `query:"length" minimum:"1" doc:"times of each"`
	Seed   int64 `query:"seed" minimum:"0" doc:"seed of the series"`
	Signal bool  `query:"signal" doc:"without the noise of observation"`
}

type detectQuestion struct {
	Question
	Reading
	Rate   float64 `query:"rate" doc:"share of values found where nothing is wrong"`
	Season string  `query:"season" doc:"steps in a season"`
	Seed   int64   `query:"seed" minimum:"0" doc:"seed of sample paths"`
}

type likelihoodQuestion struct {
	Question
	Reading
	Seed    int64 `query:"seed" minimum:"0" doc:"seed of the draws"`
	Samples int   `query:"samples" minimum:"1" doc:"draws of a bound"`
}

type componentsQuestion struct {
	Question
	Reading
	By     string    `query:"by" doc:"kind of model that splits: stl or lgssm"`
	Season string    `query:"season" doc:"steps in a season"`
	Level  []float64 `query:"level" doc:"levels of the intervals in percent"`
}

type reportQuestion struct {
	Question
	Reading
	Horizon int    `query:"horizon" minimum:"1" doc:"steps to forecast; by default those of the fit"`
	Series  string `query:"series" doc:"names of the series to show"`
	Title   string `query:"title" doc:"title of the report"`
	Quick   bool   `query:"quick" doc:"leave out what takes long: calibration, residuals and anomalies"`
}

type scoreQuestion struct {
	Question
	Reading
	Samples int    `query:"samples" minimum:"1" doc:"number of draws"`
	Seed    int64  `query:"seed" minimum:"0" doc:"seed of what is random"`
	By      string `query:"by" doc:"scores for each lead or series, too"`
}

type describeQuestion struct {
	Question
	Reading
	Season string `query:"season" doc:"steps in a season"`
}

// An answer is what the command wrote.
type answer struct {
	ContentType string `header:"Content-Type"`
	Vary        string `header:"Vary"`
	Notes       string `header:"Tsgen-Notes" doc:"what is to be known of the answer: a JSON list of sentences"`
	Body        []byte
}

// registerQuestions adds the questions to the API.
func (s *Server) registerQuestions(api huma.API) {
	const at = "/v1/models/{name}/"
	register[forecastQuestion](s, api, &verb{name: "forecast", path: at + "forecast", pictures: true, json: true, modelled: true,
		tables: []string{"history", "at"}, summary: "Forecast",
		about: "Continues the series of the model, or those of history. at names the times, and has the covariates that are known ahead."})
	register[futureQuestion](s, api, &verb{name: "future", path: at + "future", modelled: true,
		tables: []string{"history"}, summary: "Write the rows of the future", about: "The times to forecast, with empty columns for the covariates that are known ahead: to fill in, and to send as at."})
	register[imputeQuestion](s, api, &verb{name: "impute", path: at + "impute", modelled: true,
		tables: []string{"history", "at"}, summary: "Fill in missing values", about: "Fills the gaps in the series of the model, or in those of history, and at the times of at."})
	register[generateQuestion](s, api, &verb{name: "generate", path: at + "generate", modelled: true,
		tables: []string{"times", "known"}, summary: "Draw new series", about: "Draws series like those that the model learned from, at the times of times if there are any."})
	register[detectQuestion](s, api, &verb{name: "detect", path: at + "detect", pictures: true, modelled: true,
		tables: []string{"history"}, summary: "Find anomalous values", about: "Finds values that the model holds improbable, at a rate of false alarms that you choose."})
	register[likelihoodQuestion](s, api, &verb{name: "likelihood", path: at + "likelihood", modelled: true,
		tables: []string{"history"}, summary: "Tell how probable series are", about: "The log-likelihood of each series, or a bound on it."})
	register[componentsQuestion](s, api, &verb{name: "components", path: at + "components", pictures: true, modelled: true,
		tables: []string{"history"}, summary: "Split into trend, seasons and remainder", about: "Splits the series of the model, or those of history."})
	register[encodeQuestion](s, api, &verb{name: "encode", path: at + "encode", pictures: true, modelled: true,
		tables: []string{"history"}, summary: "Find latent states", about: "The latent states behind the series, and how they go on."})
	register[reportQuestion](s, api, &verb{name: "report", path: at + "report", modelled: true, answers: []string{typeHTML},
		tables: []string{"history"}, summary: "Report", about: "All about the model and its series, or those of history, as one HTML file: data, scores, forecast, components, calibration, residuals, anomalies."})
	register[scoreQuestion](s, api, &verb{name: "score", path: at + "score", modelled: true, answers: []string{typeJSON},
		tables: []string{"actual", "history"}, summary: "Score against actual values", about: "The model forecasts the times of actual, and is scored by what is there."})
	register[describeQuestion](s, api, &verb{name: "describe", path: "/v1/describe", json: true, pictures: true, answers: []string{typeJSON},
		tables: []string{"data"}, summary: "Say how a table is understood", about: "What fit would take the table for: columns, times, seasons, what is to be looked at."})
}

// register adds a question whose parameters are those of Q.
func register[Q any](s *Server, api huma.API, v *verb) {
	v.parameters = fieldNames[Q]()
	op := huma.Operation{
		OperationID: v.name, Method: http.MethodPost, Path: v.path, Summary: v.summary, Description: v.about, Tags: []string{"Questions"},
		Responses: map[string]*huma.Response{"200": response(v)},
		Errors:    []int{400, 401, 404, 413, 422, 429, 504},
	}
	if v.modelled {
		op.Parameters = []*huma.Param{nameParameter()}
	}
	huma.Register(api, op, func(ctx context.Context, in *Q) (*answer, error) {
		return s.answer(ctx, v, any(in).(asker).base())
	})
	describeBody(api, v.path, requestBody(v))
}

func nameParameter() *huma.Param {
	return &huma.Param{Name: "name", In: "path", Required: true, Description: "name of the model", Schema: &huma.Schema{Type: huma.TypeString}}
}

// requestBody describes the body of a question.
func requestBody(v *verb) *huma.RequestBody {
	table := &huma.Schema{Description: "A table: a list of rows, an object of columns, or CSV text.", OneOf: []*huma.Schema{
		{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}},
		{Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{}}},
		{Type: huma.TypeString},
	}}
	document := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: true,
		Description: "Tables, and any parameter of the question beside them."}
	for _, name := range v.tables {
		document.Properties[name] = table
	}
	return &huma.RequestBody{
		Description: "CSV of " + v.tables[0] + ", plain or packed, the same in Arrow IPC, or a JSON document with " + strings.Join(v.tables, ", "),
		Content: map[string]*huma.MediaType{
			typeCSV:  {Schema: &huma.Schema{Type: huma.TypeString}},
			typeJSON: {Schema: document},

			typeArrowStream: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
			typeArrowFile:   {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		},
	}
}

// response describes the answer to a question.
func response(v *verb) *huma.Response {
	r := &huma.Response{Description: "What tsgen " + v.name + " writes", Content: make(map[string]*huma.MediaType)}
	for _, kind := range v.types() {
		schema := &huma.Schema{Type: huma.TypeString, Format: "binary"}
		switch kind {
		case typeJSON:
			schema = &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
		case typeCSV, typeHTML:
			schema.Format = ""
		}
		r.Content[kind] = &huma.MediaType{Schema: schema}
	}
	return r
}

// describeBody describes the body of a POST or PUT that the handler reads itself: of one that it
// knows before, huma would read it.
func describeBody(api huma.API, path string, body *huma.RequestBody) {
	item := api.OpenAPI().Paths[path]
	if item.Post != nil {
		item.Post.RequestBody = body
	}
	if item.Put != nil {
		item.Put.RequestBody = body
	}
}
