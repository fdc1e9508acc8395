package conformance

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Parts of streams.
const (
	get   = "GET / HTTP/1.1\r\nHost: a\r\n"
	post  = "POST / HTTP/1.1\r\nHost: a\r\n"
	chunk = post + "Transfer-Encoding: chunked\r\n\r\n"
	next  = "GET /next HTTP/1.1\r\nHost: next\r\n\r\n" // behind all that is fuzzed: it shows where a message ends
)

var netHTTPClasses = []Class{{
	Name:    "empty line before the request line",
	ID:      "9112-2.2-d",
	Why:     "The RFC asks to skip one. net/http does so behind a POST only.",
	Because: `malformed HTTP request ""`,
	Refuses: func(c *Case) bool { return strings.HasPrefix(c.Raw, "\r\n") && c.Prev != "POST" },
	Example: "\r\n" + get + "\r\n",
}, {
	Name:    "white space between chunk size and extension",
	ID:      "9110-5.6.3-a",
	Why:     "The RFC wants bad white space around \";\" to be parsed. net/http cuts at \";\" and takes it for a digit.",
	Because: "invalid byte in chunk length",
	Refuses: spaceBeforeExtension,
	Example: chunk + "1 ;a\r\nx\r\n0\r\n\r\n",
}, {
	Name:    "expectation in HTTP/1.0",
	ID:      "9110-10.1.1-e",
	Why:     "The RFC wants it ignored. net/http answers 417 to any but 100-continue.",
	Because: "expectation failed",
	Refuses: func(c *Case) bool { return c.Ours.Proto == "HTTP/1.0" && firstExpect(c) != "" },
	Example: "POST / HTTP/1.0\r\nExpect: foo\r\n\r\n",
}, {
	Name:    "expectation without members",
	ID:      "9110-10.1.1-g",
	Why:     "A list of empty members is empty. net/http looks at the first line only and answers 417 if it holds commas alone.",
	Because: "expectation failed",
	Refuses: func(c *Case) bool { return strings.Trim(firstExpect(c), ", \t") == "" && firstExpect(c) != "" },
	Example: get + "Expect: ,\r\n\r\n",
}, {
	Name:    "framing field announced as trailer",
	ID:      "9110-6.6.2-a",
	Why:     "The announcement is a hint of which nothing depends. net/http refuses the names of framing fields in it.",
	Because: "bad trailer key",
	Refuses: func(c *Case) bool {
		names := list(rawValues(c.Raw, "Trailer"))
		return c.Ours.Chunked && (has(names, "Content-Length") || has(names, "Transfer-Encoding") || has(names, "Trailer"))
	},
	Example: post + "Trailer: Content-Length\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}, {
	Name: "Trailer field taken out of the header",
	ID:   "9110-6.6.2-a",
	Why:  "net/http gives the announced names as keys of Request.Trailer; h1 keeps the header as it came.",
	Reads: func(c *Case, m *Message) bool {
		if !m.Chunked || len(values(m.Fields, "trailer")) == 0 {
			return false
		}
		m.Fields = without(m.Fields, func(f Field) bool { return f.Name == "trailer" })
		return true
	},
	Example: post + "Trailer: X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n\r\n",
}, {
	Name: "Pragma: no-cache adds Cache-Control",
	ID:   "RFC 9111 §5.4",
	Why:  "net/http adds the field that Pragma stands for; h1 keeps the header as it came.",
	Reads: func(c *Case, m *Message) bool {
		pragma := values(m.Fields, "pragma")
		if len(pragma) == 0 || pragma[0] != "no-cache" || len(values(m.Fields, "cache-control")) > 0 {
			return false
		}
		m.Fields = append(slices.Clone(m.Fields), Field{"cache-control", "no-cache"})
		sortFields(m.Fields)
		return true
	},
	Example: get + "Pragma: no-cache\r\n\r\n",
},
	trailersLeftOut,
	malformedConnection,
	{
		Name: "absolute-form without path",
		ID:   "9110-4.2.3-a",
		Why:  "An empty path means \"/\", or for OPTIONS without query the server as a whole (9112-3.2.4-a). net/http leaves it empty.",
		Reads: func(c *Case, m *Message) bool {
			if !absoluteNoPath.MatchString(m.Target) || m.Method == "CONNECT" {
				return false
			}
			m.Path = ""
			return true
		},
		Example: "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n",
	},
}

