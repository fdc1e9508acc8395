// Package conformance compares h1 with other HTTP/1.1 stacks of Go, net/http and fasthttp, on any octets and on the
// vectors of the repository. It is a module of its own, so that h1 need not require them; nothing here is meant for import.
//
// # What is compared
//
// ReadH1, ReadNetHTTP and ReadFastHTTP turn a stream of octets into the messages that a stack reads in it: method,
// target, host, path, query, fields, body, trailers, where the message ends and whether the connection ends with it.
// Peer.Compare compares two of them. It is an error if h1 accepts a message that the peer refuses, or if both accept it
// and read it differently, unless a Class explains just that. That h1 refuses what others take is no error: it is stricter.
//
// # How to run it
//
//	go test .                                              vectors, seeds, classes and docs/CONFORMANCE.md
//	go test -v -run TestVectorsAgainstPeers .              the same, and counts: what is refused by h1 alone, which class holds how often
//	go test -run 'TestSeeds|TestConformanceDoc' -update .  write seeds and document anew, after a change of vectors or classes
//	go test -run TestGrammar -streams 4000000 -seed 2 .    streams drawn from a grammar; the plain run draws a few
//	go test -run XXX -fuzz FuzzHeads -fuzztime 10m .       or FuzzBodies, FuzzPieces
//
// FuzzHeads takes a stream as it is. FuzzBodies takes what follows the head of a chunked message. FuzzPieces takes octets each
// of which stands for a piece of a message, and so gets deeper into what is well-formed.
//
// docs/CONFORMANCE.md names the versions of Go and of fasthttp that it was written with. With another Go, the test compares
// only the columns of h1.
//
// # What to do with a finding
//
// A failing input is written to testdata/fuzz and stays there, under a name that tells what it is. If h1 is wrong, it becomes
// a vector, too. If the peer is, or both are right in their way, it becomes the Example of a new Class in classes.go:
//
//   - ID is the requirement by which h1 does what it does, and Why tells who is right.
//   - Refuses reports that the peer refuses the message for this reason, and Because is what its error says.
//   - Reads turns what h1 has read into what the peer makes of it. It must say exactly what that is, since all that is left
//     is compared.
//
// A class should hold for as little as can be. It may look at the octets; it reads them by itself (raw.go) and does not
// trust h1. TestClasses fails if its example does not need it.
//
// # OSS-Fuzz
//
// The targets are native Go fuzz tests, and so are those of the root module. All that they need is in fuzz_test.go
// and in files that are no tests, and their seeds are in testdata/fuzz, so that a build script of OSS-Fuzz has little to do:
//
//	cd conformance
//	for target in FuzzHeads FuzzBodies FuzzPieces; do
//		compile_native_go_fuzzer_v2 github.com/seed-489864d5/h1/conformance $target conformance_$target
//	done
//	cd ..
//	for target in $(grep -hoE '^func Fuzz[A-Za-z0-9]+' *_test.go | cut -c6-); do
//		compile_native_go_fuzzer_v2 github.com/seed-489864d5/h1 $target root_$target
//	done
//
// and likewise for the packages below internal. The seeds are in the format of package testing; a line of shell turns them
// into the bare octets of a seed corpus.
package conformance
