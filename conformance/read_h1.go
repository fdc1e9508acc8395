package conformance

import (
	"errors"
	"io"
	"strings"

	"github.com/seed-489864d5/h1"
)

// errTruncated says that a stream ends inside a message.
var errTruncated = errors.New("the stream ends inside a message")

// ReadH1 reads a stream with the message layer: Request.Parse and ChunkedDecoder. A chunked body comes to the decoder
// in pieces of at most piece octets, and leaves it so.
func ReadH1(in string, piece int) (r Reading) {
	var q h1.Request
	for off := 0; ; {
		n, err := q.Parse([]byte(in[off:]), nil)
		if err == h1.ErrIncomplete {
			if strings.Trim(in[off:], "\r\n") != "" {
				r.Err = errTruncated
			}
			return r
		}
		if err != nil {
			r.Err = err
			return r
		}
		off += n
		m := h1Head(&q)
		switch f := q.Framing(); f.Kind {
		case h1.FixedLength:
			if f.Length > int64(len(in)-off) {
				r.Err = errTruncated
				return r
			}
			m.Body = in[off : off+int(f.Length)]
			off += int(f.Length)
		case h1.Chunked:
			var d h1.ChunkedDecoder
			m.Body, n, err = decode(&d, in[off:], piece)
			if err != io.EOF {
				r.Err = err
				return r
			}
			off += n
			m.Trailer = h1Fields(d.Trailer())
		}
		m.End = off
		r.Messages = append(r.Messages, m)
		if m.Close || m.Method == "CONNECT" {
			return r
		}
	}
}

// decode gives what d makes of in, and how many octets it took.
func decode(d *h1.ChunkedDecoder, in string, piece int) (body string, n int, err error) {
	dst := make([]byte, piece)
	var out strings.Builder
	for n < len(in) {
		nDst, nSrc, err := d.Decode(dst, []byte(in[n:min(len(in), n+piece)]))
		out.Write(dst[:nDst])
		n += nSrc
		if err != nil {
			return out.String(), n, err
		}
		if nDst+nSrc == 0 {
			panic("Decode makes no progress")
		}
	}
	return out.String(), n, errTruncated
}

// ReadH1Stream reads a stream with the stream layer: Reader and Request.Body. It doesn't know where messages end.
func ReadH1Stream(in io.Reader) (r Reading) {
	reader := h1.NewReader(in, nil)
	defer reader.Release()
	var q h1.Request
	for {
		switch err := reader.ReadRequest(&q); {
		case err == io.EOF:
			return r
		case err != nil:
			r.Err = err
			return r
		}
		m := h1Head(&q)
		body, err := io.ReadAll(q.Body)
		if err != nil {
			r.Err = err
			return r
		}
		m.Body = string(body)
		m.Trailer = h1Fields(&q.Trailer)
		r.Messages = append(r.Messages, m)
		if m.Close || m.Method == "CONNECT" {
			return r
		}
	}
}

func h1Head(q *h1.Request) Message {
	m := Message{
		Method: q.Method, Target: q.Target, Proto: q.Proto.String(), Host: q.Host,
		Path: q.URL.Path, Query: q.URL.RawQuery,
		Chunked: q.Framing().Kind == h1.Chunked, Close: q.Close,
	}
	for name, value := range q.Header.All() {
		m.add(name, value)
	}
	sortFields(m.Fields)
	return m
}

func h1Fields(h *h1.Header) (fields []Field) {
	for name, value := range h.All() {
		fields = append(fields, Field{strings.ToLower(name), value})
	}
	sortFields(fields)
	return fields
}
