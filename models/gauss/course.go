package gauss

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
)

// A course is the usual course of a season in normal scores, by which what is generated has the
// phase of the data. Windows alone have it at random phases, since they begin at any.
type course struct {
	period int       // steps
	values []float64 // period × channels, from the origin of coordinates on
}

const (
	mostPeriod = 1024 // steps of a course
	leastTurns = 3    // of a season, for its course to be learned
)

// at returns the value of channel j of so many at the coordinate u.
func (c *course) at(u, j, channels int) float64 {
	return c.values[((u%c.period+c.period)%c.period)*channels+j]
}

// learnCourses sets the courses of seasons of so many steps, the shortest first, of grids in normal
// scores that begin at the coordinates starts, and the distribution of windows without them. There is
// none of a season that would not tell what is held back of the grids, in what shorter ones leave. The
// error is that of ctx.
func (f *fitted) learnCourses(ctx context.Context, grids [][]float64, starts []int, seasons []float64) error {
	if f.shapes != nil {
		return nil
	}
	left := make([][]float64, len(grids))
	for i, g := range grids {
		left[i] = slices.Clone(g)
	}
	for _, s := range seasons {
		period := int(math.Round(s))
		if period < 2 || period > mostPeriod || math.Abs(s-float64(period)) > 1e-9 || f.Usual < leastTurns*period {
			continue
		}
		c := f.courseOf(left, starts, period, 1-heldBack)
		if c.gain(left, starts, f.width()) <= 0 {
			continue
		}
		c = f.courseOf(left, starts, period, 1)
		for i, g := range left {
			c.take(g, starts[i], f.width())
		}
		f.courses = append(f.courses, c)
	}
	if f.courses == nil {
		return nil
	}
	f.rest = &fitted{config: f.config}
	records, gaps := f.rest.records(left)
	m, err := f.rest.gather(ctx, records, 0, 1, f.Free)
	if err != nil {
		return err
	}
	own, stationary, err := f.rest.definite(m)
	if err != nil {
		return err
	}
	floor := least
	if gaps > 0 {
		floor = soft // products of other windows for each element
	}
	f.rest.cov = blend(own, stationary, f.Shrink)
	if lift(f.rest.cov, floor); f.rest.prepare() != nil {
		f.courses, f.rest = nil, nil // hardly anything is left
	}
	return nil
}

// take takes the course out of a grid.
func (c *course) take(g []float64, start, width int) {
	for k := range g {
		g[k] -= c.at(start+k/width, k%width, width)
	}
}

// gain returns by how much the squares of the last part of grids, which is held back, are less about
// the course.
func (c *course) gain(grids [][]float64, starts []int, width int) (gain float64) {
	for i, g := range grids {
		steps := len(g) / width
		for k := int((1-heldBack)*float64(steps)) * width; k < len(g); k++ {
			if v := c.at(starts[i]+k/width, k%width, width); g[k] == g[k] {
				gain += v * (2*g[k] - v)
			}
		}
	}
	return gain
}

// courseOf returns the course of a season in the first part of grids: at each phase the mean of what is
// above the mean of the season about it, times the part of the variance of these means that noise
// would not leave.
func (f *fitted) courseOf(grids [][]float64, starts []int, period int, part float64) course {
	width := f.width()
	c := course{period, make([]float64, period*width)}
	counts, squares, all := make([]float64, period*width), make([]float64, width), make([]float64, width)
	half := period / 2
	for i, g := range grids {
		steps := int(part * float64(len(g)/width))
		for j := range width {
			for t := half; t+half < steps; t++ {
				mean := 0.0
				for d := -half; d <= half; d++ {
					w := 1.0
					if period%2 == 0 && (d == -half || d == half) {
						w = 0.5
					}
					mean += w * g[(t+d)*width+j] / float64(period)
				}
				above := g[t*width+j] - mean
				if math.IsNaN(above) {
					continue
				}
				k := ((starts[i]+t)%period+period)%period*width + j
				c.values[k] += above
				counts[k]++
				squares[j] += above * above
				all[j]++
			}
		}
	}
	for j := range width {
		told, center := 0.0, 0.0
		for k := j; k < len(counts); k += width {
			if counts[k] == 0 {
				return course{period, make([]float64, period*width)}
			}
			c.values[k] /= counts[k]
			center += c.values[k] / float64(period)
		}
		for k := j; k < len(counts); k += width {
			c.values[k] -= center
			told += c.values[k] * c.values[k] / float64(period)
		}
		noise := (squares[j]/all[j] - told) * float64(period) / all[j]
		for k := j; k < len(counts); k += width {
			c.values[k] *= max(0, 1-noise/max(told, 1e-300))
		}
	}
	return c
}

// Anchored says whether generated series have seasons at the phases of the data.
func (m *Model) Anchored() bool { return m.fit != nil && len(m.fit.courses) > 0 }

func courseName(i int) string { return fmt.Sprintf("course.%d", i+1) }

// courseTensors returns what there is to store of the courses.
func (f *fitted) courseTensors() (all []forecast.Tensor) {
	for i, c := range f.courses {
		all = append(all, forecast.Tensor{Name: courseName(i), Shape: []int{c.period, f.width()}, Data: slices.Clone(c.values)})
	}
	if f.rest != nil {
		all = append(all, f.rest.covariance(restName))
	}
	return all
}

const restName = "rest" // the tensor of the covariance of windows without courses

// coursesFrom sets the courses of a model that was stored, if it has any; take returns the values of a
// tensor if there is one.
func (f *fitted) coursesFrom(there func(name string) bool, take func(name string, rows, cols int) ([]float64, error)) error {
	for there(courseName(len(f.courses))) {
		values, err := take(courseName(len(f.courses)), 0, f.width())
		if err != nil {
			return err
		}
		f.courses = append(f.courses, course{len(values) / f.width(), values})
	}
	if f.courses == nil {
		return nil
	}
	n := f.values()
	cov, err := take(restName, n, n)
	if err != nil {
		return err
	}
	f.rest = &fitted{config: f.config, cov: mat.NewSymDense(n, cov)}
	return f.rest.prepare()
}
