// Package h1 is HTTP/1.1 for servers: strict, fast, light, and safe to keep strings of.
//
// # The way through
//
//	octets → Reader → Request.Parse → URL, Header → Framing → Body → Handler → Response → chunkWriter → octets
//
// There are three layers, each usable alone. The message layer turns octets into values and back without I/O:
// [Request.Parse], [ParseTarget], [ChunkedDecoder], [AppendChunk], [AppendResponseHead]. The stream layer does the same
// over an io.Reader and an io.Writer: [Reader], [Response]. The [Server] adds the order of events on a connection:
// deadlines, keep-alive, pipelining, errors, shutdown.
//
//	s := &h1.Server{Addr: ":8080", Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
//		w.Header().Set("Content-Type", "text/plain")
//		w.WriteString("hello " + q.URL.Path + "\n")
//	})}
//	log.Fatal(s.ListenAndServe())
//
// # Whose bytes
//
// A request head is copied once, out of a pooled buffer into one string; Method, Target, the parts of URL, field names
// and values are parts of that string. They never change and may be kept for ever. A kept part keeps the whole head,
// at most 72 KiB; strings.Clone frees a small one that is to live long.
//
//	what                                    valid
//	strings reached through a Request       for ever
//	*Request, *Response, *Header            until the handler returns; Request.Clone makes one that lasts
//	Request.Body                            until the handler returns, then every Read fails
//	Request.Context                         for ever; cancelled when the handler returns
//	slices given to Write                   not kept
//
// The Request and Response of a connection are used again for its next request. Builds with the race detector make new
// ones instead, and panic when an old Response is used.
//
// # Strictness
//
// What RFC 9112 lets a recipient either refuse or repair is refused wherever the repair has been used to smuggle
// requests: bare LF, folded lines, white space around names, repeated or doubtful framing fields, a Host that differs
// from the target, anything but CRLF in chunked framing. A fault in a message is a [*ProtocolError], is answered once,
// and ends the connection. The writer is as strict: an invalid name, value, status, length or trailer never reaches the
// wire; the handler gets a [*UsageError].
//
// # Terms
//
// Names are those of RFC 9110 and RFC 9112: request-target, field line, field section, trailer section, content,
// framing, chunk, octet.
package h1
