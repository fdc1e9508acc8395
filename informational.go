package h1

// WriteInformational writes an interim response: 103, another of 102–199 but 101, or 100 if the client waits for it.
// The fields of h, which may be nil, are its own and don't touch those of the final response. It is sent at once.
// Nothing is written, and a *UsageError returned, for HTTP/1.0, for more than 16, and for what an interim response
// may not hold; ErrCommitted once the final head is written.
func (w *Response) WriteInformational(status int, h *Header) error {
	if err := w.ready("WriteInformational"); err != nil {
		return err
	}
	if w.phase != headOpen {
		return ErrCommitted
	}
	if status < 100 || status == 101 || status > 199 {
		return errStatus
	}
	if !w.version.atLeast11() || w.interims >= maxInterim || status == 100 && !w.req.expects {
		return errInterim
	}
	if h != nil {
		for i := range h.fields {
			f := &h.fields[i]
			if err := checkField(f.Name, f.Value); err != nil {
				return err
			}
			switch id := lookupField(f.Name); {
			case id == fieldContentLength, id == fieldConnection, id == fieldUpgrade, fieldTable[id].traits&reserved != 0:
				return errReserved.of(f.Name)
			}
		}
	}
	if w.conn != nil {
		w.conn.lockOutput()
		defer w.conn.unlockOutput()
	}
	if status == 100 {
		if w.continued {
			return errInterim
		}
		w.continued = true
	}
	w.interims++
	b := append(w.out.room(), statusLines[status-minStatus]...)
	if h != nil {
		for i := range h.fields {
			b = appendField(b, h.fields[i].Name, h.fields[i].Value)
		}
	}
	if err := w.out.took(append(b, "\r\n"...)); err != nil {
		return w.sent(err)
	}
	return w.sent(w.out.flush())
}