var fastHTTPClasses = []Class{malformedConnection, {
	Name:    "white space between chunk size and extension",
	ID:      "9110-5.6.3-a",
	Why:     "The RFC wants bad white space around \";\" to be parsed. fasthttp takes it between the size and the line end only.",
	Because: "after chunk size",
	Refuses: spaceBeforeExtension,
	Example: chunk + "1 ;a\r\nx\r\n0\r\n\r\n",
}, {
	Name:    "chunk size of 16 digits",
	ID:      "9112-7.1-f",
	Why:     "Leading zeros are legal and h1 takes 16 digits. fasthttp takes 15.",
	Because: "too large hex number",
	Refuses: func(c *Case) bool {
		lines, _ := rawChunks(c.Raw)
		return c.Ours.Chunked && slices.ContainsFunc(lines, sixteenDigits.MatchString)
	},
	Example: chunk + "0000000000000000\r\n\r\n",
}, {
	Name:    "chunked in HTTP/1.2 and later",
	ID:      "9110-6.2-a",
	Why:     "The RFC wants higher minor versions handled as 1.1. fasthttp takes them for 1.0, where Transfer-Encoding is faulty.",
	Because: "unsupported transfer-encoding",
	Refuses: func(c *Case) bool { return c.Ours.Chunked && minor2to9.MatchString(c.Ours.Proto) },
	Example: "POST / HTTP/1.2\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}, {
	Name:    "trailer field that is not defined for trailers",
	ID:      "9110-6.5.1-b",
	Why:     "The RFC allows to discard it, as h1 does. fasthttp refuses the message, and for any name that begins like X-Forwarded.",
	Because: "forbidden trailer key",
	Refuses: func(c *Case) bool {
		if !c.Ours.Chunked {
			return false
		}
		_, trailer := rawChunks(c.Raw)
		return slices.ContainsFunc(trailer, func(f Field) bool { return forbiddenByFastHTTP(f.Name) })
	},
	Example: chunk + "0\r\nAuthorization: x\r\n\r\n",
}, {
	Name:    "bad announcement of trailers",
	ID:      "9110-6.6.2-a",
	Why:     "The announcement is a hint of which nothing depends. fasthttp refuses what is no name in it, and names that it forbids.",
	Because: "contain forbidden trailer",
	Refuses: func(c *Case) bool {
		return slices.ContainsFunc(list(rawValues(c.Raw, "Trailer")), func(name string) bool {
			return !isToken(name) || forbiddenByFastHTTP(strings.ToLower(name))
		})
	},
	Example: get + "Trailer: Content-Length\r\n\r\n",
}, {
	Name: "version above HTTP/1.1",
	ID:   "9110-6.2-a",
	Why:  "The RFC wants higher minor versions handled as 1.1. For fasthttp they don't persist without keep-alive.",
	Reads: func(c *Case, m *Message) bool {
		if m.Close || !minor2to9.MatchString(m.Proto) || has(firstConnection(m), "keep-alive") {
			return false
		}
		m.Close = true
		return true
	},
	Example: "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
}, {
	Name: "keep-alive behind the first Connection line",
	ID:   "9112-9.3-f",
	Why:  "Several lines are one list. For HTTP/1.0 fasthttp looks for keep-alive in the first line only.",
	Reads: func(c *Case, m *Message) bool {
		if m.Close || m.Proto != "HTTP/1.0" || has(firstConnection(m), "keep-alive") {
			return false
		}
		m.Close = true
		return true
	},
	Example: "GET / HTTP/1.0\r\nConnection: x\r\nConnection: keep-alive\r\n\r\n",
}, {
	Name: "authority-form",
	ID:   "9112-3.2.3-a",
	Why:  "The target of CONNECT is an authority and no path. fasthttp takes it for the path and the host from Host.",
	Reads: func(c *Case, m *Message) bool {
		if m.Method != "CONNECT" {
			return false
		}
		m.Path, m.Host = m.Target, strings.Join(rawValues(c.Raw, "Host"), "")
		return true
	},
	Example: "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
}, {
	Name:    "origin-form that is read as an authority",
	ID:      "9112-3.2.1-a",
	Why:     "What begins with \"/\" is a path. Where it begins with \"//\" and holds \"://\", or there is no Host, fasthttp takes the host from it.",
	Because: "missing ']' in host|invalid host|invalid port|invalid url escape|invalid uri|invalid ipv6|invalid character",
	Refuses: func(c *Case) bool { return authorityInPath(c.Ours) },
	Example: "GET //[/http:// HTTP/1.1\r\nHost: a\r\n\r\n",
}, {
	Name: "origin-form that is read as an authority and a path",
	ID:   "9112-3.2.1-a",
	Why:  "The same, where what fasthttp takes for the host may be one.",
	Reads: func(c *Case, m *Message) bool {
		if !authorityInPath(m) {
			return false
		}
		authority, path := m.Target[2:], "/"
		if i := strings.IndexAny(authority, "/?"); i >= 0 {
			authority, path = authority[:i], authority[i:]
		}
		m.Host = strings.ToLower(authority[strings.LastIndexByte(authority, '@')+1:])
		path, m.Query, _ = strings.Cut(path, "?")
		m.Path, _ = url.PathUnescape(path)
		return true
	},
	Example: "GET //evil/http:// HTTP/1.1\r\nHost: a\r\n\r\n",
}, {
	Name: "host in lower case",
	ID:   "9110-7.2-c",
	Why:  "h1 keeps the host as it came. fasthttp turns it to lower case.",
	Reads: func(c *Case, m *Message) bool {
		host := strings.ToLower(m.Host)
		if host == m.Host {
			return false
		}
		m.Host = host
		return true
	},
	Example: "GET / HTTP/1.1\r\nHost: A\r\n\r\n",
}, {
	Name: "absolute-form without path but with a query",
	ID:   "9110-4.2.3-a",
	Why:  "An empty path means \"/\". fasthttp leaves it empty in front of a query.",
	Reads: func(c *Case, m *Message) bool {
		if !absoluteNoPath.MatchString(m.Target) || !strings.Contains(m.Target, "?") {
			return false
		}
		m.Path = ""
		return true
	},
	Example: "GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n",
}, {
	Name: "absolute-form of OPTIONS without path",
	ID:   "9112-3.2.4-a",
	Why:  "It means the server as a whole. fasthttp takes it for \"/\".",
	Reads: func(c *Case, m *Message) bool {
		if m.Method != "OPTIONS" || !absoluteNoPath.MatchString(m.Target) || strings.Contains(m.Target, "?") {
			return false
		}
		m.Path = "/"
		return true
	},
	Example: "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n",
},
	trailersLeftOut,
}

