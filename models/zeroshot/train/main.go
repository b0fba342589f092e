// Train trains the pretrained forecaster on simulated series alone.
//
//	go run ./models/zeroshot/train -dir DIR -updates 100000
//
// The folder holds the training, which goes on where it stopped, and its log. With
// -export the averaged weights are written as the file that package zeroshot embeds.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"tsgen/internal/atomicfile"
	"tsgen/internal/nn"
	"tsgen/models/zeroshot/internal/network"
)

func main() {
	if err := run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run() error {
	dir := flag.String("dir", "", "folder of the training and its log")
	updates := flag.Int("updates", 100000, "updates of the weights, over which the learning rate falls")
	rate := flag.Float64("rate", 1.5e-3, "learning rate at its highest")
	floor := flag.Float64("floor", 0.01, "the part of the rate that is left at the end")
	seed := flag.Uint64("seed", 1, "seed of the weights and of the series")
	from := flag.String("from", "", "file of weights that a new training starts from, in place of drawn ones")
	every := flag.Int("every", 500, "updates between two lines of the log")
	data := flag.String("develop", "", "score the training so far on real series in this folder ("+shortNames()+") and end")
	export := flag.String("export", "", "write the averaged weights of the training so far to this file and end")
	flag.Parse()
	if *dir == "" || flag.NArg() > 0 {
		flag.Usage()
		return errors.New("a folder is needed, and nothing else")
	}
	if err := os.MkdirAll(*dir, 0o777); err != nil {
		return err
	}
	net := network.New(rand.New(rand.NewPCG(*seed, 0)))
	if *from != "" {
		b, err := os.ReadFile(*from)
		if err == nil {
			err = net.SetWeights(b)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", *from, err)
		}
	}
	c, err := resume(filepath.Join(*dir, "training.gob"), net.Params.Values)
	switch {
	case err != nil:
		return err
	case *data != "":
		fmt.Printf("After %d updates:\n\n", c.Steps)
		return develop(os.Stdout, *data, net.NewForecaster(c.Average))
	case *export != "":
		return exportWeights(*export, c, *seed)
	}
	o, err := newObjective(net, *seed, 16)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(*dir, "log.txt"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer log.Close()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	out := io.MultiWriter(log, os.Stdout)
	fmt.Fprintf(out, "%s %d weights, seed %d, %d updates of %d series, rate %g, from update %d\n",
		time.Now().Format(time.RFC3339), len(net.Params.Values), *seed, *updates, batchSize, *rate, c.Steps)
	t := &nn.Training{
		Schedule: nn.Schedule{Rate: *rate, Floor: *floor, WarmUp: 200, Updates: *updates},
		Shards:   shards, Clip: 1, Decay: 0.999, Every: *every,
	}
	var failed error
	t.Save = func(c *nn.Checkpoint) {
		point := c.Curve[len(c.Curve)-1]
		var parts []string
		for i, r := range o.train.rhythms {
			parts = append(parts, fmt.Sprintf("%s %.4f", r.name, o.losses[i]))
		}
		fmt.Fprintf(out, "%s update %d series %d loss %.4f held back %.4f: %s\n", time.Now().Format(time.TimeOnly),
			c.Steps, c.Steps*batchSize, point.Loss, point.Valid, strings.Join(parts, ", "))
		failed = errors.Join(failed, save(filepath.Join(*dir, "training.gob"), c))
	}
	return errors.Join(t.Run(ctx, c, o), failed)
}

// exportWeights writes the averaged weights, and prints the record of them.
func exportWeights(file string, c *nn.Checkpoint, seed uint64) error {
	var b bytes.Buffer
	err := network.WriteWeights(&b, c.Average)
	if err == nil {
		err = atomicfile.Write(file, func(w io.Writer) error {
			_, err := w.Write(b.Bytes())
			return err
		})
	}
	if err != nil {
		return err
	}
	fmt.Printf("%d weights, seed %d, %d updates of %d series\nsha256 %x\n", len(c.Average), seed, c.Steps, batchSize, sha256.Sum256(b.Bytes()))
	for i, p := range c.Curve {
		if i == len(c.Curve)-1 || i%(len(c.Curve)/20+1) == 0 {
			fmt.Printf("update %d loss %.4f held back %.4f\n", p.Update, p.Loss, p.Valid)
		}
	}
	return nil
}

// resume returns the training in the file, or the start of one if there is no file.
func resume(file string, values []float64) (*nn.Checkpoint, error) {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return nn.NewCheckpoint(values), nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c := &nn.Checkpoint{}
	if err := gob.NewDecoder(f).Decode(c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(c.Values) != len(values) {
		return nil, fmt.Errorf("%s: %d weights, the network has %d", file, len(c.Values), len(values))
	}
	return c, nil
}

func save(file string, c *nn.Checkpoint) error {
	return atomicfile.Write(file, func(w io.Writer) error { return gob.NewEncoder(w).Encode(c) })
}
