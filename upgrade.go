package h1

import (
	"bufio"
	"net"
	"slices"
	"time"

	"github.com/seed-489864d5/h1/internal/octet"
)

// An unreadConn is a connection that first yields octets which had been read already. It holds none afterwards.
type unreadConn struct {
	net.Conn
	unread []byte
}

// Read reads from the connection.
func (c *unreadConn) Read(p []byte) (int, error) {
	if len(c.unread) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.unread)
	if c.unread = c.unread[n:]; len(c.unread) == 0 {
		c.unread = nil
	}
	return n, nil
}

// CloseWrite closes the sending side, if the connection has two.
func (c *unreadConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errNoConn
}

// NetConn returns the connection itself. Octets that have not been read yet are lost with it.
func (c *unreadConn) NetConn() net.Conn { return c.Conn }

// Hijack takes the connection over from the library before a response has begun, and leaves it as it is: nothing is
// written, a request body is unread. The reader holds the octets that were read already. Deadlines are cleared, and
// the caller closes the connection. See Upgrade for a connection that needs no second reader.
func (w *Response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	unread, err := w.takeOver("Hijack")
	if err != nil {
		return nil, nil, err
	}
	c := w.conn.rwc
	r := bufio.NewReaderSize(&unreadConn{c, unread}, max(bufferSize, len(unread)))
	_, _ = r.Peek(len(unread)) // they are at hand: this only moves them
	return c, bufio.NewReadWriter(r, bufio.NewWriter(c)), nil
}

// Upgrade switches to a protocol that the client has offered (RFC 9110 §7.8): it sends 101 with the fields of h, which
// may be nil, and returns the connection, which first yields the octets that were read already and then holds no
// buffer of the library. Deadlines are cleared, and the caller closes the connection.
//
// Nothing is written and a *UsageError returned if the client did not offer the protocol, speaks HTTP/1.0, or if the
// request body has not been read to its end; a normal response is still possible then.
func (w *Response) Upgrade(protocol string, h *Header) (net.Conn, error) {
	if err := w.mayTakeOver("Upgrade"); err != nil {
		return nil, err
	}
	if !w.offers || !offersProtocol(&w.req.Header, protocol) || !w.conn.reader.body.done {
		return nil, errSwitch.of(protocol)
	}
	head := append([]byte(nil), statusLines[101-minStatus]...)
	head = appendField(head, "Connection", "upgrade")
	head = appendField(head, "Upgrade", protocol)
	return w.switchTo("Upgrade", head, h)
}

// offersProtocol reports whether the Upgrade field holds protocol. Names compare without regard to case, versions
// exactly.
func offersProtocol(h *Header, protocol string) bool {
	name := protocol
	version := ""
	if i := slices.Index([]byte(protocol), '/'); i >= 0 {
		name, version = protocol[:i], protocol[i:]
	}
	if !isToken(name) || version != "" && !isToken(version[1:]) {
		return false
	}
	for offer := range h.Tokens("Upgrade") {
		if n := len(offer) - len(version); n == len(name) && offer[n:] == version && octet.EqualFoldBoth(offer[:n], name) {
			return true
		}
	}
	return false
}

// Tunnel answers CONNECT with 200, sending the fields set on the Response, and returns the connection, as Upgrade does
// (RFC 9110 §9.3.6). For another method, a status other than 200, or a Content-Length set, nothing is written and a
// *UsageError returned.
func (w *Response) Tunnel() (net.Conn, error) {
	if err := w.mayTakeOver("Tunnel"); err != nil {
		return nil, err
	}
	if w.method != methodConnect || w.status != 0 && w.status != 200 || w.bw.Buffered() > 0 {
		return nil, errTunnel
	}
	head := append([]byte(nil), statusLines[200-minStatus]...)
	if !w.noDate && !w.header.Has("Date") {
		head = append(head, "Date: "...)
		head = appendDate(head, time.Now())
		head = append(head, "\r\n"...)
	}
	return w.switchTo("Tunnel", head, &w.header)
}

// switchTo sends a head that ends HTTP on the connection, and hands the connection over.
func (w *Response) switchTo(call string, head []byte, h *Header) (net.Conn, error) {
	var check headCheck
	var fields []Field
	if h != nil {
		fields = h.fields
	}
	for i := range fields {
		f := &fields[i]
		id, err := check.add(f)
		if err != nil {
			return nil, err
		}
		switch {
		case id == fieldContentLength, id == fieldConnection, id == fieldUpgrade, fieldTable[id].traits&reserved != 0:
			return nil, errReserved.of(f.Name)
		}
		head = appendField(head, f.Name, f.Value)
	}
	if err := w.sent(w.out.write(append(head, "\r\n"...))); err != nil {
		return nil, err
	}
	unread, err := w.takeOver(call)
	if err != nil {
		return nil, err
	}
	if len(unread) == 0 {
		return w.conn.rwc, nil
	}
	return &unreadConn{w.conn.rwc, unread}, nil
}

// mayTakeOver returns the error of a call that would take the connection over now.
func (w *Response) mayTakeOver(call string) error {
	if err := w.ready(call); err != nil {
		return err
	}
	switch {
	case w.conn == nil:
		return errNoConn
	case w.phase != headOpen:
		return ErrCommitted
	case w.refusing:
		return errRefusing
	}
	return nil
}

// takeOver ends the library's hold on the connection and returns a copy of the octets that it has read too far.
func (w *Response) takeOver(call string) ([]byte, error) {
	if err := w.mayTakeOver(call); err != nil {
		return nil, err
	}
	c := w.conn
	c.reader.body.end(c.interrupt)
	c.mu.Lock()
	c.takenOver = true // no watch may take an octet from the new owner
	c.mu.Unlock()
	c.stopWatch()
	if err := w.sent(c.out.flush()); err != nil {
		return nil, err
	}
	if err := c.rwc.SetDeadline(time.Time{}); err != nil {
		return nil, err
	}
	unread := append([]byte(nil), c.reader.peek()...)
	w.phase = handedOver
	c.setState(StateHijacked)
	c.srv.untrack(c)
	return unread, nil
}
