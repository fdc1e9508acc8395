package h1

import (
	"iter"
	"net/url"
	"strings"

	"github.com/seed-489864d5/h1/internal/octet"
)

// A URL is a parsed request-target (RFC 9112 §3.2). Its fields mean what those of net/url.URL mean. The strings
// are parts of the request's head, but for a Path that held an escape, which is a string of its own.
type URL struct {
	Scheme string // "http" or "https" in lower case for absolute-form, else empty
	User   string // userinfo as received; a request that carries one is refused (RFC 9110 §4.2.4)
	Host   string // host or host:port as received, for absolute- and authority-form

	// Path is decoded, once. It is "*" for asterisk-form and empty for authority-form. Nothing else is done
	// to it: dot segments and double slashes are as they came.
	Path string
	// RawPath is the path as received. It is empty when it equals Path, that is when it holds no escape.
	RawPath string

	RawQuery   string // what follows the first "?", as received
	ForceQuery bool   // there was a "?" with nothing behind it
}

// ParseTarget parses a request-target in one of its four forms: origin-form, absolute-form, authority-form (for
// CONNECT only) and asterisk-form (for OPTIONS only). The error is a *ProtocolError.
func ParseTarget(method, target string) (URL, error) {
	var t targetScan
	b, m := []byte(target), lookupMethod(method)
	switch n, err := t.scan(b, m == methodConnect, true, false); {
	case err != nil && err != ErrIncomplete:
		return URL{}, err
	case n < len(b):
		return URL{}, targetFault(b[n])
	case int(t.off) < len(b):
		return URL{}, errEscape // cut within one
	}
	if err := t.check(b, m); err != nil {
		return URL{}, err
	}
	return t.url(target, m), nil
}

// A targetState says where in a request-target its scan stands.
type targetState uint8

const (
	atTarget targetState = iota
	inScheme
	atHost
	inHost
	inIPv6
	afterIPv6
	inPort
	inPath
	inQuery
	afterAsterisk
)

// A targetScan recognises a request-target octet by octet. It can stop anywhere and go on; all places are
// relative to the target's first octet.
type targetScan struct {
	state    targetState
	absolute bool // the form is absolute-form
	https    bool
	escaped  bool   // the path holds an escape
	off      uint32 // octets in front of it are done with
	host     span   // authority without userinfo, for absolute- and authority-form
	user     uint32 // where userinfo ends, which begins at host.off; 0: none
	path     span
	query    uint32 // the place of "?"; 0: none
}

