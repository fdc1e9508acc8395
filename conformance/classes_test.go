package conformance

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestClasses holds that each class is needed for its example, which is no failure with it. With other versions of the
// peers than those that docs/CONFORMANCE.md names, it only tells.
func TestClasses(t *testing.T) {
	text, err := os.ReadFile(document)
	named := err == nil && strings.Contains(string(text), newDoc(t).versions())
	for _, p := range Peers {
		for i, class := range p.Classes {
			t.Run(p.Name+"/"+class.Name, func(t *testing.T) {
				in := class.Example + next
				complain := t.Logf
				if named {
					complain = t.Errorf
				}
				ours := ReadH1(in, 1<<10)
				o := NewOutcome()
				if err := p.Compare(in, ours, o); err != nil {
					complain("%v", err)
				}
				if o.Classed[class.Name] == 0 {
					complain("does not hold for its example %q", class.Example)
				}
				without := &Peer{p.Name, p.Read, slices.Delete(slices.Clone(p.Classes), i, i+1)}
				if err := without.Compare(in, ours, NewOutcome()); err == nil {
					complain("no difference without the class")
				}
				if class.Name == "" || class.ID == "" || class.Why == "" || (class.Refuses == nil) == (class.Reads == nil) {
					t.Error("incomplete")
				}
			})
		}
	}
}
