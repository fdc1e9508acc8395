package h1

import (
	"io"
	"io/fs"
	"syscall"
)

// ReadFrom writes the content that src yields until its end. If Content-Length is set and src is an *os.File, or an
// io.LimitedReader of one, a plain TCP connection takes it by sendfile.
func (w *Response) ReadFrom(src io.Reader) (n int64, err error) {
	if err := w.ready("ReadFrom"); err != nil {
		return 0, err
	}
	n, done, err := w.sendFile(src)
	if done || err != nil {
		return n, err
	}
	b := getBuffer()
	defer b.put()
	for {
		m, rerr := src.Read(b.b[:cap(b.b)])
		if m > 0 {
			wn, werr := w.Write(b.b[:m])
			if n += int64(wn); werr != nil {
				return n, werr
			}
		}
		if rerr == io.EOF {
			return n, nil
		}
		if rerr != nil {
			return n, rerr
		}
	}
}

// sendFileMin is the size from which sendfile is worth two system calls.
const sendFileMin = 8 << 10

// sendFile writes the octets of a file past all buffers, if that can be.
func (w *Response) sendFile(src io.Reader) (n int64, done bool, err error) {
	if w.conn == nil || !w.conn.plainTCP || w.method == methodHead {
		return 0, false, nil
	}
	limit, file := int64(noLimit), src
	if l, ok := src.(*io.LimitedReader); ok {
		limit, file = l.N, l.R
	}
	if _, ok := file.(interface { // an *os.File, or what io.Copy makes of one
		fs.File
		io.Seeker
		syscall.Conn
	}); !ok {
		return 0, false, nil
	}
	if w.phase == headOpen && !w.header.Has("Content-Length") {
		return 0, false, nil
	}
	if skip, err := w.content("ReadFrom", 1); skip {
		return 0, true, err
	}
	if err := w.push(); err != nil {
		return 0, true, err
	}
	if w.framing.Kind != FixedLength || w.framing.Length-w.counted < sendFileMin || limit < sendFileMin {
		return 0, false, nil
	}
	if err := w.sent(w.out.flush()); err != nil {
		return 0, true, err
	}
	most := min(limit, w.framing.Length-w.counted)
	n, err = w.conn.sendFile(&io.LimitedReader{R: file, N: most})
	w.counted += n
	if l, ok := src.(*io.LimitedReader); ok {
		l.N -= n
	}
	return n, err != nil || n < most || most == limit, w.sent(err) // else the source may hold too much
}
