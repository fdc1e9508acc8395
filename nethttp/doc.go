// Package nethttp lets handlers of net/http run on h1, unchanged: muxes, frameworks, middleware, http.FileServer,
// httputil.ReverseProxy, websocket libraries.
//
//	s := &h1.Server{Addr: ":8080", Handler: nethttp.Handler(mux)}
//	log.Fatal(s.ListenAndServe())
//
// [Handler] makes an h1.Handler of an http.Handler. [Request] makes an *http.Request for code that has an h1.Request.
// [Wire] goes back: from an *http.Request to the request as it was received, where order and case of the field lines
// and the raw target are still to be seen, and where a handler raises the limit on its body:
//
//	nethttp.Wire(r).SetMaxBytes(1 << 30)
//
// # Whose memory
//
// A handler gets an *http.Request, a ResponseWriter and a Body that are new for each request and never used again, so
// they may be kept as with net/http; maps and slices in them are the handler's. After the handler has returned, writing
// fails with h1.ErrFinished and reading with http.ErrBodyReadAfterClose.
//
// # The context
//
// The context of a request is made first and paid for later: only Done, Err, Deadline, or Value for a key that is not
// net/http's own, make the connection be watched for the client's going away. It ends when the handler returns or the
// client goes away, not by Shutdown. Contexts derived from it cost no goroutine.
//
// # The request body behind the head
//
// When the head of a response goes out while its handler runs, because of a flush or of more than 2 KiB of content, the
// rest of the request body is seen to first. Up to 256 KiB of it are read into memory, where the handler finds them.
// If there is more, the connection will close behind the response, and the handler may go on reading. net/http reads as
// much and throws it away; the reason is the same: a client that sends all before it reads must not wait for a server
// that does so too. With EnableFullDuplex nothing is read ahead.
//
// # The header map
//
// What a handler puts in the header map is translated into what h1 sends, so that no field turns a good answer into a
// 500. Where the answer or the request differs from that of net/http's server is listed in parity.md, and held to by
// the tests.
package nethttp
