package h1

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Handler answers requests. ServeH1 is called in a goroutine of the connection, for one request after another;
// when it returns, the response is finished. Neither w nor q may be used afterwards; the strings of q may be kept.
//
// If it panics, the client gets a 500, or a cut message if the response has begun, and the connection is closed.
type Handler interface {
	ServeH1(w *Response, q *Request)
}

// A HandlerFunc is a function that is a Handler.
type HandlerFunc func(w *Response, q *Request)

// ServeH1 calls f.
func (f HandlerFunc) ServeH1(w *Response, q *Request) { f(w, q) }

// The times of a Server where its fields are zero.
const (
	DefaultReadHeaderTimeout   = 10 * time.Second
	DefaultIdleTimeout         = 75 * time.Second // longer than the idle timers of common load balancers, so as not to race them
	DefaultBodyIdleTimeout     = 30 * time.Second
	DefaultWriteIdleTimeout    = 30 * time.Second
	DefaultTLSHandshakeTimeout = 10 * time.Second
)

// A Server serves HTTP/1.1 and HTTP/1.0 on connections. Its fields must not be changed once it serves. The zero value,
// with a Handler, is ready for use, its limits and times are the defaults.
type Server struct {
	Addr      string  // host:port for ListenAndServe, or unix:path; "" is ":80", with TLS ":443"
	Handler   Handler // nil answers 404
	TLSConfig *tls.Config
	Limits    Limits

	// Times: zero is the default, a negative one means none.

	// ReadHeaderTimeout is how long a request head may take from its first octet, 10 s by default, and a new
	// connection to its first octet. Beyond it: 408, or a silent close if no octet came.
	ReadHeaderTimeout time.Duration
	// ReadTimeout is how long a whole request may take. None by default: it is progress that is limited.
	ReadTimeout time.Duration
	// WriteTimeout is how long a response may take from the end of the request head. None by default.
	WriteTimeout time.Duration
	// IdleTimeout is how long a connection waits for another request, 75 s by default.
	IdleTimeout time.Duration
	// TLSHandshakeTimeout is how long a TLS handshake may take, 10 s by default. A head has its own time after it.
	TLSHandshakeTimeout time.Duration
	// BodyIdleTimeout is how long a body may go without an octet, 30 s by default. Beyond it: 408.
	BodyIdleTimeout time.Duration
	// WriteIdleTimeout is how long a write may go without an octet, 30 s by default. Beyond it the connection is cut.
	WriteIdleTimeout time.Duration

	// MaxRequestsPerConn closes a connection behind so many requests. 0: no limit.
	MaxRequestsPerConn int

	DisableKeepAlive bool // close every connection behind its first response
	DisableDate      bool // send no Date field: for hosts without a clock

	// DefaultHost is taken for a Host field that is empty, as the probes of some load balancers send it. "" refuses
	// such requests.
	DefaultHost string

	// ConnectPolicy says which CONNECT requests reach the Handler; an error answers 403. nil: all are answered 501.
	ConnectPolicy func(*Request) error

	// Logger takes what goes wrong; nil stands for slog.Default. What peers do is logged at level Debug or Info,
	// what handlers do wrong at Error. Each line has a "kind": protocol, disconnect, timeout, tls, peer, connect,
	// handler, panic or accept.
	Logger *slog.Logger

	// ConnState is called when a connection changes its state, by whoever changes it.
	ConnState func(net.Conn, ConnState)
	// BaseContext returns the parent of all request contexts of a listener; nil stands for context.Background.
	BaseContext func(net.Listener) context.Context
	// ConnContext may derive the parent of the request contexts of one connection.
	ConnContext func(ctx context.Context, c net.Conn) context.Context

	// CheckPeer is called before each request on a TLS connection. An error answers 403 and closes.
	CheckPeer func(*tls.ConnectionState) error

	// OnError writes the answer to a request that the library refuses. q is never nil: Method and Target are set if
	// they were complete, Header holds the field lines complete so far, Body is empty. The connection closes whatever
	// it writes, it can't take the connection over, and if it writes nothing the default answer goes out.
	OnError func(w *Response, q *Request, err *ProtocolError)

	// TLSNextProto takes over connections on which TLS has negotiated another protocol, such as "h2". The connection
	// is closed when the function returns.
	TLSNextProto map[string]func(*Server, *tls.Conn, Handler)

	mu         sync.Mutex
	listeners  map[*net.Listener]struct{} // by pointer, as a listener need not be comparable
	conns      map[*conn]struct{}
	gone       chan struct{} // closed when the last connection of a closing Server is gone
	onShutdown []func()
	accepted   int64
	ended      int64 // requests of connections that are gone
	cancel     []context.CancelFunc

	closing atomic.Bool // Shutdown or Close was called
}

// A ConnState is the state of a connection of a Server.
type ConnState int32

const (
	StateNew      ConnState = iota // accepted, nothing has come yet
	StateActive                    // a request is being read or answered
	StateIdle                      // waiting for another request
	StateHijacked                  // handed over; final
	StateClosed                    // closed; final
)

