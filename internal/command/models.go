package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/modelfile"
)

// closedFormNames returns the names of the models that are not trained step by
// step, and so take little time.
func closedFormNames() []string {
	return models.ClosedForm()
}

// newModel returns a model with options that the command line sets.
func newModel(kind string, options map[string]string) (forecast.Model, error) {
	m, err := models.New(kind, options)
	var wrong *models.OptionError
	if errors.As(err, &wrong) {
		return nil, usagef("%s: %v; see 'tsgen models %s'", wrong.Model, wrong.Err, wrong.Model)
	}
	return m, err
}

// loadModel reads a model file.
func loadModel(ctx context.Context, path string) (*modelfile.File, forecast.Model, error) {
	m, f, err := models.LoadInto(path, scratchOf(ctx))
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; fit a model first: tsgen fit FILE -o %s", err, path)
	}
	return f, m, err
}