// scan goes on through t. It returns the place of the first octet that can't belong to the target, an SP where
// all is well, or ErrIncomplete if t ends first. Userinfo is a fault unless withUser is set.
func (s *targetScan) scan(t []byte, connect, withUser, tolerant bool) (int, error) {
	i := int(s.off)
	for i < len(t) {
		switch s.state {
		case atTarget:
			switch {
			case connect:
				s.state = atHost
			case t[0] == '/':
				s.state = inPath
			case t[0] == '*':
				s.state = afterAsterisk
				s.path.end = 1
				i = 1
			default:
				s.state, s.absolute = inScheme, true
			}

		case inScheme:
			want := "https://"
			if i >= 4 && !s.https {
				want = "http://"
				if i == 4 && octet.Lower(t[i]) == 's' {
					want, s.https = "https://", true
				}
			}
			if octet.Lower(t[i]) != want[i] {
				return i, schemeFault(t[i])
			}
			if i++; i == len(want) {
				s.host.off = uint32(i)
				s.state = atHost
			}

		case atHost:
			if withUser && s.absolute {
				n, fault := userinfo(t[i:])
				if fault != nil {
					return i + n, fault
				}
				if n > 0 {
					s.user = uint32(i + n)
					i += n + 1
				}
			}
			switch c := t[min(i, len(t)-1)]; {
			case i == len(t):
				return i, errTargetHost
			case c == '[':
				s.state = inIPv6
			case octet.IsHost(c):
				s.state = inHost
			default:
				return i, authorityFault(c, errTargetHost)
			}
			i++

		case inHost, afterIPv6, inPort:
			c := t[i]
			switch {
			case s.state == inHost && octet.IsHost(c) || s.state == inPort && octet.IsDigit(c):
			case s.state != inPort && c == ':':
				s.state = inPort
			case connect && (s.state != inPort || t[i-1] == ':'):
				return i, authorityFault(c, errTargetPort)
			case c == ' ':
				s.host.end = uint32(i)
				return i, nil
			case s.absolute && (c == '/' || c == '?'):
				s.host.end = uint32(i)
				s.path = span{uint32(i), uint32(i)}
				if s.state = inPath; c == '?' {
					s.query, s.state = uint32(i), inQuery
					i++
				}
				continue
			default:
				return i, authorityFault(c, errTargetHost)
			}
			i++

		case inIPv6:
			c := t[i]
			switch {
			case octet.IsHex(c) || c == ':' || c == '.' && octet.IsDigit(t[i-1]):
			case c == ']' && isIPv6(t[int(s.hostOff())+1:i]):
				s.state = afterIPv6
			default:
				return i, authorityFault(c, errTargetHost)
			}
			i++

		case inPath:
			i += octet.Path(t[i:])
			s.path.end = uint32(i)
			if i == len(t) {
				break
			}
			switch c := t[i]; {
			case c == '?':
				s.query, s.state = uint32(i), inQuery
				i++
			case c == '%':
				s.escaped = true
				n, err := escape(t[i:])
				if err != nil {
					s.off = uint32(i)
					return i + n, err
				}
				i += n
			case tolerant && octet.IsLenientTarget(c):
				i++
			case c == ' ':
				return i, nil
			default:
				return i, targetFault(c)
			}

		case inQuery:
			if i += octet.Query(t[i:]); i == len(t) {
				break
			}
			switch c := t[i]; {
			case tolerant && octet.IsLenientTarget(c):
				i++
			case c == ' ':
				return i, nil
			default:
				return i, targetFault(c)
			}

		case afterAsterisk:
			if t[i] != ' ' {
				return i, errTargetForm
			}
			return i, nil
		}
	}
	switch {
	case s.state == inPath:
		s.path.end = uint32(i)
	case s.state < inPath:
		s.host.end = uint32(i)
	}
	s.off = uint32(i)
	return i, ErrIncomplete
}

// escape returns the length of the percent triplet at the start of t, or a fault and its place: ErrIncomplete
// if t ends inside it. An encoded NUL would cut the path short in whatever is written in C.
func escape(t []byte) (int, error) {
	for i := 1; i < 3; i++ {
		if i == len(t) {
			return i, ErrIncomplete
		}
		if !octet.IsHex(t[i]) {
			return i, errEscape
		}
	}
	if t[1] == '0' && t[2] == '0' {
		return 2, errEscapedNUL
	}
	return 3, nil
}

// targetFault says what is wrong with an octet that ends a request-target.
func targetFault(c byte) *ProtocolError {
	switch c {
	case '#':
		return errFragment
	case '@':
		return errUserinfo
	case '\n':
		return errBareLF
	}
	return errTarget
}

// userinfo returns the length of the userinfo at the start of an authority, 0 if it has none, or the place of a fault.
func userinfo(t []byte) (int, error) {
	foreign := -1
	for i, c := range t {
		switch {
		case c == '@' && foreign >= 0:
			return foreign, targetFault(t[foreign])
		case c == '@':
			return i, nil
		case c == '/' || c == '?':
			return 0, nil
		case !octet.IsUserinfo(c) && c != '%' && foreign < 0:
			foreign = i
		}
	}
	return 0, nil
}

// authorityFault says what is wrong with an octet that ends an authority too early: other, if it may stand in one.
func authorityFault(c byte, other *ProtocolError) *ProtocolError {
	if octet.IsHost(c) || strings.IndexByte(" :/?[]", c) >= 0 {
		return other
	}
	return targetFault(c)
}

// schemeFault says what is wrong with an octet where a scheme is expected.
func schemeFault(c byte) *ProtocolError {
	if octet.IsTchar(c) || c == ':' || c == '/' {
		return errScheme
	}
	if c == ' ' {
		return errTargetForm
	}
	return targetFault(c)
}

// authority returns host and port of the target.
func (s *targetScan) authority(t []byte) []byte {
	return t[s.hostOff():s.host.end]
}

