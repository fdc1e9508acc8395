package conformance

import (
	"strings"
	"testing"
)

// TestReadersAreAsServers holds the readers of the peers to their servers: both give the same number of whole requests.
func TestReadersAreAsServers(t *testing.T) {
	warmUp()
	for _, v := range loadVectors(t) {
		in := v.Input()
		if len(v.Options) > 0 || len(v.Steps) != 1 || len(in) > most ||
			strings.HasPrefix(in, "CONNECT ") || // the readers stop behind it
			strings.HasPrefix(in, "OPTIONS * ") { // net/http's server answers it itself
			continue
		}
		for i, p := range Peers {
			if n, a := len(p.Read(in).Messages), play(t, v, stacks[i+1]); n != a.whole {
				t.Errorf("%s: the reader of %s gives %d messages, its server %d", v.Name, p.Name, n, a.whole)
			}
		}
	}
}
