package conformance

import (
	"bufio"
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/valyala/fasthttp"
)

// ReadFastHTTP reads a stream as fasthttp's server does without StreamRequestBody: RequestHeader.Read, URI.Parse,
// Request.ReadBody and the trailer, through a buffer of its default size. Multipart bodies are left as they are.
func ReadFastHTTP(in string) (r Reading) {
	src := strings.NewReader(in)
	br := bufio.NewReaderSize(src, 4096)
	q := fasthttp.AcquireRequest()
	defer fasthttp.ReleaseRequest(q)
	uri := fasthttp.AcquireURI()
	defer fasthttp.ReleaseURI(uri)
	for {
		q.Reset()
		if err := q.Header.Read(br); err != nil {
			if err != io.EOF {
				r.Err = err
			}
			return r
		}
		h := &q.Header
		if err := uri.Parse(h.Host(), h.RequestURI()); err != nil {
			r.Err = err
			return r
		}
		path, err := url.PathUnescape(string(uri.PathOriginal()))
		if err != nil {
			path = string(uri.PathOriginal())
		}
		m := Message{
			Method: string(h.Method()), Target: string(h.RequestURI()), Proto: string(h.Protocol()),
			Host: string(uri.Host()), Path: path, Query: string(uri.QueryString()),
			Chunked: h.ContentLength() == -1, Close: h.ConnectionClose(),
		}
		for name, value := range h.AllInOrder() {
			m.add(string(name), string(value))
		}
		sortFields(m.Fields)
		if err := q.ContinueReadBody(br, fasthttp.DefaultMaxRequestBodySize, false); err != nil {
			if r.Err = err; err == io.EOF {
				r.Err = errors.Join(io.ErrUnexpectedEOF, err)
			}
			return r
		}
		m.Body = string(q.Body())
		for line := range strings.SplitSeq(string(h.TrailerHeader()), "\r\n") {
			if name, value, ok := strings.Cut(line, ":"); ok {
				m.Trailer = append(m.Trailer, Field{strings.ToLower(name), strings.TrimPrefix(value, " ")})
			}
		}
		sortFields(m.Trailer)
		m.End = len(in) - src.Len() - br.Buffered()
		r.Messages = append(r.Messages, m)
		if m.Close || m.Method == "CONNECT" {
			return r
		}
	}
}
