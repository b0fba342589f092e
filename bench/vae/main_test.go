//go:build unix

package main

import (
	"slices"
	"testing"

	"tsgen/series"
)

func TestSplit(t *testing.T) {
	p := &series.Panel{Channels: []string{"a", "label", "b"}}
	s := &series.Series{}
	for i := range 10 {
		s.Times = append(s.Times, float64(i))
		s.Values = append(s.Values, float64(i), -1, float64(10*i))
	}
	p.Series = []*series.Series{s}
	train, test, err := split(p, "label")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(train.Channels, []string{"a", "b"}) || train.Series[0].Len() != 8 {
		t.Errorf("channels %v, %d rows", train.Channels, train.Series[0].Len())
	}
	if !slices.Equal(test.Series[0].Values, []float64{8, 80, 9, 90}) {
		t.Errorf("held back %v", test.Series[0].Values)
	}
	p.Series = append(p.Series, s)
	if _, _, err := split(p, "label"); err == nil {
		t.Error("two series pass")
	}
}
