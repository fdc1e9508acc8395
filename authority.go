package h1

import "github.com/seed-489864d5/h1/internal/octet"

// splitAuthority parses uri-host [ ":" port ] (RFC 9110 §7.2), the grammar that Host and the authority of a
// target share. port is 0 when there is none or it is empty. The host must not be empty.
func splitAuthority[S ~string | ~[]byte](a S) (host S, port int, ok bool) {
	end := 0
	if len(a) > 0 && a[0] == '[' {
		for end < len(a) && a[end] != ']' {
			end++
		}
		if end == len(a) || !isIPv6(a[1:end]) {
			return host, 0, false
		}
		end++
	} else {
		for end < len(a) && octet.IsHost(a[end]) {
			end++
		}
	}
	if end == 0 || end > maxHostBytes {
		return host, 0, false
	}
	if end == len(a) {
		return a, 0, true
	}
	digits := a[end+1:]
	if a[end] != ':' || len(digits) > 5 {
		return host, 0, false
	}
	if len(digits) > 0 {
		p, valid := octet.Decimal(digits)
		if !valid || p == 0 || p > 65535 {
			return host, 0, false
		}
		port = int(p)
	}
	return a[:end], port, true
}

// isIPv6 reports whether s is an IPv6 address without zone (RFC 3986 §3.2.2). IPvFuture is not taken.
func isIPv6[S ~string | ~[]byte](s S) bool {
	groups, i := 0, 0
	elided := false
	if len(s) >= 2 && s[0] == ':' && s[1] == ':' {
		elided, i = true, 2
	}
	for i < len(s) {
		start := i
		for i < len(s) && octet.IsHex(s[i]) {
			i++
		}
		if i < len(s) && s[i] == '.' { // the last 32 bits may be an IPv4 address
			if !isIPv4(s[start:]) {
				return false
			}
			groups += 2
			break
		}
		if n := i - start; n == 0 || n > 4 {
			return false
		}
		groups++
		if i == len(s) {
			break
		}
		if s[i] != ':' || i+1 == len(s) {
			return false
		}
		if i++; s[i] == ':' {
			if elided {
				return false
			}
			elided = true
			i++
		}
	}
	return groups == 8 && !elided || elided && groups < 8
}

// isIPv4 reports whether s is a dotted IPv4 address without leading zeros.
func isIPv4[S ~string | ~[]byte](s S) bool {
	parts := 0
	for {
		n := 0
		for n < len(s) && octet.IsDigit(s[n]) {
			n++
		}
		v, ok := octet.Decimal(s[:n])
		if !ok || v > 255 || n > 1 && s[0] == '0' {
			return false
		}
		if parts++; parts == 4 {
			return n == len(s)
		}
		if n == len(s) || s[n] != '.' {
			return false
		}
		s = s[n+1:]
	}
}
