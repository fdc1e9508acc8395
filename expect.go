package h1

// unasked reports whether the client still waits to be asked for the body. Nothing of it is drained then, though
// octets may be there: whether the client sends it is its own guess, and timing must not decide (RFC 9110 §10.1.1).
func (c *conn) unasked() bool {
	return c.req.expects && !c.resp.continued && !c.reader.body.touched
}

// sendContinue tells a client that waits to send the body. It is called by whoever reads the body first.
func (c *conn) sendContinue() error {
	c.outMu.Lock()
	defer c.outMu.Unlock()
	if !c.waiting || c.resp.continued {
		return nil
	}
	c.resp.continued = true
	b := append(c.out.room(), statusLines[0]...)
	err := c.out.took(append(b, "\r\n"...))
	if err == nil {
		err = c.out.flush()
	}
	if err != nil {
		c.writeFailed(err)
	}
	return err
}

// lockOutput keeps sendContinue from writing meanwhile. It costs nothing unless the client waits.
func (c *conn) lockOutput() {
	if c.req.expects {
		c.outMu.Lock()
	}
}

func (c *conn) unlockOutput() {
	if c.req.expects {
		c.outMu.Unlock()
	}
}

// headWritten notes that the final response has begun: no 100 Continue may follow, and unless the exchange is full
// duplex the body can't be read any more, only drained.
func (c *conn) headWritten() {
	c.waiting = false
	if !c.fullDuplex {
		c.reader.body.barred.Store(true)
	}
}