// forbiddenByFastHTTP reports whether fasthttp refuses a trailer of that name.
func forbiddenByFastHTTP(name string) bool {
	switch name {
	case "authorization", "content-encoding", "content-length", "content-type", "content-range", "connection", "cookie",
		"expect", "host", "keep-alive", "location", "max-forwards", "proxy-connection", "proxy-authenticate",
		"proxy-authorization", "range", "set-cookie", "te", "trailer", "transfer-encoding", "www-authenticate":
		return true
	}
	return strings.HasPrefix(name, "x-forwarded") || strings.HasPrefix(name, "x-real-ip")
}

// authorityInPath reports whether fasthttp looks for an authority in an origin-form.
func authorityInPath(m *Message) bool {
	return strings.HasPrefix(m.Target, "//") && (m.Host == "" || strings.Contains(m.Target, "://"))
}

// firstConnection returns the members of the first Connection line that says more than close.
func firstConnection(m *Message) []string {
	if v := values(m.Fields, "connection"); len(v) > 0 {
		return list(v[:1])
	}
	return nil
}

// trailersLeftOut holds for all peers.
var trailersLeftOut = Class{
	Name: "trailer fields left out",
	ID:   "9110-6.5.1-b",
	Why:  "h1 discards fields that are not defined for trailers, as the RFC allows; the others deliver them.",
	Reads: func(c *Case, m *Message) bool {
		if !m.Chunked {
			return false
		}
		_, all := rawChunks(c.Raw)
		left := without(all, func(f Field) bool { return undefinedInTrailers(f.Name) })
		if len(left) == len(all) || !slices.Equal(left, m.Trailer) {
			return false
		}
		m.Trailer = all
		return true
	},
	Example: chunk + "0\r\nVia: x\r\nX: y\r\n\r\n",
}

// undefinedInTrailers reports whether row 9110-6.5.1-b names the field.
func undefinedInTrailers(name string) bool {
	switch name {
	case "authorization", "proxy-authorization", "proxy-authenticate", "www-authenticate", "cookie", "set-cookie",
		"content-encoding", "content-type", "content-range", "content-location", "cache-control", "pragma", "range",
		"max-forwards", "forwarded", "x-real-ip", "via", "vary", "date", "age", "location", "retry-after":
		return true
	}
	return strings.HasPrefix(name, "if-") && name != "if-" || strings.HasPrefix(name, "x-forwarded-") && name != "x-forwarded-"
}

// malformedConnection holds for all peers.
var malformedConnection = Class{
	Name: "malformed Connection field",
	ID:   "9110-7.6.1-a",
	Why:  "What the sender of a malformed list meant is in doubt, so h1 closes. The others look for the options that they know.",
	Reads: func(c *Case, m *Message) bool {
		members := list(values(m.Fields, "connection"))
		if !m.Close || has(members, "close") || !malformed(members) {
			return false
		}
		m.Close = m.Proto == "HTTP/1.0" && !has(members, "keep-alive")
		return !m.Close
	},
	Example: get + "Connection: keep-alive;x\r\n\r\n",
}

// malformed reports whether a list holds something that is no token, more than 16 empty members or more than 1024
// members.
func malformed(members []string) bool {
	empty := 0
	for _, s := range members {
		if s == "" {
			empty++
		} else if !isToken(s) {
			return true
		}
	}
	return empty > 16 || len(members) > 1024
}

var (
	absoluteNoPath = regexp.MustCompile(`^(?i:https?)://[^/?]*(\?.*)?$`)
	sizeAndSpace   = regexp.MustCompile(`^[0-9A-Fa-f]+[ \t]+;`)
	sixteenDigits  = regexp.MustCompile(`^[0-9A-Fa-f]{16}`)
	minor2to9      = regexp.MustCompile(`^HTTP/1\.[2-9]$`)
)

func spaceBeforeExtension(c *Case) bool {
	if !c.Ours.Chunked {
		return false
	}
	lines, _ := rawChunks(c.Raw)
	return slices.ContainsFunc(lines, sizeAndSpace.MatchString)
}

// firstExpect returns the value of the first Expect line.
func firstExpect(c *Case) string {
	if v := rawValues(c.Raw, "Expect"); len(v) > 0 {
		return v[0]
	}
	return ""
}
