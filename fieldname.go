package h1

import "github.com/seed-489864d5/h1/internal/octet"

// A fieldID stands for a field name that some rule of the protocol speaks of.
type fieldID uint8

const (
	fieldOther fieldID = iota // no rule speaks of it
	fieldHost
	fieldConnection
	fieldContentLength
	fieldTransferEncoding
	fieldExpect
	fieldUpgrade
	fieldTE
	fieldTrailer
	fieldKeepAlive
	fieldProxyConnection
	fieldClose
	fieldHTTP2Settings
	fieldDate
	fieldContentType
	fieldContentEncoding
	fieldContentRange
	fieldContentLocation
	fieldLocation
	fieldServer
	fieldAge
	fieldETag
	fieldExpires
	fieldLastModified
	fieldRetryAfter
	fieldAuthorization
	fieldProxyAuthorization
	fieldProxyAuthenticate
	fieldWWWAuthenticate
	fieldCookie
	fieldSetCookie
	fieldCacheControl
	fieldPragma
	fieldRange
	fieldMaxForwards
	fieldForwarded
	fieldXRealIP
	fieldVia
	fieldVary
	numFields
)

// fieldTraits are what the rules say of a field name.
type fieldTraits uint16

const (
	// In a trailer section it is an attack or a broken hop: the message fails.
	trailerFault fieldTraits = 1 << iota
	// It is not defined for trailers: it is discarded from a request's, refused in a response's.
	trailerDropped
	// A handler may not set it: framing and hop-by-hop fields are the library's.
	reserved
	// It may stand in a response once only.
	singleton
	// It speaks of content, of which a 304 has none.
	notOn304
	// It means this connection only, nominated by Connection or not.
	hopByHop
	// Nominating it in Connection is an attack on what the next hop sees.
	protected
)

// fieldTable is the one place that says which names are special and why (RFC 9110 §5.3, §6.5.1, §7.6.1).
var fieldTable = [numFields]struct {
	name   string
	traits fieldTraits
}{
	fieldHost:               {"host", trailerFault | protected},
	fieldConnection:         {"connection", trailerFault | hopByHop},
	fieldContentLength:      {"content-length", trailerFault | singleton | notOn304 | protected},
	fieldTransferEncoding:   {"transfer-encoding", trailerFault | reserved | hopByHop},
	fieldExpect:             {"expect", trailerFault},
	fieldUpgrade:            {"upgrade", trailerFault | hopByHop},
	fieldTE:                 {"te", trailerFault | reserved | hopByHop},
	fieldTrailer:            {"trailer", trailerFault | reserved | hopByHop},
	fieldKeepAlive:          {"keep-alive", trailerFault | reserved | hopByHop},
	fieldProxyConnection:    {"proxy-connection", trailerFault | reserved | hopByHop},
	fieldClose:              {"close", reserved},
	fieldHTTP2Settings:      {"http2-settings", reserved | hopByHop},
	fieldDate:               {"date", trailerDropped | singleton},
	fieldContentType:        {"content-type", trailerDropped | singleton | notOn304},
	fieldContentEncoding:    {"content-encoding", trailerDropped | notOn304},
	fieldContentRange:       {"content-range", trailerDropped | singleton | notOn304},
	fieldContentLocation:    {"content-location", trailerDropped | singleton},
	fieldLocation:           {"location", trailerDropped | singleton},
	fieldServer:             {"server", singleton},
	fieldAge:                {"age", trailerDropped | singleton},
	fieldETag:               {"etag", singleton},
	fieldExpires:            {"expires", singleton},
	fieldLastModified:       {"last-modified", singleton},
	fieldRetryAfter:         {"retry-after", trailerDropped | singleton},
	fieldAuthorization:      {"authorization", trailerDropped | protected},
	fieldProxyAuthorization: {"proxy-authorization", trailerDropped | hopByHop},
	fieldProxyAuthenticate:  {"proxy-authenticate", trailerDropped | hopByHop},
	fieldWWWAuthenticate:    {"www-authenticate", trailerDropped},
	fieldCookie:             {"cookie", trailerDropped | protected},
	fieldSetCookie:          {"set-cookie", trailerDropped},
	fieldCacheControl:       {"cache-control", trailerDropped},
	fieldPragma:             {"pragma", trailerDropped},
	fieldRange:              {"range", trailerDropped},
	fieldMaxForwards:        {"max-forwards", trailerDropped},
	fieldForwarded:          {"forwarded", trailerDropped | protected},
	fieldXRealIP:            {"x-real-ip", trailerDropped | protected},
	fieldVia:                {"via", trailerDropped},
	fieldVary:               {"vary", trailerDropped},
}

// fieldPrefixes are families of names that share their traits.
var fieldPrefixes = [...]struct {
	prefix string
	traits fieldTraits
}{
	{"if-", trailerDropped},
	{"x-forwarded-", trailerDropped | protected},
}

// fieldsByLength lists the entries of fieldTable by the length of the name.
var fieldsByLength = func() (lists [20][]fieldID) {
	for id := fieldOther + 1; id < numFields; id++ {
		n := len(fieldTable[id].name)
		lists[n] = append(lists[n], id)
	}
	return lists
}()

// lookupField returns the ID of a field name, in whatever case it is written.
func lookupField[S ~string | ~[]byte](name S) fieldID {
	if len(name) >= len(fieldsByLength) {
		return fieldOther
	}
	for _, id := range fieldsByLength[len(name)] {
		if known := fieldTable[id].name; octet.Lower(name[0]) == known[0] && octet.EqualFold(name, known) {
			return id
		}
	}
	return fieldOther
}

// traitsOf returns what the rules say of a field name.
func traitsOf(name string) fieldTraits {
	if id := lookupField(name); id != fieldOther {
		return fieldTable[id].traits
	}
	for _, f := range fieldPrefixes {
		if len(name) > len(f.prefix) && octet.EqualFold(name[:len(f.prefix)], f.prefix) {
			return f.traits
		}
	}
	return 0
}

// looksLikeFraming reports whether name, which is none of fieldTable, turns into a framing field when "_" is
// mapped to "-", as CGI-style interfaces do (RFC 9110 §17.10). Any other name with an underscore is legal.
func looksLikeFraming(name []byte) bool {
	var known string
	switch len(name) {
	case len("content-length"):
		known = fieldTable[fieldContentLength].name
	case len("transfer-encoding"):
		known = fieldTable[fieldTransferEncoding].name
	default:
		return false
	}
	for i, c := range name {
		if c == '_' {
			c = '-'
		}
		if octet.Lower(c) != known[i] {
			return false
		}
	}
	return true
}