// String returns the name of the state.
func (s ConnState) String() string {
	return [...]string{"new", "active", "idle", "hijacked", "closed"}[s]
}

// Stats are counts of a Server at one moment.
type Stats struct {
	Accepted int64 // connections since the start
	Requests int64 // requests whose head was read, since the start
	New      int   // connections on which nothing has come yet
	Active   int   // connections with a request
	Idle     int   // connections that wait for another request
}

// Stats returns what the server has done and holds now. Connections that were handed over are not counted any more.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Stats{Accepted: s.accepted, Requests: s.ended}
	for c := range s.conns {
		st.Requests += c.requests.Load()
		switch ConnState(c.state.Load()) {
		case StateNew:
			st.New++
		case StateActive:
			st.Active++
		case StateIdle:
			st.Idle++
		}
	}
	return st
}

// ListenAndServe listens on Addr and serves until Shutdown or Close, when it returns ErrServerClosed.
func (s *Server) ListenAndServe() error {
	l, err := s.listen(":80")
	if err != nil {
		return err
	}
	return s.Serve(l)
}

// ListenAndServeTLS is ListenAndServe over TLS. See ServeTLS.
func (s *Server) ListenAndServeTLS(certFile, keyFile string) error {
	l, err := s.listen(":443")
	if err != nil {
		return err
	}
	return s.ServeTLS(l, certFile, keyFile)
}

// listen listens on Addr.
func (s *Server) listen(standard string) (net.Listener, error) {
	if s.closing.Load() {
		return nil, ErrServerClosed
	}
	if path, ok := strings.CutPrefix(s.Addr, "unix:"); ok {
		return net.Listen("unix", path)
	}
	addr := s.Addr
	if addr == "" {
		addr = standard
	}
	return net.Listen("tcp", addr)
}

// ServeTLS serves the connections of l over TLS until Shutdown or Close. The certificate comes from the files, or from
// TLSConfig if both names are empty. ALPN offers http/1.1 and the protocols of TLSNextProto unless TLSConfig says
// which. It closes l.
func (s *Server) ServeTLS(l net.Listener, certFile, keyFile string) error {
	config := s.TLSConfig.Clone()
	if config == nil {
		config = &tls.Config{}
	}
	if len(config.NextProtos) == 0 {
		for proto := range s.TLSNextProto {
			config.NextProtos = append(config.NextProtos, proto)
		}
		slices.Sort(config.NextProtos)
	}
	if !slices.Contains(config.NextProtos, "http/1.1") {
		config.NextProtos = append(config.NextProtos, "http/1.1")
	}
	if certFile != "" || keyFile != "" {
		cert, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			_ = l.Close()
			return err
		}
		config.Certificates = []tls.Certificate{cert}
	}
	return s.Serve(&steadyListener{l, config, orDefault(s.WriteIdleTimeout, DefaultWriteIdleTimeout)})
}

// Serve serves the connections of l, of whatever kind, until Shutdown or Close, when it returns ErrServerClosed. It
// closes l. A connection that is a *tls.Conn is served as TLS.
func (s *Server) Serve(l net.Listener) error {
	defer func() { _ = l.Close() }()
	base := context.Background()
	if s.BaseContext != nil {
		base = s.BaseContext(l)
	}
	base, ok := s.trackListener(&l, base)
	if !ok {
		return ErrServerClosed
	}
	defer s.untrackListener(&l)
	pause := time.Duration(0)
	for {
		rwc, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			go s.newConn(rwc, base, nil).serve()
		case s.closing.Load():
			return ErrServerClosed
		case !temporary(err):
			return err
		default: // out of descriptors, or a connection that ended before it was accepted
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.logger().Warn("h1: accept failed", "kind", "accept", "error", err, "pause", pause)
			time.Sleep(pause)
		}
	}
}

// temporary reports whether Accept may succeed later.
func temporary(err error) bool {
	t, ok := errors.AsType[interface {
		error
		Temporary() bool
	}](err)
	return ok && t.Temporary()
}

// ServeConn serves one connection, with or without a descriptor. It returns when the connection has ended or was
// handed over: ErrServerClosed if the server is closed already, else nil.
func (s *Server) ServeConn(rwc net.Conn) error {
	base := context.Background()
	if s.BaseContext != nil {
		base = s.BaseContext(nil)
	}
	base, cancel := context.WithCancel(base)
	defer cancel()
	if s.closing.Load() {
		_ = rwc.Close()
		return ErrServerClosed
	}
	s.newConn(rwc, base, cancel).serve()
	return nil
}

