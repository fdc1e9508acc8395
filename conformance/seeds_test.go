package conformance

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-489864d5/h1/internal/wiretest"
)

var update = flag.Bool("update", false, "write the seed corpora and docs/CONFORMANCE.md instead of comparing them")

func loadVectors(t *testing.T) []*wiretest.Vector {
	vectors, err := wiretest.LoadVectors("../testdata/vectors")
	if err != nil {
		t.Fatal(err)
	}
	return vectors
}

// TestVectorsAgainstPeers gives the octets of each vector to h1 and its peers. It counts what became of the messages,
// of which -v tells: strictness is no failure.
func TestVectorsAgainstPeers(t *testing.T) {
	outcomes := make([]*Outcome, len(Peers))
	strict := make([][]string, len(Peers))
	for i := range Peers {
		outcomes[i] = NewOutcome()
	}
	for _, v := range loadVectors(t) {
		in := v.Input()
		if len(in) > most {
			continue
		}
		check(t, in+next, 1<<10)
		for i, p := range Peers {
			before := outcomes[i].Strict
			if err := p.Compare(in+next, ReadH1(in+next, 1<<10), outcomes[i]); err != nil {
				t.Errorf("%s: %v", v.Name, err)
			}
			if outcomes[i].Strict > before {
				strict[i] = append(strict[i], filepath.Base(v.Name))
			}
		}
	}
	for i, p := range Peers {
		o := outcomes[i]
		t.Logf("%s: %d messages read alike, %d refused by both, %d refused by h1 and taken by %s",
			p.Name, o.Alike, o.Refused, o.Strict, p.Name)
		for _, name := range slices.Sorted(maps.Keys(o.Classed)) {
			t.Logf("%s: %d × %s", p.Name, o.Classed[name], name)
		}
		t.Logf("%s takes: %s", p.Name, strings.Join(strict[i], " "))
	}
}

// TestSeeds holds the seed corpora to what they are made of: one vector for each requirement, and the examples of classes.
func TestSeeds(t *testing.T) {
	want := map[string]string{}
	seen := map[string]bool{}
	for _, v := range loadVectors(t) {
		in := v.Input()
		body, chunked := strings.CutPrefix(in, chunk)
		switch {
		case seen[v.ID] || len(in) > 300 || in == "":
		case chunked:
			want["FuzzBodies/vector-"+v.ID] = fmt.Sprintf("go test fuzz v1\n[]byte(%q)\nbyte('\\x07')\n", body)
			seen[v.ID] = true
		default:
			want["FuzzHeads/vector-"+v.ID] = fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n", in)
			seen[v.ID] = true
		}
	}
	for _, p := range Peers {
		for _, class := range p.Classes {
			name := strings.NewReplacer(" ", "-", ":", "", "/", "").Replace(p.Name + " " + class.Name)
			want["FuzzHeads/class-"+name] = fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n", class.Example)
			if octets, ok := disassemble(class.Example); ok {
				want["FuzzPieces/class-"+name] = fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n", octets)
			}
		}
	}
	files, err := filepath.Glob("testdata/fuzz/*/*-*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if kind, _, _ := strings.Cut(filepath.Base(file), "-"); kind != "vector" && kind != "class" {
			continue // found by fuzzing
		}
		name, _ := filepath.Rel("testdata/fuzz", file)
		if want[filepath.ToSlash(name)] == "" {
			if *update {
				os.Remove(file)
			} else {
				t.Errorf("%s belongs to no vector and no class", file)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		file := filepath.Join("testdata/fuzz", name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(want[name]), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := os.ReadFile(file); err != nil || string(text) != want[name] {
			t.Errorf("%s is not as it should be; go test -run TestSeeds -update writes it", file)
		}
	}
	t.Logf("%d seeds", len(want))
}

// disassemble is the reverse of assemble, where there is one. It takes the longest piece each time.
func disassemble(in string) (octets []byte, ok bool) {
	for in != "" {
		best := -1
		for i, p := range pieces {
			if strings.HasPrefix(in, p) && (best < 0 || len(p) > len(pieces[best])) {
				best = i
			}
		}
		if best < 0 {
			return nil, false
		}
		octets, in = append(octets, byte(best)), in[len(pieces[best]):]
	}
	return octets, true
}
