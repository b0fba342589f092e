package main

import "tsgen/bench/internal/kinetics"

// Of a panel of concentrations after a dose the last times are to be forecast.
const kineticSubjects, kineticBeyond = 12, 3

// concentrations returns the panel of a seed of concentrations in bodies of one or two compartments and what comes after it.
func concentrations(compartments int, seed uint64) (*task, error) {
	head, tail, err := kinetics.Panel(kineticSubjects, compartments, seed).SplitLast(kineticBeyond)
	if err != nil {
		return nil, err
	}
	return continued(head, tail), nil
}