// newConn makes a connection of rwc and tracks it. cancel ends base, if base is the connection's own.
func (s *Server) newConn(rwc net.Conn, base context.Context, cancel context.CancelFunc) *conn {
	c := &conn{srv: s, rwc: rwc, base: base, cancel: cancel}
	c.tls, _ = rwc.(*tls.Conn)
	_, c.plainTCP = rwc.(*net.TCPConn)
	if c.tls != nil {
		_, c.steadyTLS = c.tls.NetConn().(*steadyConn)
	}
	if s.ConnContext != nil {
		c.base = s.ConnContext(base, rwc)
	}
	s.mu.Lock()
	s.accepted++
	if s.conns == nil {
		s.conns = make(map[*conn]struct{})
	}
	s.conns[c] = struct{}{}
	if s.closing.Load() { // it was accepted while Shutdown or Close began
		_ = rwc.Close()
	}
	s.mu.Unlock()
	if s.ConnState != nil {
		s.ConnState(rwc, StateNew)
	}
	return c
}

// untrack forgets a connection that has ended or was handed over.
func (s *Server) untrack(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.conns[c]; !ok {
		return
	}
	delete(s.conns, c)
	s.ended += c.requests.Load()
	if len(s.conns) == 0 && s.gone != nil {
		close(s.gone)
		s.gone = nil
	}
}

// setState changes the state of c. It reports false if c has been closed behind its back.
func (c *conn) setState(to ConnState) bool {
	for {
		from := ConnState(c.state.Load())
		if from == to {
			return true
		}
		if from == StateClosed || from == StateHijacked {
			return false
		}
		if c.state.CompareAndSwap(int32(from), int32(to)) {
			if c.srv.ConnState != nil {
				c.srv.ConnState(c.rwc, to)
			}
			return true
		}
	}
}

// endsKeepAlive reports whether the n-th request of a connection must be its last.
func (s *Server) endsKeepAlive(n int64) bool {
	return s.DisableKeepAlive || s.MaxRequestsPerConn > 0 && n >= int64(s.MaxRequestsPerConn)
}

// trackListener adds l to the listeners and returns the context of its connections, which Close cancels.
func (s *Server) trackListener(l *net.Listener, base context.Context) (context.Context, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() {
		return base, false
	}
	if s.listeners == nil {
		s.listeners = make(map[*net.Listener]struct{})
	}
	s.listeners[l] = struct{}{}
	ctx, cancel := context.WithCancel(base)
	s.cancel = append(s.cancel, cancel)
	return ctx, true
}

func (s *Server) untrackListener(l *net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

// RegisterOnShutdown registers a function that Shutdown calls in a goroutine of its own.
func (s *Server) RegisterOnShutdown(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onShutdown = append(s.onShutdown, f)
}

// newConnGrace is how long Shutdown waits for the first octet of a connection that has just been accepted: the request
// may be on its way.
const newConnGrace = 500 * time.Millisecond

// Shutdown closes the listeners and the idle connections, lets the requests that are running finish, with "Connection:
// close" where the head is still to come, and returns when all connections are gone, or the error of ctx when it ends
// first. Connections that were handed over are not its business.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing.Store(true)
	err := s.closeListeners()
	for _, f := range s.onShutdown {
		go f()
	}
	s.onShutdown = nil
	open := len(s.conns)
	if open > 0 && s.gone == nil {
		s.gone = make(chan struct{})
	}
	gone := s.gone
	s.mu.Unlock()
	if open == 0 {
		return err
	}
	s.closeConns(StateIdle)
	grace := time.AfterFunc(newConnGrace, func() { s.closeConns(StateNew) })
	defer grace.Stop()
	select {
	case <-gone:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// closeConns closes the connections in a state in which nothing is lost. Their own goroutines tell ConnState.
func (s *Server) closeConns(state ConnState) {
	s.mu.Lock()
	var closing []*conn
	for c := range s.conns {
		if c.state.CompareAndSwap(int32(state), int32(StateClosed)) {
			closing = append(closing, c)
		}
	}
	s.mu.Unlock()
	for _, c := range closing { // without the lock: closing TLS writes, and may block
		if c.tls != nil {
			go c.rwc.Close()
		} else {
			_ = c.rwc.Close()
		}
	}
}

// closeListeners closes the listeners and returns the first error. s.mu is held.
func (s *Server) closeListeners() (err error) {
	for l := range s.listeners {
		if cerr := (*l).Close(); cerr != nil && err == nil && !errors.Is(cerr, net.ErrClosed) {
			err = cerr
		}
	}
	return err
}

// Close closes the listeners and all connections at once, whatever they do, and cancels the contexts of their
// requests. Connections that were handed over are not its business.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing.Store(true)
	err := s.closeListeners()
	for _, cancel := range s.cancel {
		cancel()
	}
	s.cancel = nil
	for c := range s.conns {
		if c.cancel != nil {
			c.cancel()
		}
		if c.tls != nil {
			_ = beneath(c.tls).Close() // without close_notify, which may block
		} else {
			_ = c.rwc.Close()
		}
	}
	return err
}

// logger returns the logger to use.
func (s *Server) logger() *slog.Logger {
	if s.Logger != nil {
		return s.Logger
	}
	return slog.Default()
}
