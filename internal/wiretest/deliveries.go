package wiretest

import (
	"fmt"
	"io"
	"iter"
	"strings"
	"testing/iotest"
)

// Deliveries yields readers of in, with the name of each for a sub-test: whole, octet by octet, and
// cut in two at every point. What is read must not depend on how the network cut it.
//
// Cutting at every point reads in len(in) times; in is best short.
func Deliveries(in string) iter.Seq2[string, io.Reader] {
	return func(yield func(string, io.Reader) bool) {
		if !yield("whole", strings.NewReader(in)) {
			return
		}
		if !yield("octets", iotest.OneByteReader(strings.NewReader(in))) {
			return
		}
		for i := 1; i < len(in); i++ {
			cut := io.MultiReader(strings.NewReader(in[:i]), strings.NewReader(in[i:]))
			if !yield(fmt.Sprintf("cut=%d", i), cut) {
				return
			}
		}
	}
}
