package h1

import "github.com/seed-489864d5/h1/internal/octet"

// A headPhase says where in a request head its scan stands.
type headPhase uint8

const (
	headDone headPhase = iota // the next octet begins another head
	inEmptyLines
	inMethod
	inTarget
	inVersion
	inFields
)

// A headScan recognises a request head in one forward pass that can stop at any octet. It holds places in the
// octets, no octets.
type headScan struct {
	phase   headPhase
	off     int // octets in front of off are done with; after a fault, the place of the fault
	empty   int // empty lines skipped
	start   int // where the request line begins
	method  span
	id      methodID
	target  int // where the request-target begins
	url     targetScan
	end     int // where the request-target ends
	version Version
	fields  section
}

// reset makes p ready for another head and keeps its memory.
func (p *headScan) reset() {
	*p = headScan{phase: inEmptyLines, fields: section{lines: p.fields.lines[:0]}}
}

// stop keeps the place and passes err on.
func (p *headScan) stop(off int, err error) error {
	p.off = off
	return err
}

// scan goes on through b: empty lines, request line, field lines. It returns nil when the head's closing empty
// line has been taken, p.off being behind it.
func (p *headScan) scan(b []byte, lim *Limits) error {
	switch p.phase {
	case inEmptyLines:
		if err := p.scanEmptyLines(b, lim); err != nil {
			return err
		}
		p.phase, p.start = inMethod, p.off
		fallthrough
	case inMethod:
		if err := p.scanMethod(b, lim); err != nil {
			return err
		}
		p.phase = inTarget
		fallthrough
	case inTarget:
		if err := p.scanTarget(b, lim); err != nil {
			return err
		}
		p.phase = inVersion
		fallthrough
	case inVersion:
		if err := p.scanVersion(b); err != nil {
			return err
		}
		p.phase = inFields
		p.fields.reset(p.off)
	}
	limits := lim.section()
	err := p.fields.parse(b, &limits)
	p.off = p.fields.off
	return err
}

// scanEmptyLines skips CRLF in front of the request line (RFC 9112 §2.2).
func (p *headScan) scanEmptyLines(b []byte, lim *Limits) error {
	i := p.off
	for i < len(b) && b[i] == '\r' {
		if p.empty == lim.leadingEmptyLines() {
			return p.stop(i, errEmptyLines)
		}
		if i+1 == len(b) {
			break
		}
		if b[i+1] != '\n' {
			return p.stop(i+1, errBareCR)
		}
		p.empty++
		i += 2
	}
	if p.off = i; i == len(b) || b[i] == '\r' {
		return ErrIncomplete
	}
	return nil
}

// scanMethod takes the method and the SP behind it (RFC 9112 §3.1).
func (p *headScan) scanMethod(b []byte, lim *Limits) error {
	most := bound(lim.MaxMethodBytes, DefaultMaxMethodBytes)
	i := p.off + octet.Token(b[p.off:min(len(b), p.start+most+1)])
	switch {
	case i-p.start > most:
		return p.stop(p.start+most, errMethodTooLong)
	case i == len(b):
		return p.stop(i, ErrIncomplete)
	case b[i] == '\n':
		return p.stop(i, errBareLF)
	case b[i] != ' ':
		return p.stop(i, errMethod)
	case i == p.start:
		return p.stop(i, errNoMethod)
	}
	p.method = span{uint32(p.start), uint32(i)}
	p.id = lookupMethod(b[p.start:i])
	p.target = i + 1
	return p.stop(i+1, nil)
}

// scanTarget takes the request-target and the SP behind it (RFC 9112 §3.2).
func (p *headScan) scanTarget(b []byte, lim *Limits) error {
	most := bound(lim.MaxTargetBytes, DefaultMaxTargetBytes)
	n, err := p.url.scan(b[p.target:min(len(b), p.target+most+1)], p.id == methodConnect, false, lim.LenientTarget)
	if n > most {
		return p.stop(p.target+most, errTargetTooLong)
	}
	if err != nil {
		return p.stop(p.target+n, err)
	}
	p.end = p.target + n
	return p.stop(p.end+1, nil)
}

// scanVersion takes the version and the CRLF behind it (RFC 9112 §2.3). With the line complete, an unknown major
// version is refused before anything else: the rest is not ours to judge (RFC 9113 §3.4).
func (p *headScan) scanVersion(b []byte) error {
	const form = "HTTP/d.d\r\n"
	v := b[p.off:min(len(b), p.off+len(form))]
	for i, c := range v {
		switch want := form[i]; {
		case want == 'd':
			if !octet.IsDigit(c) {
				return p.stop(p.off+i, errVersion)
			}
		case c == want:
		case c == '\n' && want == '\r':
			return p.stop(p.off+i, errBareLF)
		case want == '\n':
			return p.stop(p.off+i, errBareCR)
		default:
			return p.stop(p.off+i, errVersion)
		}
	}
	if len(v) < len(form) {
		return ErrIncomplete
	}
	p.version = Version{int(v[5] - '0'), int(v[7] - '0')}
	if p.version.Major != 1 {
		return p.stop(p.off+5, errVersionUnknown)
	}
	if err := p.url.check(b[p.target:p.end], p.id); err != nil {
		return p.stop(p.target, err)
	}
	return p.stop(p.off+len(form), nil)
}

