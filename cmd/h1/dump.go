package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/seed-489864d5/h1"
)

const dumpUsage = `Usage: h1 dump [flags] [FILE|-]

Reads HTTP/1.1 requests, one after another with their bodies, from FILE or from
standard input, and prints what was understood of each as JSON. It reads on after
a request that closes its connection.

At the first request that breaks a rule it prints the rule, the status a server
answers with and the offending line, and exits with status 1; so it does for an
input that ends inside a message. The limits are the library's defaults, but the
one on the size of a body.

With -c, a request can be pasted as text:

	h1 dump -c <<'END'
	POST /a HTTP/1.1\r\n
	Host: example\r\n
	Content-Length: 2\r\n\r\n
	hi
	END

Flags:

`

// errIncomplete is what the end of the input inside a message leads to. Nothing before it is wrong.
var errIncomplete = errors.New("incomplete message")

// dumpLimits leaves the size of a body open: all of it is in memory already.
var dumpLimits = h1.Limits{MaxRequestBytes: -1}

func runDump(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("dump", flag.ContinueOnError)
	lines := fs.Bool("json", false, "for programs: one object a line, a fault as the object {\"error\": ...}")
	escapes := fs.Bool("c", false, "the input is text with the escapes \\r \\n \\t \\\\ \\xHH; its own line breaks count for nothing")
	if status, ok := parseFlags(fs, args, dumpUsage, stdout, stderr); !ok {
		return status
	}
	if fs.NArg() > 1 {
		return misuse(fs, fmt.Errorf("one file at most, got %q", fs.Args()), stderr)
	}

	in, err := readInput(fs.Arg(0), stdin)
	if err == nil && *escapes {
		in, err = unescape(in)
	}
	if err != nil {
		fmt.Fprintln(stderr, "h1 dump:", err)
		return exitFault
	}

	enc := newEncoder(stdout)
	if !*lines {
		enc.SetIndent("", "  ")
	}
	f, err := dump(in, enc)
	switch {
	case err != nil: // of writing
		fmt.Fprintln(stderr, "h1 dump:", err)
		return exitFault
	case f == nil:
		return exitOK
	case *lines:
		enc.Encode(map[string]*fault{"error": f})
	default:
		f.writeTo(stderr)
	}
	return exitFault
}

// readInput reads the file called name; "" and "-" are standard input.
func readInput(name string, stdin io.Reader) ([]byte, error) {
	if name == "" || name == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(name)
}

// dump writes what in holds, request by request, up to the first fault, which it returns.
func dump(in []byte, enc *json.Encoder) (*fault, error) {
	off := 0
	for n := 1; !onlyEmptyLines(in[off:]); n++ {
		var q h1.Request
		head, err := q.Parse(in[off:], &dumpLimits)
		if errors.Is(err, h1.ErrIncomplete) {
			err = fmt.Errorf("%w: the input ends in its head", errIncomplete)
		}
		if err != nil {
			return newFault(in, n, off, err), nil
		}
		start := off
		off += head

		body, trailer, taken, err := cutBody(in[off:], q.Framing())
		if err != nil {
			return newFault(in, n, off, err), nil
		}
		off += taken

		v := newView(&q)
		v.setBody(body, trailer)
		v.Octets = &octetsView{start, off - start}
		if err := enc.Encode(v); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// onlyEmptyLines reports whether b ends between requests: the empty lines a client may send before a request-line
// (RFC 9112 §2.2) begin none.
func onlyEmptyLines(b []byte) bool {
	for bytes.HasPrefix(b, []byte("\r\n")) {
		b = b[2:]
	}
	return len(b) == 0
}

// cutBody returns the body at the start of b, its trailer section and the octets taken. A body of fixed length aliases b.
func cutBody(b []byte, f h1.Framing) (body []byte, trailer *h1.Header, taken int, err error) {
	switch f.Kind {
	case h1.FixedLength:
		if f.Length > int64(len(b)) {
			return nil, nil, 0, fmt.Errorf("%w: %d of %d octets of its body", errIncomplete, len(b), f.Length)
		}
		taken = int(f.Length)
		return b[:taken], new(h1.Header), taken, nil
	case h1.Chunked:
		return decodeChunked(b)
	}
	return nil, new(h1.Header), 0, nil
}

// decodeChunked is cutBody for the chunked coding.
func decodeChunked(b []byte) (body []byte, trailer *h1.Header, taken int, err error) {
	d := h1.ChunkedDecoder{Limits: &dumpLimits}
	buf := make([]byte, 32<<10)
	for {
		nDst, nSrc, err := d.Decode(buf, b[taken:])
		body = append(body, buf[:nDst]...)
		taken += nSrc
		switch {
		case errors.Is(err, io.EOF):
			return body, d.Trailer(), taken, nil
		case err != nil && !errors.Is(err, h1.ErrIncomplete):
			return nil, nil, 0, err
		case nDst == 0 && nSrc == 0: // it has all there is and wants more
			return nil, nil, 0, fmt.Errorf("%w: the input ends in its chunked body", errIncomplete)
		}
	}
}
