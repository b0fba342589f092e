package models

import "testing"

// TestDeclaredMembers holds what the page of the ensemble says of its members to
// those that it has by default.
func TestDeclaredMembers(t *testing.T) {
	k, err := Lookup(EnsembleName)
	if err != nil {
		t.Fatal(err)
	}
	if o := k.OptionList()[0]; o.Name != "members" || o.Default != defaultMembers {
		t.Errorf("option %s is %s by default, want %s", o.Name, o.Default, defaultMembers)
	}
}
