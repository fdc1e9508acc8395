// Package octet knows what single octets and runs of them mean in the grammar of RFC 9110, RFC 9112 and
// RFC 3986. It is stateless: a function named by a noun takes octets and gives the length of the longest
// prefix that is one. Nothing here allocates, blocks or keeps what it was given.
package octet

// class holds, for each octet, a bit for every set that it belongs to. It is filled at start-up from the
// ranges of the ABNF, so that it can be compared with the RFC line by line.
var class [256]uint16

const (
	tchar     = 1 << iota // token octets, RFC 9110 §5.6.2
	digit                 // DIGIT, RFC 5234 appendix B.1
	hexdig                // HEXDIG in either case
	hostname              // the part of reg-name that we take, see IsHost
	userinfo              // userinfo but for "%" and "@", RFC 3986 §3.2.1
	path                  // what may stand raw in a path, see Path
	query                 // what may stand raw in a query, see Query
	lenient               // what Limits.LenientTarget adds to both
	fieldText             // field-vchar, SP and HTAB, RFC 9110 §5.5
	quoted                // qdtext, RFC 9110 §5.6.4
)

func init() {
	const (
		unreserved = "-._~"        // beside ALPHA and DIGIT, RFC 3986 §2.3
		subDelims  = "!$&'()*+,;=" // RFC 3986 §2.2
		// Deployed browsers and command-line tools send these raw although RFC 3986 asks for an escape.
		browsers = "[]^{}|`"
	)
	set := func(bits uint16, octets string) {
		for i := range len(octets) {
			class[octets[i]] |= bits
		}
	}
	span := func(bits uint16, first, last int) {
		for c := first; c <= last; c++ {
			class[c] |= bits
		}
	}
	const anywhere = tchar | hostname | userinfo | path | query
	span(anywhere, 'a', 'z')
	span(anywhere, 'A', 'Z')
	span(anywhere|digit|hexdig, '0', '9')
	span(hexdig, 'a', 'f')
	span(hexdig, 'A', 'F')
	set(tchar, "!#$%&'*+-.^_`|~")
	set(hostname|userinfo|path|query, unreserved)
	set(userinfo|path|query, subDelims)
	set(userinfo|path|query, ":")
	set(path|query, "@/"+browsers)
	set(query, `?%\`)
	span(lenient, 0x21, 0x7e)
	span(lenient, 0x80, 0xff)
	class['#'] &^= lenient // a fragment is never part of a request-target
	class['%'] &^= lenient // in a path it begins an escape in every mode
	class['?'] &^= lenient // the first one ends the path
	set(fieldText|quoted, "\t")
	span(fieldText|quoted, ' ', 0x7e)
	span(fieldText|quoted, 0x80, 0xff)
	class['"'] &^= quoted
	class['\\'] &^= quoted
}

// IsTchar reports whether c may stand in a token (RFC 9110 §5.6.2).
func IsTchar(c byte) bool { return class[c]&tchar != 0 }

// IsDigit reports whether c is an ASCII digit.
func IsDigit(c byte) bool { return class[c]&digit != 0 }

// IsHex reports whether c is an ASCII hexadecimal digit.
func IsHex(c byte) bool { return class[c]&hexdig != 0 }

// IsHost reports whether c may stand in a host name: ALPHA, DIGIT, "-", ".", "_" and "~". RFC 3986 also
// allows sub-delims and escapes in a reg-name, but no host that resolves needs one, and "a,b" is what a
// merged duplicate Host looks like.
func IsHost(c byte) bool { return class[c]&hostname != 0 }

// IsUserinfo reports whether c may stand raw in the userinfo of an authority (RFC 3986 §3.2.1).
func IsUserinfo(c byte) bool { return class[c]&userinfo != 0 }

// IsLenientTarget reports whether c may stand raw in a path or query when Limits.LenientTarget is set.
func IsLenientTarget(c byte) bool { return class[c]&lenient != 0 }

// IsFieldText reports whether c may stand in a field value (RFC 9110 §5.5).
func IsFieldText(c byte) bool { return class[c]&fieldText != 0 }

// IsQuoted reports whether c may stand unescaped in a quoted-string (qdtext, RFC 9110 §5.6.4).
func IsQuoted(c byte) bool { return class[c]&quoted != 0 }

// IsSpace reports whether c is SP or HTAB, the only octets that are white space in HTTP (RFC 9110 §5.6.3).
func IsSpace(c byte) bool { return c == ' ' || c == '\t' }

// Lower returns c with ASCII upper case folded.
func Lower(c byte) byte {
	if c-'A' < 26 {
		c |= 0x20
	}
	return c
}

// EqualFold reports whether s equals lower, which is given in lower case, but for the case of ASCII letters.
func EqualFold[S ~string | ~[]byte](s S, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i := range len(lower) {
		if Lower(s[i]) != lower[i] {
			return false
		}
	}
	return true
}

// EqualFoldBoth is EqualFold for two values of any case.
func EqualFoldBoth[S, T ~string | ~[]byte](s S, t T) bool {
	if len(s) != len(t) {
		return false
	}
	for i := range len(s) {
		if s[i] != t[i] && Lower(s[i]) != Lower(t[i]) {
			return false
		}
	}
	return true
}