// interpret decides what a complete head means and fills in q. What concerns several fields is judged in this
// order: Host, framing, Host against target, Expect. Nothing is allocated before all has passed.
func (q *Request) interpret(b []byte, defaultHost string) error {
	p := &q.head
	v := view{b, &p.fields}
	host, id, err := effectiveHost(v, p, defaultHost)
	if err != nil {
		return p.stop(v.place(id), err)
	}
	framing, id, err := requestFraming(v, p.version, p.id)
	if err != nil {
		return p.stop(v.place(id), err)
	}
	target := b[p.target:p.end]
	if err := agree(&p.url, target, p.id, host); err != nil {
		return p.stop(v.place(fieldHost), err)
	}
	expects, err := expectsContinue(v, p.version)
	if err != nil {
		return p.stop(v.place(fieldExpect), err)
	}
	options := connectionOptions(v)

	p.phase = headDone
	raw := string(b[p.start:p.off])
	q.raw = raw
	q.fill(b)
	q.framing = framing
	q.ContentLength = framing.contentLength()
	q.Close = !options.persists(p.version)
	q.expects = expects && q.ContentLength != 0
	q.offers = options.upgrade && v.has(fieldUpgrade) && p.version.atLeast11()
	if q.URL.Host != "" {
		q.Host = q.URL.Host
	} else if q.Host = q.Header.Get("Host"); q.Host == "" && p.fields.present&(1<<fieldHost) != 0 {
		q.Host = defaultHost
	}
	return nil
}

// fill sets what can be read off the parts of the head that are complete. It allocates the head's string unless
// q.raw holds it.
func (q *Request) fill(b []byte) {
	p := &q.head
	raw := q.raw
	q.Method, q.Target, q.URL, q.Proto, q.Host = "", "", URL{}, Version{}, ""
	q.method = p.id
	q.Header.fields = q.Header.fields[:0]
	q.Trailer.fields = q.Trailer.fields[:0]
	q.Body = emptyBody{}
	if p.method.end > 0 {
		q.Method = raw[int(p.method.off)-p.start : int(p.method.end)-p.start]
	}
	if p.end > 0 {
		q.Target = raw[p.target-p.start : p.end-p.start]
	}
	if p.version.Major == 1 {
		q.Proto = p.version
		q.URL = p.url.url(q.Target, p.id)
		q.Header.appendSection(raw, p.start, &p.fields)
	}
}

// fillRefused is fill for a head that was refused, from b as it was given to Parse: Method and Target are set if
// they were complete, Header holds the field lines complete so far.
func (q *Request) fillRefused(b []byte) {
	p := &q.head
	end := max(p.target, p.end)
	if n := len(p.fields.lines); n > 0 {
		end = int(p.fields.lines[n-1].value.end)
	}
	q.raw = string(b[min(p.start, end):end])
	q.fill(b)
	q.framing, q.ContentLength, q.Close, q.expects, q.offers = Framing{}, 0, true, false, false
	q.Host = q.Header.Get("Host")
	q.raw = ""
}

// place returns where the value of the last line of that name begins, or where the section ends without one.
func (v view) place(id fieldID) int {
	for i := len(v.lines) - 1; i >= 0; i-- {
		if v.lines[i].id == id {
			return int(v.lines[i].value.off)
		}
	}
	return v.off - 2
}

// effectiveHost returns the value of the Host field, or the default for an empty one (RFC 9112 §3.2, §3.3).
func effectiveHost(v view, p *headScan, defaultHost string) ([]byte, fieldID, error) {
	host, n := v.single(fieldHost)
	switch {
	case n > 1:
		return nil, fieldHost, errHosts
	case n == 0 && p.version.atLeast11():
		return nil, fieldHost, errNoHost
	case n == 0 || len(host) == 0 && defaultHost != "":
		return nil, fieldHost, nil
	case len(host) == 0:
		return nil, fieldHost, errEmptyHost
	}
	if _, _, ok := splitAuthority(host); !ok {
		return nil, fieldHost, errHost
	}
	return host, fieldHost, nil
}

// agree refuses a Host that names another authority than the target. RFC 9112 §3.2.2 lets the target win, but the
// client has broken a MUST, and a hop in front may have routed by the other one. The host compares without regard
// to case, the port by its number, the scheme's own being none. CONNECT's Host may leave the port out.
func agree(t *targetScan, target []byte, method methodID, host []byte) error {
	if host == nil || !t.absolute && method != methodConnect {
		return nil
	}
	name, port, _ := splitAuthority(t.authority(target))
	hostName, hostPort, _ := splitAuthority(host)
	if t.absolute {
		standard := 80
		if t.https {
			standard = 443
		}
		if port == 0 {
			port = standard
		}
		if hostPort == 0 {
			hostPort = standard
		}
	} else if hostPort == 0 {
		hostPort = port
	}
	if port != hostPort || !octet.EqualFoldBoth(name, hostName) {
		return errHostDiffers
	}
	return nil
}
