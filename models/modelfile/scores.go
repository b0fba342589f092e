package modelfile

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// storedScore is a ModelScore as JSON.
type storedScore struct {
	Model  string            `json:"model"`
	Scores map[string]number `json:"scores"`
}

// A number is a float64 whose JSON may also be one of the texts "NaN", "+Inf"
// and "-Inf".
type number float64

// MarshalJSON implements json.Marshaler.
func (x number) MarshalJSON() ([]byte, error) {
	v := float64(x)
	text := strconv.FormatFloat(v, 'g', -1, 64)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		text = strconv.Quote(text)
	}
	return []byte(text), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (x *number) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"NaN"`:
		*x = number(math.NaN())
		return nil
	case `"+Inf"`:
		*x = number(math.Inf(1))
		return nil
	case `"-Inf"`:
		*x = number(math.Inf(-1))
		return nil
	case "null":
		return fmt.Errorf("null where a number is expected")
	}
	return json.Unmarshal(text, (*float64)(x))
}

func encodeScores(scores []ModelScore) []storedScore {
	stored := make([]storedScore, len(scores))
	for i, s := range scores {
		stored[i] = storedScore{Model: s.Model, Scores: make(map[string]number, len(s.Scores))}
		for name, v := range s.Scores {
			stored[i].Scores[name] = number(v)
		}
	}
	return stored
}

// decodeScores returns the scores in the JSON text, none if it is empty.
func decodeScores(text string) ([]ModelScore, error) {
	if text == "" {
		return nil, nil
	}
	var stored []storedScore
	if err := unmarshal(text, &stored); err != nil {
		return nil, err
	}
	scores := make([]ModelScore, len(stored))
	for i, s := range stored {
		scores[i] = ModelScore{Model: s.Model, Scores: make(map[string]float64, len(s.Scores))}
		for name, v := range s.Scores {
			scores[i].Scores[name] = float64(v)
		}
	}
	return scores, nil
}