// hostOff returns where the host begins.
func (s *targetScan) hostOff() uint32 {
	if s.user > 0 {
		return s.user + 1
	}
	return s.host.off
}

// asterisk reports whether the target means the server as a whole: "*", or an absolute-form with empty path
// and no query on OPTIONS (RFC 9112 §3.2.4).
func (s *targetScan) asterisk(method methodID) bool {
	return s.state == afterAsterisk ||
		s.absolute && s.path.off == s.path.end && s.query == 0 && method == methodOptions
}

// check decides whether a complete target fits the method and names a host where its form wants one.
func (s *targetScan) check(t []byte, method methodID) error {
	switch {
	case s.state == inScheme || s.state == atTarget:
		return errTargetForm
	case s.state == afterAsterisk && method != methodOptions:
		return errTargetMethod
	case s.absolute:
		if _, _, ok := splitAuthority(s.authority(t)); !ok {
			return errTargetHost
		}
	case method == methodConnect:
		_, port, ok := splitAuthority(t)
		if !ok {
			return errTargetHost
		}
		if port == 0 {
			return errTargetPort
		}
	}
	return nil
}

// url builds the URL of a target that check has passed.
func (s *targetScan) url(target string, method methodID) (u URL) {
	switch {
	case s.absolute:
		if u.Scheme = "http"; s.https {
			u.Scheme = "https"
		}
		u.Host = target[s.hostOff():s.host.end]
		if s.user > 0 {
			u.User = target[s.host.off:s.user]
		}
	case method == methodConnect:
		u.Host = target
		return u
	}
	switch {
	case s.asterisk(method):
		u.Path = "*"
	case s.path.off == s.path.end:
		u.Path = "/" // RFC 9110 §4.2.3
	default:
		u.Path = target[s.path.off:s.path.end]
		if s.escaped {
			u.RawPath = u.Path
			u.Path = decode(u.RawPath, false)
		}
	}
	if s.query > 0 {
		u.RawQuery = target[s.query+1:]
		u.ForceQuery = u.RawQuery == ""
	}
	return u
}

// decode undoes percent-encoding once. A percent sign that begins no triplet stays as it is. If plus is set,
// "+" means SP, as in a form's query. It allocates only if there is something to undo.
func decode(s string, plus bool) string {
	i := 0
	for i < len(s) && s[i] != '%' && (s[i] != '+' || !plus) {
		i++
	}
	if i == len(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	out.WriteString(s[:i])
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%' && i+2 < len(s) && octet.IsHex(s[i+1]) && octet.IsHex(s[i+2]):
			out.WriteByte(octet.Hex(s[i+1])<<4 | octet.Hex(s[i+2]))
			i += 2
		case c == '+' && plus:
			out.WriteByte(' ')
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// EscapedPath returns the path as received.
func (u *URL) EscapedPath() string {
	if u.RawPath != "" {
		return u.RawPath
	}
	return u.Path
}

// Query yields the pairs of the query in order, decoded. Pairs are separated by "&"; a pair without "=" has an
// empty value; "+" means SP. A percent sign that begins no escape stays as it is, as browsers send it.
func (u *URL) Query() iter.Seq2[string, string] {
	return func(yield func(key, value string) bool) {
		for pair := range strings.SplitSeq(u.RawQuery, "&") {
			if pair == "" {
				continue
			}
			key, value, _ := strings.Cut(pair, "=")
			if !yield(decode(key, true), decode(value, true)) {
				return
			}
		}
	}
}

// QueryGet returns the first value of key in the query, or "".
func (u *URL) QueryGet(key string) string {
	for k, v := range u.Query() {
		if k == key {
			return v
		}
	}
	return ""
}

// Std returns the URL as a *url.URL of its own, which may be changed and kept.
func (u *URL) Std() *url.URL {
	s := &url.URL{
		Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath,
		RawQuery: u.RawQuery, ForceQuery: u.ForceQuery,
	}
	if raw := u.EscapedPath(); s.EscapedPath() != raw {
		s.RawPath = raw // net/url would escape more than the client did
	}
	if u.User != "" {
		name, password, has := strings.Cut(u.User, ":")
		if s.User = url.User(decode(name, false)); has {
			s.User = url.UserPassword(decode(name, false), decode(password, false))
		}
	}
	return s
}
