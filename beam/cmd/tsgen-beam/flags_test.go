package main

import (
	"io"
	"strings"
	"testing"
)

// Names of tables of BigQuery that are none, and tables that cannot be taken there, are mistakes of the
// command line, whose status is 2, and said before anything is read.
func TestUsage(t *testing.T) {
	for _, c := range []struct{ args, say string }{
		{"forecast --input bq://sales.daily --output out", "want bq://PROJECT.DATASET.TABLE"},
		{"score --input bq://shop.sales.daily --output out --forecasts bq://shop..daily", "want bq://PROJECT.DATASET.TABLE"},
		{"forecast --input a.csv --output out --table bq://sales.daily", "want bq://PROJECT.DATASET.TABLE"},
		{"forecast --input a.csv --output out --table sales.daily", "want bq://PROJECT.DATASET.TABLE"},
		{"forecast --input a.csv --output bq://shop.sales.daily", "--table bq://shop.sales.daily"},
		{"forecast --input a.csv --output out --table bq://shop.sales.daily --format parquet", "--format csv"},
		{"fit --input a.csv --output out --table bq://shop.sales.daily", "fit does not"},
	} {
		if _, err := parse(strings.Fields(c.args), io.Discard); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v, want %q", c.args, err, c.say)
		}
	}
	if _, err := parse(strings.Fields("forecast --input bq://shop.com:main.sales.daily --output out --table bq://shop.sales.daily"), io.Discard); err != nil {
		t.Error(err)
	}
}
