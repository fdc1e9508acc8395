package conformance

import (
	"strconv"
	"strings"
)

// These read messages that h1 has accepted, in the plainest way, so that a class need not believe h1.

// rawHead returns the lines of the head of a message without their ends, the request line first, and what follows it.
func rawHead(raw string) (lines []string, body string) {
	head, body, _ := strings.Cut(strings.TrimPrefix(raw, "\r\n"), "\r\n\r\n")
	return strings.Split(head, "\r\n"), body
}

// rawValues returns the values of the header lines with that name.
func rawValues(raw, name string) (values []string) {
	lines, _ := rawHead(raw)
	for _, line := range lines[1:] {
		if n, v, _ := strings.Cut(line, ":"); strings.EqualFold(n, name) {
			values = append(values, strings.Trim(v, " \t"))
		}
	}
	return values
}

// rawChunks returns the chunk lines of a chunked message, and its trailer section.
func rawChunks(raw string) (lines []string, trailer []Field) {
	for _, body := rawHead(raw); ; {
		line, rest, _ := strings.Cut(body, "\r\n")
		lines = append(lines, line)
		digits := line[:len(line)-len(strings.TrimLeft(line, "0123456789abcdefABCDEF"))]
		size, err := strconv.ParseInt(digits, 16, 64)
		if err != nil || size+2 > int64(len(rest)) {
			return lines, trailer // not a message that h1 accepts
		}
		if size > 0 {
			body = rest[size+2:]
			continue
		}
		for line := range strings.SplitSeq(rest, "\r\n") {
			if name, value, ok := strings.Cut(line, ":"); ok {
				trailer = append(trailer, Field{strings.ToLower(name), strings.Trim(value, " \t")})
			}
		}
		sortFields(trailer)
		return lines, trailer
	}
}
