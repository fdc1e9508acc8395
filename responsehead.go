package h1

import (
	"time"

	"github.com/seed-489864d5/h1/internal/octet"
)

// checkField refuses a name or value that would break the grammar (RFC 9110 §5.1, §5.5). Nothing is repaired: an
// injected line end is a bug to be seen.
func checkField(name, value string) error {
	if !isToken(name) {
		return errName.of(name)
	}
	if !isFieldValue(value) {
		return errValue.of(name)
	}
	return nil
}

// appendField appends a field line. White space at the ends of the value is left out.
func appendField(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, octet.TrimSpace(value)...)
	return append(dst, "\r\n"...)
}

// A headCheck judges the fields of one response head, one after another.
type headCheck struct {
	present uint64 // a bit for each fieldID so far
	length  int64  // of Content-Length; valid if it is present
}

func (c *headCheck) has(id fieldID) bool { return c.present&(1<<id) != 0 }

// add judges what every response head must keep to, whoever writes it.
func (c *headCheck) add(f *Field) (fieldID, error) {
	if err := checkField(f.Name, f.Value); err != nil {
		return fieldOther, err
	}
	id := lookupField(f.Name)
	if id == fieldOther {
		return id, nil
	}
	if c.has(id) && fieldTable[id].traits&singleton != 0 {
		return id, errRepeated.of(f.Name)
	}
	switch id {
	case fieldContentLength:
		v := octet.TrimSpace(f.Value)
		n, ok := octet.Decimal(v)
		if !ok || len(v) > 19 {
			return id, errOwnLength.of(f.Value)
		}
		c.length = n
	case fieldDate:
		if !isDate(octet.TrimSpace(f.Value)) {
			return id, errOwnDate.of(f.Value)
		}
	}
	c.present |= 1 << id
	return id, nil
}

// AppendResponseHead appends a response head: the status-line with the registered phrase, the fields of h in order,
// the empty line. h may be nil. It is for those who frame the body themselves, with Content-Length or with
// "Transfer-Encoding: chunked" and AppendChunk; nothing is added, no Date either.
//
// A status outside 100–599, an invalid name or value, a repeated singleton, and whatever would break the framing
// (both of the framing fields, another coding, either on 1xx or 204) is refused with a *UsageError; dst is then
// as it was.
func AppendResponseHead(dst []byte, status int, h *Header) ([]byte, error) {
	if status < minStatus || status > maxStatus {
		return dst, errStatus
	}
	start := len(dst)
	dst = append(dst, statusLines[status-minStatus]...)
	var c headCheck
	if h != nil {
		for i := range h.fields {
			f := &h.fields[i]
			id, err := c.add(f)
			if id == fieldTransferEncoding && err == nil {
				repeated := lookupAgain(h.fields[:i], id)
				if repeated || !octet.EqualFold(octet.TrimSpace(f.Value), "chunked") {
					err = errReserved.of(f.Name)
				}
			}
			if err != nil {
				return dst[:start], err
			}
			dst = appendField(dst, f.Name, f.Value)
		}
	}
	framed := c.has(fieldContentLength) || c.has(fieldTransferEncoding)
	if c.has(fieldContentLength) && c.has(fieldTransferEncoding) || framed && (status < 200 || status == 204) {
		return dst[:start], errReserved.of("Content-Length")
	}
	return append(dst, "\r\n"...), nil
}

// lookupAgain reports whether fields hold a line of that name.
func lookupAgain(fields []Field, id fieldID) bool {
	for i := range fields {
		if lookupField(fields[i].Name) == id {
			return true
		}
	}
	return false
}

// A headPlan is what commit has decided about a response head.
type headPlan struct {
	headCheck
	framing    Framing
	sendLength bool
	close      bool // the connection closes behind this response
	upgrade    bool // the handler advertises another protocol
}

