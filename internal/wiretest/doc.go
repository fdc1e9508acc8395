// Package wiretest holds what tests of the wire need: octets delivered in every way a network may
// cut them, connections in memory, a strict reader of responses, and the vectors under testdata.
//
// Only tests import it. It is written apart from the library, in the plainest way, so that a
// misreading in one does not hide the same misreading in the other.
package wiretest
