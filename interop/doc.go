// Package interop runs real clients and a real proxy against a real "h1 serve" process.
//
// It has tests only, one file per client. A client that is not installed is skipped with a message, so the tests pass
// on any machine and show most on one with curl, wrk, nginx, openssl, python3 and node. Chromium is left out unless
// H1_INTEROP_CHROMIUM=1 is set. All traffic stays on the loopback interface.
//
// What a client must see stands in the test; how a client is driven, where that takes more than a command line,
// stands in testdata: each function named case_… of client.py and client.mjs is a test of its own.
package interop