// plan judges what the handler has set and decides how the response goes out. Nothing is written yet.
// pending octets of content are at hand; complete says that they are all there will be.
func (w *Response) plan(pending int64, complete bool) (p headPlan, err error) {
	if !isFieldValue(w.reason) {
		return p, errReason.of(w.reason)
	}
	for i := range w.header.fields {
		f := &w.header.fields[i]
		id, err := p.add(f)
		if err != nil {
			return p, err
		}
		switch {
		case id == fieldConnection:
			if !octet.EqualFold(octet.TrimSpace(f.Value), "close") {
				return p, errReserved.of(f.Name)
			}
			p.close = true
		case id == fieldUpgrade:
			p.upgrade = octet.TrimSpace(f.Value) != "" || p.upgrade
		case fieldTable[id].traits&reserved != 0:
			return p, errReserved.of(f.Name)
		}
	}
	if w.status == 426 && !p.upgrade {
		return p, errNoUpgrade
	}
	declared := int64(-1)
	if p.has(fieldContentLength) {
		declared = p.length
	}
	if w.trailer.Len() > 0 && statusHasBody(w.status) {
		if declared >= 0 {
			return p, errTrailerLength
		}
		for _, f := range w.trailer.fields {
			if err := checkTrailer(f.Name, ""); err != nil {
				return p, err
			}
		}
	}
	written := w.counted + pending
	if complete && declared > written && statusHasBody(w.status) && w.method != methodHead {
		return p, errShort
	}
	p.framing, p.sendLength = responseFraming(responseIntent{
		method: w.method, version: w.version, status: w.status, declared: declared,
		written: written, complete: complete, hasTrailer: w.trailer.Len() > 0,
	})
	p.close = p.close || p.framing.Kind == untilClose || w.closesBehind(declared, written)
	return p, nil
}

// closesBehind decides whether the connection closes behind the response, as far as it is known when the head is
// written (RFC 9112 §9.3): every reason is here.
func (w *Response) closesBehind(declared, written int64) bool {
	switch {
	case w.closing: // the request asked for it, or it was refused
		return true
	case w.conn != nil && w.conn.srv.closing.Load():
		return true
	case declared >= 0 && written > declared && w.method != methodHead && statusHasBody(w.status):
		return true // the excess is dropped, and the handler's idea of the message with it
	case w.method == methodConnect:
		return true // what follows may be meant for the tunnel
	case w.offers && w.status >= 400:
		return true // a careless proxy in front may take the connection for switched
	case w.conn != nil && w.conn.undrainable():
		return true
	}
	return false
}

// appendHead appends the head that p describes: Date, framing and connection fields, then the handler's in order.
func (w *Response) appendHead(dst []byte, p *headPlan) []byte {
	if w.reason != "" {
		dst = appendStatusLine(dst, w.status, w.reason)
	} else {
		dst = append(dst, statusLines[w.status-minStatus]...)
	}
	if !w.noDate && !p.has(fieldDate) {
		dst = append(dst, "Date: "...)
		dst = appendDate(dst, time.Now())
		dst = append(dst, "\r\n"...)
	}
	switch {
	case p.sendLength:
		dst = append(dst, "Content-Length: "...)
		dst = octet.AppendDecimal(dst, p.framing.Length)
		dst = append(dst, "\r\n"...)
	case p.framing.Kind == Chunked:
		dst = append(dst, "Transfer-Encoding: chunked\r\n"...)
	}
	switch {
	case p.close && p.upgrade:
		dst = append(dst, "Connection: close, upgrade\r\n"...)
	case p.close:
		dst = append(dst, "Connection: close\r\n"...)
	case p.upgrade && !w.version.atLeast11():
		dst = append(dst, "Connection: keep-alive, upgrade\r\n"...)
	case p.upgrade:
		dst = append(dst, "Connection: upgrade\r\n"...)
	case !w.version.atLeast11():
		dst = append(dst, "Connection: keep-alive\r\n"...)
	}
	if p.framing.Kind == Chunked && w.trailer.Len() > 0 {
		dst = append(dst, "Trailer: "...)
		for i, f := range w.trailer.fields {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(dst, f.Name...)
		}
		dst = append(dst, "\r\n"...)
	}
	special := uint64(1<<fieldContentLength | 1<<fieldConnection)
	for i := range w.header.fields {
		f := &w.header.fields[i]
		if p.present&special != 0 || w.status == 304 {
			id := lookupField(f.Name)
			if special&(1<<id) != 0 || w.status == 304 && fieldTable[id].traits&notOn304 != 0 {
				continue
			}
		}
		dst = appendField(dst, f.Name, f.Value)
	}
	return append(dst, "\r\n"...)
}
