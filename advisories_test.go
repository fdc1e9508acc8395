package h1_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-489864d5/h1"
	"github.com/seed-489864d5/h1/internal/wiretest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An advisory is a published fault of some HTTP/1.1 implementation, and what shows that it is none of ours. Several
// with one cause are one.
type advisory struct {
	ids     string // advisories, issues, products
	vectors []*wiretest.Vector
	test    func(t *testing.T)
	left    string // why it doesn't apply; nothing is tested then
}

// sends makes a vector: in is sent as it is, then {EOF} ends the client's side if it ends in that. expect and lines are
// those of a vector's head.
func sends(in, expect string, lines ...string) *wiretest.Vector {
	v, err := wiretest.ParseVector("expect: " + expect + "\n" + strings.Join(lines, "\n") + strings.Repeat("\n", min(1, len(lines))) + "\n")
	if err != nil {
		panic(err)
	}
	in, eof := strings.CutSuffix(in, "{EOF}")
	v.Steps = []wiretest.Step{{Octets: in}}
	if eof {
		v.Steps = append(v.Steps, wiretest.Step{EOF: true})
	}
	return v
}

// each makes a vector of each variant of in, in which "@" is replaced.
func each(in, expect string, variants ...string) (vectors []*wiretest.Vector) {
	for _, v := range variants {
		vectors = append(vectors, sends(strings.ReplaceAll(in, "@", v), expect))
	}
	return vectors
}

// playVectors plays vectors whole, octet by octet, and, where the connection closes, with a request behind, which must
// never be answered. More than a server swallows after its last response is for the stream layer alone: who sends it
// gets a reset.
func playVectors(t *testing.T, vectors []*wiretest.Vector) {
	synctest.Test(t, func(t *testing.T) {
		for _, v := range vectors {
			in := v.Input()
			if _, noread := v.Options["noread"]; len(in) > 66<<10 && v.Conn == 'C' && !noread {
				_, err := readAll(in, nil, false)
				fault, _ := errors.AsType[*h1.ProtocolError](err)
				if fault == nil || fault.Status != v.Statuses[0] {
					t.Errorf("%.100q: %v, want status %d", in, err, v.Statuses[0])
				}
				continue
			}
			deliveries := map[string]*wiretest.Vector{"whole": v}
			if v.Conn == 'C' && !v.Has(func(s wiretest.Step) bool { return s.EOF }) {
				deliveries["with a request behind"] = v.Then(wiretest.NextRequest)
			}
			for name, d := range deliveries {
				if err := playInMemory(d, d.Steps, true); err != nil {
					t.Errorf("%.300q, %s: %v", in, name, err)
				}
			}
			if len(in) > 4<<10 {
				continue
			}
			if err := playInMemory(v, v.Octets(), false); err != nil {
				t.Errorf("%.300q, octets: %v", in, err)
			}
		}
	})
}

// TestAdvisories runs all that is tested of the advisories, by their names.
func TestAdvisories(t *testing.T) {
	for section, list := range advisories() {
		for _, a := range list {
			t.Run(section+" "+strings.ReplaceAll(a.ids, "/", "+"), func(t *testing.T) {
				if a.left != "" {
					t.Skip(a.left)
				}
				if a.vectors == nil && a.test == nil {
					t.Fatal("nothing is tested")
				}
				playVectors(t, a.vectors)
				if a.test != nil {
					a.test(t)
				}
			})
		}
	}
}

// TestAdvisoriesComplete holds the list against the collection that it was made from.
func TestAdvisoriesComplete(t *testing.T) {
	const collection = "../shared/USERS.md"
	text, err := os.ReadFile(collection)
	if err != nil {
		t.Skip("the collection of advisories is not at hand: " + collection + " is missing")
	}
	heading := regexp.MustCompile(`^#+ (\d+\.\d+) `)
	section, all := "", advisories()
	wanted := map[string]bool{}
	for line := range strings.SplitSeq(string(text), "\n") {
		if m := heading.FindStringSubmatch(line); m != nil {
			section = m[1]
			continue
		}
		cells := strings.Split(line, "|")
		if _, ok := all[section]; !ok || len(cells) < 5 || strings.HasPrefix(line, "| ID |") || strings.HasPrefix(line, "|--") {
			continue
		}
		wanted[section+" "+strings.TrimSpace(cells[1])] = true
	}
	for section, list := range all {
		for _, a := range list {
			name := section + " " + a.ids
			if !wanted[name] {
				t.Errorf("%s is not in the collection, or listed twice", name)
			}
			delete(wanted, name)
		}
	}
	for name := range wanted {
		t.Errorf("%s is missing", name)
	}
}

// advisories lists them by the sections of the collection.
func advisories() map[string][]advisory {
	return map[string][]advisory{
		"3.1": framingAdvisories(),
		"3.2": headAdvisories(),
		"3.3": chunkAdvisories(),
		"3.4": trailerAdvisories(),
		"3.5": pipelineAdvisories(),
		"3.6": switchAdvisories(),
		"3.7": writerAdvisories(),
		"3.8": targetAdvisories(),
		"3.9": resourceAdvisories(),
	}
}

// A framingCase is a pair of framing fields, in some order and version, in front of a body that a length of 5 and the
// chunked coding read alike. Whoever reads it otherwise answers another number of requests.
type framingCase struct {
	in     string
	status int // 200, or that of the refusal
}

// framingMatrix has all pairs of Content-Length and Transfer-Encoding as they have been sent to confuse. The verdict is
// taken from the requirements, not from the library.
func framingMatrix(versions ...string) (cases []framingCase) {
	const length, coding = "Content-Length: ", "Transfer-Encoding: "
	lengths := map[string]bool{ // whether it is valid alone
		"": true, length + "5\r\n": true, length + "05\r\n": true, length + "\t5 \r\n": true, "content-length:5\r\n": true,
		length + "5\r\n" + length + "5\r\n": false, length + "5\r\n" + length + "0\r\n": false, length + "0\r\n" + length + "5\r\n": false,
		length + "5, 5\r\n": false, length + "5,\r\n": false, length + "0, 5\r\n": false, length + "\r\n": false, length + " \t\r\n": false,
		length + "\r\n" + length + "5\r\n": false, length + "+5\r\n": false, length + "-5\r\n": false, length + "0x5\r\n": false,
		length + "5 5\r\n": false, length + "5\t5\r\n": false, length + "5;\r\n": false, length + "\"5\"\r\n": false, length + "5.0\r\n": false,
		length + "5_0\r\n": false, length + "5e0\r\n": false, length + "18446744073709551621\r\n": false, length + "\xef\xbc\x95\r\n": false,
		length + "\xd9\xa5\r\n": false,
	}
	codings := map[string]int{ // 200, or the status of the refusal
		"": 200, coding + "chunked\r\n": 200, coding + "ChunKed\r\n": 200, coding + "\t chunked \t\r\n": 200, "transfer-encoding:chunked\r\n": 200,
		coding + "gzip, chunked\r\n": 501, coding + "gzip\r\n" + coding + "chunked\r\n": 501, coding + "identity, chunked\r\n": 501,
		coding + "identity\r\n" + coding + "chunked\r\n": 501, coding + "chunked\r\n" + coding + "identity\r\n": 400,
		coding + "chunked, identity\r\n": 400, coding + "chunked, chunked\r\n": 400, coding + "chunked\r\n" + coding + "chunked\r\n": 400,
		coding + "identity\r\n": 400, coding + "gzip\r\n": 400, coding + "xchunked\r\n": 400, coding + "chunkedx\r\n": 400, coding + "chunke\r\n": 400,
		coding + ",chunked\r\n": 400, coding + "chunked,\r\n": 400, coding + "chunked;q=1\r\n": 400, coding + "chunked;\r\n": 400,
		coding + "\"chunked\"\r\n": 400, coding + "'chunked'\r\n": 400, coding + "\r\n": 400, coding + "\r\n" + coding + "chunked\r\n": 400,
		coding + "chunked x\r\n": 400, coding + "x chunked\r\n": 400, coding + "\xa0chunked\r\n": 400, coding + "chunked\x85\r\n": 400,
		coding + "chunked\x00\r\n": 400, coding + "\x0bchunked\r\n": 400, coding + "chunked\x0c\r\n": 400, coding + "[chunked]\r\n": 400,
		"Transfer-Encoding : chunked\r\n": 400, "Transfer-Encoding\t: chunked\r\n": 400, "Transfer_Encoding: chunked\r\n": 400,
		coding + "\r\n chunked\r\n": 400, "X: y\r\n Transfer-Encoding: chunked\r\n": 400,
	}
	for _, version := range versions {
		for l, valid := range lengths {
			for c, status := range codings {
				switch {
				case status == 200 && l != "" && c != "": // both
					status = 400
				case status == 200 && c != "" && version == "1.0":
					status = 400
				case status == 200 && !valid:
					status = 400
				case status == 501 && (l != "" || version == "1.0"):
					status = 400
				}
				body := "0\r\n\r\n"
				if l+c == "" {
					body = ""
				}
				for _, fields := range slices.Compact([]string{l + c, c + l}) {
					cases = append(cases, framingCase{"POST / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n" + body, status})
				}
			}
		}
	}
	return cases
}

// parsesFraming checks the matrix in the stream layer.
func parsesFraming(versions ...string) func(t *testing.T) {
	return func(t *testing.T) {
		for _, c := range framingMatrix(versions...) {
			n, err := readAll(c.in+next, nil, false)
			fault, _ := errors.AsType[*h1.ProtocolError](err)
			switch {
			case c.status == 200 && (n != 2 || err != io.EOF):
				t.Errorf("%q: %d requests, %v; want 2", c.in, n, err)
			case c.status != 200 && (n != 0 || fault == nil || fault.Status != c.status):
				t.Errorf("%q: %d requests, %v; want status %d", c.in, n, err, c.status)
			}
		}
	}
}

// TestFramingMatrix checks it over the connection loop.
func TestFramingMatrix(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, c := range framingMatrix("1.0", "1.1") {
			expect := fmt.Sprintf("%d C", c.status)
			if c.status == 200 && strings.Contains(c.in, "HTTP/1.1") {
				expect = "200 200 K"
			}
			v := sends(c.in+next, expect)
			if err := playInMemory(v, v.Steps, true); err != nil {
				t.Errorf("%q: %v", c.in, err)
			}
		}
	})
}

const twenty8 = "GET /n HTTP/1.1\r\nHost: a\r\n\r\n" // next, as content of 28 octets

func framingAdvisories() []advisory {
	full := parsesFraming("1.1", "1.0")
	spaceBeforeColon := append(each(postOpen+"Content-Length@: 28\r\n\r\n"+twenty8, "400 C", " ", "\t", "  ", " x", "\x00", "\x0b"),
		each(postOpen+"Transfer-Encoding@: chunked\r\n\r\n0\r\n\r\n", "400 C", " ", "\t", "\x0b", "\x0c", "\x85", "\xa0")...)
	return []advisory{
		{ids: "CVE-2015-5739/5740/5741 (GO-2021-0159)", test: full, vectors: slices.Concat(
			each(postOpen+"Content@Length: 28\r\n\r\n"+twenty8, "400 C", " ", "\t"),
			each(postChunked+"@", "400 C", "Z\r\n", "1\r\nxZ", "-1\r\n"), // an error in a body closes
		)},
		{ids: "CVE-2019-16276 (GO-2022-0212)", vectors: spaceBeforeColon},
		{ids: "CVE-2022-1705 (GO-2022-0525)", vectors: append(
			each(postOpen+"Transfer-Encoding: @\r\n\r\n0\r\n\r\n", "400 C", "xchunked", "chunked;x", `"chunked"`, "\x0bchunked", "\x0cchunked", "chunked\x0b", "chunked foo"),
			sends(postOpen+"Transfer-Encoding:  chunked \r\n\r\n0\r\n\r\n"+next, "200 200 K"))},
		{ids: "golang/go#61679", vectors: each(postOpen+"Content-Length:@\r\n\r\n"+twenty8, "400 C", "", " ", "\t", " \t ")},
		{ids: "fasthttp#1719", vectors: append(
			each(postOpen+"Transfer-Encoding: @\r\n\r\n0\r\n\r\n", "400 C", "blegh", "blegh, blegh"),
			sends(postOpen+"Content-Length: 0\r\nContent-Length: 1\r\n\r\nx", "400 C"),
			sends(postOpen+"Content-Length: 1\r\nContent-Length: 0\r\n\r\nx", "400 C"))},
		{ids: "fasthttp#2190, #2192", test: func(t *testing.T) {
			full(t)
			responseFramingIsOurs(t)
		}},
		{ids: "fasthttp#2294, #2303", vectors: slices.Concat(
			each(postOpen+"Transfer-Encoding: chunked\r\nTransfer-Encoding: @\r\n\r\n0\r\n\r\n", "400 C", "chunked", "Chunked", "identity", ""),
			each(postOpen+"Content-Length: 5\r\nContent-Length: @\r\n\r\nhello", "400 C", "5", "05", "6", ""),
		), test: responseFramingIsOurs},
		{ids: "fasthttp#2330", test: parsesFraming("1.0"), vectors: append(
			each("POST / HTTP/1.0\r\nHost: a\r\n@Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 C",
				"", "Content-Length: 5\r\n", "Connection: keep-alive\r\n", "Connection: keep-alive\r\nContent-Length: 5\r\n"),
			sends("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", "400 C"))},
		{ids: "fasthttp#2343", vectors: slices.Concat(
			each(postOpen+"Content-Length: @\r\n\r\nx", "- W", "2147483648", "4294967297", "9223372036854775807", "00000000000000000009"),
			each(postOpen+"Content-Length: @\r\n\r\nx", "400 C", "9223372036854775808", "18446744073709551615", "18446744073709551616",
				"18446744073709551617", "99999999999999999999", strings.Repeat("9", 60000), "1"+strings.Repeat("0", 1000)),
			each(postOpen+"Content-Length: @\r\n\r\nx", "431 C", strings.Repeat("9", 1_000_000), strings.Repeat("0", 999_999)+"1"),
		)},
		{ids: "fasthttp#2172, #2187", vectors: spaceBeforeColon},
		{ids: "hertz#1490", test: full},
		{ids: "hertz#585", vectors: []*wiretest.Vector{
			sends(postChunked+"1c\r\n"+twenty8+"\r\n0\r\n\r\n"+next, "200 200 K", "options: noread"),
			sends(postOpen+"Content-Length: 28\r\n\r\n"+twenty8+next, "200 200 K", "options: noread"),
			sends(postChunked+"1c\r\n"+twenty8+"\r\n0\r\n\r\n", "200 K", "options: noread", "saw: calls=1"),
			sends(postChunked+"ZZ\r\n"+twenty8, "200 C", "options: noread"),
		}},
		{ids: "CVE-2021-21299 (RUSTSEC-2021-0020)", vectors: append(
			each(postOpen+"Transfer-Encoding: @\r\n\r\n0\r\n\r\n", "400 C", "chunked, identity", "chunked\r\nTransfer-Encoding: identity", "identity"),
			each(postOpen+"Transfer-Encoding: @\r\n\r\n0\r\n\r\n", "501 C", "identity, chunked", "identity\r\nTransfer-Encoding: chunked")...)},
		{ids: "CVE-2021-32715 (RUSTSEC-2021-0078)", vectors: append(
			each(postOpen+"Content-Length: @\r\n\r\nx", "400 C", "+1", "-0", "0x1", "1_0", "1e1", "1\x0b", "\x0b1", "\xa01", "1\xa0", "1a", "a1", "1.", "½"),
			sends(postOpen+"Content-Length:  1 \r\n\r\nx"+next, "200 200 K"))},
		{ids: "CVE-2020-35863 (RUSTSEC-2020-0008)", vectors: []*wiretest.Vector{
			sends(get11+next, "200 200 K", "saw: body="), sends(get11+"trailing", "200 W"), sends(get11+"trailing octets here", "200 400 C"),
			sends(head11+next, "200 200 K", "methods: HEAD GET"), sends("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n"+next, "200 200 K"),
			sends(postOpen+"\r\n"+next, "200 200 K", "saw: body=", "saw: length=0"),
		}},
		{ids: "hyper#4124", test: full, vectors: each(postOpen+"@\r\n0\r\n\r\n", "400 C", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
			"Content-Length: 5\r\nX: y\r\nTransfer-Encoding: chunked\r\n")},
		{ids: "CVE-2020-35884", vectors: each(postOpen+"@Content-Length: 28\r\n\r\n"+twenty8, "400 C", "Transfer-Encoding: chunke\r\n", "Transfer-Encoding: xchunked\r\n",
			"Transfer-Encoding:\r\n", "Transfer-Encoding: chunked\x00\r\n", "Transfer_Encoding: chunked\r\n", "Transfer-Encoding : chunked\r\n")},
		{ids: "CVE-2021-38512", test: full},
		{ids: "CVE-2026-2835 (RUSTSEC-2026-0034)", vectors: append(
			each("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: @\r\n\r\n0\r\n\r\n", "400 C", "chunked", "identity, chunked", "chunked\r\nTransfer-Encoding: identity"),
			sends("POST / HTTP/1.0\r\n\r\nthis is no body{EOF}", "200 C", "saw: body=", "saw: length=0"),
			sends("POST / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"+next, "200 200 K", "saw: body="))},
		{ids: "CVE-2019-15605, CVE-2020-8287, CVE-2022-32213, CVE-2022-32215", test: full, vectors: each(postOpen+"@\r\n0\r\n\r\n", "400 C",
			"Transfer-Encoding:\r\n chunked\r\n", "Transfer-Encoding: chunked\r\n , identity\r\n", "Transfer-Encoding: chunked\r\n\t\r\n",
			"Transfer-Encoding: chunkedchunked\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked-false\r\n", "Transfer-Encoding: chunked , eee\r\n")},
		{ids: "CVE-2021-22959, CVE-2018-7159", vectors: append(spaceBeforeColon,
			each(postOpen+"Content-Length: @\r\n\r\nx", "400 C", "1 2", "1\t2", "1 ,", "0 1")...)},
		{ids: "CVE-2024-27982", vectors: each("POST / HTTP/1.1\r\n@\r\n"+twenty8, "400 C",
			" Content-Length: 28\r\nHost: a\r\n", "\tContent-Length: 28\r\nHost: a\r\n", " Host: a\r\nContent-Length: 28\r\n",
			"Host: a\r\n Content-Length: 28\r\nX: y\r\n", "Host: a\r\nX: y\r\n Content-Length: 28\r\n", "Host: a\r\nX: y\r\n\tContent-Length: 28\r\n",
			"Host: a\r\n \r\nContent-Length: 28\r\n")},
		{ids: "CVE-2019-16786, CVE-2019-16792, CVE-2022-24761", test: full, vectors: append(
			each(postOpen+"Transfer-Encoding: @\r\n\r\n0\r\n\r\n", "501 C", "gzip, chunked", "x,y,chunked"),
			slices.Concat(each(postOpen+"Content-Length: 5\r\nContent-Length: @\r\n\r\nhello", "400 C", "5", "28", "+5"),
				each(postChunked+"@\r\nx\r\n0\r\n\r\n", "400 C", "+1", "0x1", "1_", " 1"))...)},
		{ids: "CVE-2019-16789", vectors: func() (v []*wiretest.Vector) {
			for c := range 256 {
				octet := string([]byte{byte(c)})
				expect := "400 C"
				if octet == " " || octet == "\t" {
					expect = "200 200 K"
				}
				v = append(v, sends(postOpen+"Transfer-Encoding:"+octet+"chunked\r\n\r\n0\r\n\r\n"+next, expect),
					sends(postOpen+"Transfer-Encoding: chunked"+octet+"\r\n\r\n0\r\n\r\n"+next, expect))
			}
			return v
		}()},
		{ids: "waitress #465, #464 (unreleased)", vectors: []*wiretest.Vector{
			sends(postOpen+"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 C"),
			sends(postOpen+"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 C"),
		}},
		{ids: "CVE-2024-1135, CVE-2024-6827", vectors: append(
			each(postOpen+"@Content-Length: 28\r\n\r\n"+twenty8, "400 C", "Transfer-Encoding: chunked,gzip\r\n", "Transfer-Encoding: \x0bchunked\r\n", "Transfer-Encoding: gzip\r\n"),
			each(postOpen+"Transfer-Encoding: @\r\n\r\n0\r\n\r\n", "400 C", "chunked, gzip", "gzip", "chunked\r\nTransfer-Encoding: gzip")...)},
		{ids: "gunicorn 26.x (2026)", vectors: slices.Concat(
			each(postOpen+"Content-Length: @\r\n\r\nx", "400 C", "1, 1", "1,1", "1\r\nContent-Length: 1"),
			each("GET / HTTP/1.1\r\nHost: a\r\n@\r\n", "400 C", "Host: a\r\n", "host: b\r\n", "Host:\r\n"),
			[]*wiretest.Vector{ // 9110-5.5-d: other singletons are the handler's
				sends(getOpen+"Content-Type: a/b\r\nContent-Type: c/d\r\n\r\n", "200 K", "saw: value Content-Type=a/b", "saw: value Content-Type=c/d"),
				sends(postChunked+"1\r\nx{EOF}", "400 C"), sends(postChunked+"1\r\nx0\r\n\r\n", "400 C"), sends(postChunked+"0\r\n{EOF}", "400 C"),
			})},
		{ids: "CVE-2020-11076/11077, CVE-2022-24790, CVE-2023-40175", test: full, vectors: append(
			each(postChunked+"0\r\n@", "400 C", "XX"+next, "X:POST / HTTP/1.1\r\nHost: a\r\n\r\n", "\n\r"+next, "\rX"+next, "\n\n"+next),
			sends(postOpen+"Content-Length:\r\n\r\n"+twenty8, "400 C"), sends(postOpen+"Content-Length: \r\nContent-Length: 28\r\n\r\n"+twenty8, "400 C"))},
		{ids: "CVE-2020-25613, CVE-2025-6442", test: full, vectors: each("GET / HTTP/1.1\r\nHost: a@GET /evil HTTP/1.1\r\nHost: a\r\n\r\n", "400 C",
			"\n\n", "\r\n\n", "\n\r\n", "\r\r", "\r\n\r\r\n", "\r\n \r\n", "\x0b\x0b")},
		{ids: "CVE-2020-10108/10109, CVE-2022-24801", test: full, vectors: each(postOpen+"@\r\n0\r\n\r\n", "400 C",
			"Content-Length: 5\r\nContent-Length: 0\r\n", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "Content-Length: +5\r\n", "Content-Length: 0x5\r\n",
			"Transfer-Encoding: identity\r\nContent-Length: 5\r\n")},
		{ids: "GHSA-753j-mpmx-qq6g, GHSA-qppv-j76h-2rpx", vectors: slices.Concat(
			each(postOpen+"Transfer-Encoding: chunked\r\n@\r\n0\r\n\r\n", "400 C", "Transfer-Encoding: chunked\r\n"),
			each(postOpen+"Content-Length: @\r\n\r\nx", "400 C", "1_0", "_1", "١", "１", "\xb2", "0b1"),
			each(postChunked+"@\r\nx\r\n0\r\n\r\n", "400 C", "1_0", "_1", "0_1", "١", "１", "0x1", "+1", "-1", " 1", "\xb2"))},
		{ids: "CVE-2023-47627, CVE-2023-47641, CVE-2024-23829", test: full, vectors: slices.Concat(
			each(postOpen+"Content-Length: @\r\n\r\nx", "400 C", "+1", "1_0", "0_1"),
			each("GET / HTTP/@\r\nHost: a\r\n\r\n", "400 C", "1_1.1", "1.1 ", "+1.1", "１.1"))},
		{ids: "GHSA-wqh5-7w63-pm68", vectors: each(postOpen+"@\r\n5\r\nhello\r\n0\r\n\r\n", "400 C",
			"Transfer-Encoding: chunked\r\nContent-Length: 15\r\n", "Content-Length: 15\r\nTransfer-Encoding: chunked\r\n")},
		{ids: "CVE-2026-42581", test: parsesFraming("1.0")},
		{ids: "CVE-2023-40225", vectors: each(postOpen+"Content-Length:@\r\n\r\n"+twenty8, "400 C", "\r\nContent-Length: 28", " \r\nContent-Length: 28", " 28\r\nContent-Length:")},
		{ids: "CVE-2020-7658 meinheld, CVE-2020-7671 goliath", test: full},
		{ids: "CVE-2019-20444/20445, CVE-2019-16869 Netty; CVE-2022-42252, CVE-2021-33037 Tomcat; CVE-2023-40167 Jetty; CVE-2021-40346 HAProxy",
			test: full, vectors: slices.Concat(spaceBeforeColon,
				each(postOpen+"Content-Length: @\r\n\r\nx", "400 C", "+1", "-1", "1,"),
				each(postOpen+"Content-Length\r\n\r\nx", "400 C", ""),
				each(getOpen+"@: v\r\n\r\n", "200 K", strings.Repeat("x", 255), strings.Repeat("x", 256)),
				each(getOpen+"@: 28\r\n\r\n"+twenty8, "431 C", strings.Repeat("x", 257), "Content-Length"+strings.Repeat("0", 256),
					strings.Repeat("x", 65536), strings.Repeat("x", 65536+14)),
				each(getOpen+"Content-Length@: 28\r\n\r\n"+twenty8, "200 200 K", strings.Repeat("0", 242)))},
	}
}

// responseFramingIsOurs: no handler can write framing fields of its own, or twice.
func responseFramingIsOurs(t *testing.T) {
	for _, fields := range [][]string{
		{"Transfer-Encoding", "chunked"}, {"transfer-encoding", "gzip"}, {"Transfer-Encoding", ""},
		{"Content-Length", "1", "Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked", "Content-Length", "1"},
		{"Content-Length", "1", "Content-Length", "1"}, {"Content-Length", "1", "content-length", "2"}, {"Content-Length", "1, 1"},
		{"Content-Length", ""}, {"Content-Length", "+1"}, {"Content-Length", "1x"}, {"Content-Length", "0x1"}, {"Content-Length", "9223372036854775808"},
	} {
		out, end := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			if q.Target == "/" {
				set("x", fields...)(w, q)
			}
		})}, get11+next)
		assert.NoError(t, end)
		assert.True(t, strings.HasPrefix(dateValue.ReplaceAllString(out, "Date: DATE\r\n"), invalidHead+"HTTP/1.1 200 OK\r\n"), "%q: %s", fields, out)
		h := &h1.Header{}
		for i := 0; i < len(fields); i += 2 {
			h.Add(fields[i], fields[i+1])
		}
		if fields[1] != "chunked" || len(fields) > 2 { // who frames the body may say so
			_, err := h1.AppendResponseHead(nil, 200, h)
			assert.Error(t, err, fields)
		}
	}
}

func headAdvisories() []advisory {
	return []advisory{
		{ids: "CVE-2019-16785, CVE-2021-41136, CVE-2022-32214, CVE-2022-35256, CVE-2023-30589", vectors: wrongLineEnds()},
		{ids: "CVE-2025-23167", vectors: func() (v []*wiretest.Vector) {
			for c := range 256 {
				expect := "400 C"
				if c == '\n' {
					expect = "200 400 C"
				}
				v = append(v, sends(getOpen+"\r"+string([]byte{byte(c)})+"GET /evil: HTTP/1.1\r\n\r\n", expect)) // no Host
			}
			return v
		}()},
		{ids: "CVE-2020-8201", vectors: each(postOpen+"@: 28\r\n\r\n"+twenty8, "400 C",
			"Content\rLength", "\rContent-Length", "Content-Length\r", "Content-\rLength", "Content\r\nLength", "Content\nLength")},
		{ids: "CVE-2019-15606, fasthttp#1963", vectors: append(
			each(getOpen+"X: v@\r\n\r\n", "400 C", "\x0b", "\x0c", " \x0b", "\x0c ", "\x1c", "\x1f", "\x00", "\x7f"),
			sends(getOpen+"X: \t v \t \r\n\r\n", "200 K", "saw: value X=v"),
			sends(getOpen+"X: \t \r\n\r\n", "200 K", "saw: value X="),
			sends(getOpen+"X: v\x85\r\n\r\n", "200 K", `saw: value X=v\x85`),
			sends(getOpen+"X:\xa0v\xa0\r\n\r\n", "200 K", `saw: value X=\xa0v\xa0`),
			sends(getOpen+"X: a \t b\r\n\r\n", "200 K", `saw: value X=a \t b`))},
		{ids: "CVE-2026-50020", vectors: func() (v []*wiretest.Vector) {
			for c := range 256 {
				if octet := string([]byte{byte(c)}); !strings.Contains(tokenOctets, octet) { // which begins a method
					v = append(v, sends(octet+next, "400 C"), sends("\r\n"+octet+next, "400 C"), sends(next+octet+next, "200 400 C"))
				}
			}
			return append(v, sends("\r\n"+next, "200 K"), sends("\r\n\r\n"+next, "400 C"), sends(strings.Repeat("\r\n", 10000)+next, "400 C"),
				sends(next+"\r\n"+next, "200 200 K"), sends(next+"\r\n\r\n"+next, "200 400 C"))
		}()},
		{ids: "fasthttp#1703, #2167", vectors: slices.Concat(
			each("GET / @\r\nHost: a\r\n\r\n", "400 C", "HTTP/1.10", "HTTP/01.1", "HTTP/1.1x", "http/1.1", "HTTP/1.\xef\xbc\x91", "HTTP/\r\r1.1", "HTTP/1,1", "HTTP/1",
				"HTTP/1.", "HTTP/.1", "HTTP/", "HTTP", "HTTPS/1.1", "HTTP/1.1 ", " HTTP/1.1", "HTTP/11", "HTTP/1.-1", "HTTP/+1.1", "HTTP /1.1", "HTTP/ 1.1", "HTTP\\1.1", "HTTP/1.1\x00", "XTTP/1.1", ""),
			each("GET / HTTP/@\r\nHost: a\r\n\r\n", "505 C", "0.9", "2.0", "9.9", "0.0", "2.1", "3.0"),
			each("GET / HTTP/1.@\r\nHost: a\r\n\r\n", "200 K", "1", "2", "9"))},
		{ids: "fasthttp#2168", vectors: func() (v []*wiretest.Vector) {
			for c := range 256 {
				octet := string([]byte{byte(c)})
				expect := "400 C"
				if strings.Contains(pathOctets+"?", octet) {
					expect = "200 K"
				}
				v = append(v, sends("GET /a"+octet+"b HTTP/1.1\r\nHost: a\r\n\r\n", expect))
			}
			return v
		}()},
		{ids: "golang/go#65244, llhttp#257, gunicorn#3104", vectors: slices.Concat(
			each(getOpen+"@\r\n\r\n", "400 C", ": x", ":", " : x", ":x", "::", ":Content-Length: 28"),
			each(postChunked+"0\r\n@\r\n\r\n", "400 C", ": x", ":", "::"))},
		{ids: "fasthttp#2030", vectors: func() (v []*wiretest.Vector) {
			for c := range 256 {
				if octet := string([]byte{byte(c)}); !strings.Contains(tokenOctets, octet) && octet != ":" {
					v = append(v, sends(getOpen+"X"+octet+"Y: v\r\n\r\n", "400 C"), sends(getOpen+octet+"Y: v\r\n\r\n", "400 C"))
				}
			}
			return v
		}()},
		{ids: "CVE-2020-5236", test: func(t *testing.T) {
			for _, value := range []string{" \t", "a ", "a\xa0", "\t", "a"} {
				refused := func(n int) {
					if _, err := readAll(getOpen+"X: "+strings.Repeat(value, n/len(value))+"\x00\r\n\r\n", unlimited, false); !errors.Is(err, refusedValue) {
						t.Error(err)
					}
				}
				refused(1 << 20)
				linear(t, 20_000, refused)
			}
		}},
		{ids: `CVE-2024-23829, aiohttp "Unicode match groups" (PYSEC-2026-1109)`, vectors: slices.Concat(
			each("GET / HTTP/@\r\nHost: a\r\n\r\n", "400 C", "１.1", "1.１", "١.1", "1.\xb9"),
			each(postOpen+"Content-Length: @\r\n\r\nx", "400 C", "１", "١", "\xb9", "1１"),
			each(postChunked+"@\r\nx\r\n0\r\n\r\n", "400 C", "１", "ａ", "١", "\xb9"),
			each("GET / HTTP/1.1\r\nHost: a:@\r\n\r\n", "400 C", "８0", "8\xb9"))},
		{ids: "CVE-2023-49081/49082", left: "the library writes no requests"},
		{ids: "GHSA-63hw-fmq6-xxg2", test: func(t *testing.T) {
			long := strings.Repeat("a", 70_000)
			for in, status := range map[string]int{
				long: 501, "GET /" + long: 414, getOpen + "X: " + long: 431, getOpen + long: 431, strings.Repeat("\r\n", 100): 400,
				getOpen + strings.Repeat("a:\r\n", 1000): 431, postChunked + "1;" + long: 400, postChunked + "0\r\nX: " + long: 431,
				postChunked + "0\r\n" + strings.Repeat("a:\r\n", 100): 431, postChunked + strings.Repeat("1;"+long[:4000]+"\r\nx\r\n", 10): 400,
			} {
				_, whole := readAll(in, nil, false)
				fault, _ := errors.AsType[*h1.ProtocolError](whole)
				require.NotNil(t, fault, "%.50q: %v", in, whole)
				assert.Equal(t, status, fault.Status, "%.50q", in)
				src := &octetReader{in}
				_, octets := readFrom(src, nil)
				assert.Equal(t, whole, octets, "%.50q", in)
				assert.Equal(t, int(fault.Offset)+1, len(in)-len(src.left)-strings.Count(in[:len(in)-len(src.left)], postChunked)*len(postChunked),
					"%.50q: nothing is read behind the octet that is too much", in)
			}
		}},
		{ids: "HTTP Garden server bugs 2–47", vectors: gardenVectors()},
		{ids: "CVE-2023-25725 HAProxy; CVE-2023-38709 Apache", vectors: each("POST / HTTP/1.1\r\n@\r\n"+twenty8, "400 C",
			"Host: a\r\n: x\r\nContent-Length: 28\r\n", ": \r\nHost: a\r\nContent-Length: 28\r\n", "Host: a\r\nContent-Length: 28\r\n:\r\n"), test: injections},
	}
}

var unlimited = &h1.Limits{MaxRequestBytes: -1, MaxTargetBytes: -1, MaxHeaderBytes: -1, MaxFields: -1, MaxTrailerBytes: -1, MaxTrailerFields: -1}

var refusedValue = &h1.ProtocolError{Status: 400, Rule: "RFC 9110 §5.5", Reason: "octet not allowed in a field value"}

// readFrom is readAll for a reader.
func readFrom(src io.Reader, limits *h1.Limits) (n int, err error) {
	r := h1.NewReader(src, limits)
	defer r.Release()
	var q h1.Request
	for {
		if err = r.ReadRequest(&q); err != nil {
			return n, err
		}
		if _, err = io.Copy(io.Discard, q.Body); err != nil {
			return n, err
		}
		n++
	}
}

// linear calls f with n, and with fifty times as much: work that grows with the square would run for minutes there, into
// the time limit of the test. No clock is looked at, as the machine may be busy.
func linear(t *testing.T, n int, f func(n int)) {
	t.Helper()
	f(n)
	f(50 * n)
}

// wrongLineEnds are requests in which one line end is not CRLF, or one more stands where none may be.
func wrongLineEnds() (v []*wiretest.Vector) {
	for _, in := range []string{getOpen + "X: y\r\n\r\n", postOpen + "Content-Length: 1\r\n\r\nx", postChunked + "1;a=b\r\nx\r\n0\r\nX: y\r\n\r\n"} {
		for i := range in {
			if !strings.HasPrefix(in[i:], "\r\n") {
				continue
			}
			for _, end := range []string{"\n", "\r", "\r\r\n", "\n\r", "\r\n\n", "\n\n", "\x0b", "\r\x00\n"} {
				if end == "\r\n\n" && strings.HasSuffix(in[:i], "\r\n") {
					continue // nothing is wrong up to the end of the section
				}
				v = append(v, sends(in[:i]+end+in[i+2:]+next, "400 C"))
			}
		}
	}
	for _, octets := range []string{"\n", "\r", "\r\n", "\n\r", "\r\r", "\r\n ", "\n\t"} {
		v = append(v, each("GET / HTTP/1.1\r\nHost: a\r\nX: a"+octets+"@\r\n\r\n", "400 C", "b", "Content-Length 28", "\x00")...)
		v = append(v, sends("GET /a"+octets+" HTTP/1.1\r\nHost: a\r\n\r\n", "400 C"), sends("GET / HTTP/1.1"+octets+"x\r\nHost: a\r\n\r\n", "400 C"),
			sends("GE"+octets+"T / HTTP/1.1\r\nHost: a\r\n\r\n", "400 C"))
	}
	return v
}

// gardenVectors are the payloads, in the words of this suite, with which servers have been found to differ.
func gardenVectors() []*wiretest.Vector {
	return slices.Concat(
		each("GET / HTTP/1.1\r\n@\r\n", "400 C", // lines that were skipped, joined or cut
			"Host: a\r\nX\x00: y\r\n", "Host: a\r\nX: y\x00z\r\n", "Host: a\x00.b\r\n", "Host: a\r\n\x00\r\n", "Host: a\r\nX\r\n", "Host: a\r\nX y\r\n",
			"Host: a\r\nTest\r\n : value\r\n", "Host: a\r\nTest:\r\n value\r\n", "Host: a\r\n\x0bX: y\r\n", "Host: a\r\nX\xa0: y\r\n", "Host: a\r\nX\x85: y\r\n",
			"Host: a\r\n\xa0X: y\r\n", "Host: a\r\n\"X\": y\r\n", "Host: a\r\nX[]: y\r\n", "Host: a\r\n(X): y\r\n", "Host: a\r\nX/Y: y\r\n", "Host: a\r\n{X}: y\r\n",
			"Host: a\r\n=X: y\r\n", "Host: a\r\n?: y\r\n", "Host: a\r\n;X: y\r\n", "Host: a\r\n@: y\r\n", "Host: a\r\nX: \x7f\r\n", "Host: a\r\nX: \x08\r\n", "Host: a\r\nX: \x1b\r\n",
			"Host: a\nX: y\r\n", "Host: a\rX: y\r\n", "Host: a\r\n\r \n", "Host : a\r\n", "Host\r\n: a\r\n", " Host: a\r\n", "Host:\r\n a\r\n", "Host: a\r\nHost: b\r\n",
			"Host: a\r\n host: b\r\n", "Host: a, b\r\n", "Host: a b\r\n", "Host: \xa0a\r\n", "Host: a\x85\r\n"),
		each(postOpen+"@\r\n"+twenty8, "400 C", // lengths that were read as far as they made sense
			"Content-Length: 28 \x0b\r\n", "Content-Length: \x0c28\r\n", "Content-Length: 28\xa0\r\n", "Content-Length: \x8528\r\n", "Content-Length: 28\x00\r\n",
			"Content-Length: 0x1c\r\n", "Content-Length: 0o34\r\n", "Content-Length: 0b11100\r\n", "Content-Length: 2_8\r\n", "Content-Length: _28\r\n", "Content-Length: +28\r\n",
			"Content-Length: -28\r\n", "Content-Length: 28,28\r\n", "Content-Length: 28, \r\n", "Content-Length: ,28\r\n", "Content-Length: 28;\r\n", "Content-Length: 28 28\r\n",
			"Content-Length: \"28\"\r\n", "Content-Length: 28.\r\n", "Content-Length: 28e0\r\n", "Content-Length: 28a\r\n", "Content-Length:\r\n", "Content-Length\r\n",
			"Content-Length: \x1c28\r\n", "Content-Length: 28\x1f\r\n", "\x1cContent-Length: 28\r\n", "Content-Length\x1f: 28\r\n", "Content-Length\xa0: 28\r\n", "Content-Length\x00: 28\r\n",
			"Content_Length: 28\r\n", "Content-Length: 28\r\nContent-Length: 028\r\n", "Content-Length: 18446744073709551644\r\n"),
		each(postOpen+"@\r\n0\r\n\r\n", "400 C", // codings
			"Transfer-Encoding: chunked\x00\r\n", "Transfer-Encoding: \x0bchunked\r\n", "Transfer-Encoding: chunked\x0c\r\n", "Transfer-Encoding: \x1fchunked\r\n",
			"Transfer-Encoding: \xa0chunked\r\n", "Transfer-Encoding: chunked\x85\r\n", "Transfer-Encoding: ,chunked\r\n", "Transfer-Encoding: chunked,\r\n",
			"Transfer-Encoding: ,,chunked\r\n", "Transfer-Encoding: chunked,chunked\r\n", "Transfer-Encoding: \"chunked\"\r\n", "Transfer-Encoding: chunked;\r\n", "Transfer-Encoding: chunked\"\r\n",
			"Transfer-Encoding\x00: chunked\r\n", "Transfer-Encoding: \r\nX: y\r\n", "Transfer-\r\nEncoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
		each("GET @\r\nHost: a\r\n\r\n", "400 C", // request lines
			"/ HTTP/1.1 ", "/  HTTP/1.1", " / HTTP/1.1", "/\tHTTP/1.1", "/ HTTP/1.1\x00", "/ HTTP/1.\xb2", "/ HTTP/1.1.1", "/\x00 HTTP/1.1", "/\xa0 HTTP/1.1", "/ \x85HTTP/1.1",
			"/ http/1.1", "/ HtTP/1.1", "/ HTTP/1_1", "HTTP/1.1", "/", "/ HTTP/ 1.1", "/a b HTTP/1.1", "/\x0b HTTP/1.1", "\\ HTTP/1.1", "a HTTP/1.1"),
		each("@ / HTTP/1.1\r\nHost: a\r\n\r\n", "400 C", // methods
			"\x00GET", "G\x00ET", "GET\x00", " GET", "\tGET", "\x0bGET", "\xa0GET", "\"GET\"", "G(T", "GET\t", "GET:", "{}", "GE\xc3\x89", "\xef\xbb\xbfGET"),
		each(postChunked+"@", "400 C", // chunks
			"1_0\r\n0123456789abcdef\r\n0\r\n\r\n", "0x1\r\nx\r\n0\r\n\r\n", "+1\r\nx\r\n0\r\n\r\n", "-1\r\nx\r\n0\r\n\r\n", " 1\r\nx\r\n0\r\n\r\n", "1 \r\nx\r\n0\r\n\r\n", "\xa01\r\nx\r\n0\r\n\r\n",
			"1\x00\r\nx\r\n0\r\n\r\n", "1\x0b\r\nx\r\n0\r\n\r\n", "\r\n1\r\nx\r\n0\r\n\r\n", "1\nx\r\n0\r\n\r\n", "1\r\nx\n0\r\n\r\n", "1\r\nx\r\n0\n\n", "1\r\nx\r\n0\r\n\n", "1\r\nxyz0\r\n\r\n",
			"1,\r\nx\r\n0\r\n\r\n", "1\r\r\nx\r\n0\r\n\r\n", "1\r\nx\r\n\r\n\r\n", "0;\r\n\r\n", "0\r\n\x00\r\n", "0\r\n: y\r\n\r\n", "0\r\nX\r\n\r\n", "0\r\nX : y\r\n\r\n", "0\r\n X: y\r\n\r\n",
			"fffffffffffffffff\r\nx", "80000000000000000000000000000001\r\nx", "g\r\n", "#1\r\n", "\"1\"\r\n"),
		[]*wiretest.Vector{
			sends(getOpen+"X: \xff\xfe\r\nY: \xe2\x80\xa8\r\n\r\n", "200 K", `saw: value X=\xff\xfe`, `saw: value Y=\xe2\x80\xa8`),
			sends(getOpen+"\x58: y\r\nx: z\r\n\r\n", "200 K", "saw: value X=y", "saw: value X=z"),
			sends(getOpen+"X:"+strings.Repeat(" ", 1000)+"y\r\n\r\n", "200 K", "saw: value X=y"),
			sends(getOpen+"X: a, ,b,,\r\n\r\n", "200 K", "saw: value X=a, ,b,,"),
			sends("GET / HTTP/1.1\r\nhOST:a\r\n\r\n", "200 K", "saw: host=a"),
			sends("!#$%&'*+-.^_`|~ / HTTP/1.1\r\nHost: a\r\n\r\n", "200 K", "saw: method=!#$%&'*+-.^_`|~"),
		})
}

func chunkAdvisories() []advisory {
	body := "1;a=b\r\nx\r\n0;c\r\nX: y\r\n\r\n"
	return []advisory{
		{ids: "CVE-2025-22871 (GO-2025-3563)", vectors: each(postChunked+"@", "400 C",
			"5\nhello\r\n0\r\n\r\n", "5;a\nhello\r\n0\r\n\r\n", "5;a=b\nhello\r\n0\r\n\r\n", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\r\n0\n\r\n",
			"5\r\nhello\r\n0\n\n", "5\r\nhello\r\n0\r\n\n", "5\r\nhello\r\n0\r\nX: y\n\r\n", "5\r\nhello\r\n0\r\nX: y\r\n\n", "5\r\nhello\r\n0\r\n\nX: y\r\n\r\n", "0\n\n", "0;a\n\r\n")},
		{ids: "CVE-2023-39326 (GO-2023-2382)", test: func(t *testing.T) {
			for _, ext := range []int{1, 20, 100, 4000} {
				chunk := "1;" + strings.Repeat("a", ext) + "\r\nx\r\n"
				in := postChunked + strings.Repeat(chunk, 150_000/ext) + "0\r\n\r\n"
				src := &octetReader{in}
				_, err := readFrom(src, nil)
				excess := len(chunk) - len("x") - 16 - 2*len("x") // 9112-7.1.1-d: what one chunk adds
				if excess <= 0 {
					assert.Equal(t, io.EOF, err, ext)
					continue
				}
				assert.ErrorContains(t, err, "too much chunk framing", ext)
				most := len(postChunked) + (16<<10/excess+1)*len(chunk)
				assert.LessOrEqual(t, len(in)-len(src.left), most, "read before the error")
			}
		}},
		{ids: "golang/go#64517, hyper (reject final chunk without 0)", vectors: each(postChunked+"@", "400 C",
			"\r\n\r\n", "\r\n", "1\r\nx\r\n\r\n\r\n", ";a\r\n\r\n", " \r\n\r\n", "1\r\nx\r\n;a\r\n\r\n", "1\r\nx\r\n\r\n0\r\n\r\n")},
		{ids: "CVE-2021-32714 (RUSTSEC-2021-0079)", vectors: append(
			each(postChunked+"@\r\nx\r\n0\r\n\r\n", "400 C", "ffffffffffffffff", "8000000000000000", "10000000000000000", "10000000000000001", "f0000000000000003",
				"00000000000000001", "00000000000000000000", "100000000000000000001", strings.Repeat("0", 4000)+"1", strings.Repeat("f", 100_000)),
			sends(postChunked+"0000000000000001\r\nx\r\n0000000000000000\r\n\r\n"+next, "200 200 K", "saw: body=x"),
			sends(postChunked+"7fffffffffffffff\r\nx", "- W"))},
		{ids: "fasthttp#1899, #2165, #2193", vectors: append(
			each(postChunked+"@", "400 C", "2;\nxx\r\n10\r\n1f\r\nAAAABBBBCCCC\r\n0\r\n\r\nDDDDEEEEFFFF\r\n0\r\n\r\n", "2;\nxx\r\n22\r\nc\r\nAAAABBBBCCCC\r\n0\r\n\r\nDDDDEEEEFFFF\r\n0\r\n\r\n",
				"2;a\rxx\r\n0\r\n\r\n", "2;a\x00\r\nxx\r\n0\r\n\r\n", "2 a\r\nxx\r\n0\r\n\r\n", "2 \r\nxx\r\n0\r\n\r\n", "2\t\r\nxx\r\n0\r\n\r\n", "2;a=b \r\nxx\r\n0\r\n\r\n", "2 ;\r\nxx\r\n0\r\n\r\n", "2;a b\r\nxx\r\n0\r\n\r\n",
				"2\x0b;a\r\nxx\r\n0\r\n\r\n", "2;\x7f\r\nxx\r\n0\r\n\r\n"),
			sends(postChunked+"2 \t; a \t= b\r\nxx\r\n0\t;\ta\t=\t\"b\" ; c\r\n\r\n"+next, "200 200 K", "saw: body=xx"))},
		{ids: "CVE-2025-43859 (GHSA-vqfr-h8mv-ghfj)", vectors: func() (v []*wiretest.Vector) {
			for c := range 256 {
				octet := string([]byte{byte(c)})
				if c != '\r' {
					v = append(v, sends(postChunked+"1\r\nx"+octet+"\n0\r\n\r\n", "400 C"), sends(postChunked+"1\r\nx"+octet+octet+"0\r\n\r\n", "400 C"))
				}
				if c != '\n' {
					v = append(v, sends(postChunked+"1\r\nx\r"+octet+"0\r\n\r\n", "400 C"))
				}
			}
			return v
		}()},
		{ids: "CVE-2021-22960, CVE-2024-22019", vectors: extensionLimits()},
		{ids: "CVE-2025-55315", vectors: each(postChunked+"@x\r\n0\r\n\r\n", "400 C", "1;\n", "1;a\n", "1\n;", "1;\r", "1;a\r", "1\r;", "1;\n\r\n", "1;a\n\r\n", "1\n;\r\n", "1;a=b\n\r\n", "1;a=\"b\n\"\r\n", "1;a=\"b\r\"\r\n")},
		{ids: "CVE-2025-58056, netty#16537", vectors: append(
			each(postChunked+"@\r\nx\r\n0\r\n\r\n", "400 C", "1;a=\"\r\n\"", "1;a=\"\n\"", "1;a=\"\\\r\n\"", "1;a=\"\\\n\"", "1;a=\"b", "1;a=\"b\\", "1;a=\"b\\\"", "1;a=\"b\"c", "1;a=\"b\"\"c\"", "1;a='b\nc'",
				"1;\"a\"=b", "1;a=\"\x00\"", "1;a=\"\\\x00\"", "1;a=\"\x7f\"", "1;a=b\"c\"", "1;a==b", "1;a=;b", "1;;a", "1;=b"),
			sends(postChunked+"1;a=\"b;c\\\"d\\\\ \t\xff\";e=f\r\nx\r\n0;a=\"\"\r\n\r\n"+next, "200 200 K", "saw: body=x"))},
		{ids: "CVE-2024-21647", vectors: extensionLimits()},
		{ids: "CVE-2023-38697", vectors: each(postChunked+"@\r\nx\r\n0\r\n\r\n", "400 C", "+1", "0x1", "0X1", "1;a\nb", "1;\n", "-1", "1 1", "1h")},
		{ids: "aiohttp chunk-extension advisory (2024), pure-Python line limit (2026)", vectors: append(extensionLimits(),
			each(postChunked+"1;a@b\r\nx\r\n0\r\n\r\n", "400 C", "\n", "\r", "\r\n")...)},
		{ids: "gunicorn#3382/#3685", vectors: func() (v []*wiretest.Vector) {
			for i := range body {
				v = append(v, sends(postChunked+body[:i]+"{EOF}", "400 C"))
			}
			return append(v, sends(postChunked+body+"{EOF}", "200 C", "saw: body=x"), sends(postOpen+"Content-Length: 2\r\n\r\nx{EOF}", "400 C"))
		}()},
		{ids: "HTTP Garden 31, 36, 39", vectors: append(wrongLineEnds(),
			each(postChunked+"@", "400 C", "1\rXx\r\n0\r\n\r\n", "1\r\nx\rX0\r\n\r\n", "1\r\nx\r\n0\rX\r\n", "0\r\n\rX", "0\r\nXX"+next, "0\r\nX\n", "0\r\nab"+next)...)},
	}
}

// extensionLimits: a chunk line of 4096 octets passes, one more does not, however it comes.
func extensionLimits() []*wiretest.Vector {
	return append(each(postChunked+"1;@", "400 C", strings.Repeat("a", 4095)+"\r\nx\r\n0\r\n\r\n", strings.Repeat("a", 64<<10), strings.Repeat("a", 1<<20), "a=\""+strings.Repeat("b", 64<<10)+"\"\r\n",
		strings.Repeat(" ", 5000)+"a\r\nx\r\n0\r\n\r\n", "a=b"+strings.Repeat(";c", 3000)+"\r\nx\r\n0\r\n\r\n"),
		sends(postChunked+"1;"+strings.Repeat("a", 4094)+"\r\nx\r\n0\r\n\r\n"+next, "200 200 K"))
}

func trailerAdvisories() []advisory {
	faults := []string{"Transfer-Encoding", "Content-Length", "Host", "Trailer", "Connection", "Proxy-Connection", "Keep-Alive", "TE", "Upgrade", "Expect"}
	dropped := []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Content-Encoding", "Content-Type", "Content-Range", "Content-Location",
		"Cache-Control", "Pragma", "Range", "If-Match", "If-None-Match", "If-Range", "If-Modified-Since", "Max-Forwards", "Forwarded", "X-Forwarded-For",
		"X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Via", "Date", "Age", "Vary", "Location", "Retry-After", "WWW-Authenticate", "Proxy-Authenticate"}
	var names []*wiretest.Vector
	for _, name := range faults {
		names = append(names, each(postChunked+"0\r\nA: b\r\n@: x\r\n\r\n", "400 C", name, strings.ToLower(name), strings.ToUpper(name))...)
	}
	for _, name := range dropped {
		for _, spelled := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
			names = append(names, sends(postChunked+"0\r\n"+spelled+": x\r\nA: b\r\n\r\n"+next, "200 200 K",
				"saw: no trailer "+name, "saw: no value "+name, "saw: trailer A=b", "saw: no value A"))
		}
	}
	return []advisory{
		{ids: "fasthttp#2043, #2188, #2301", vectors: append(names, each(postChunked+"0\r\n@\r\n\r\n", "400 C",
			"X Y: z", "X: y\x00", "X: y\n z", "X", ": y", "X : y", "X: y\r\n z", "X\x80: y", "X: \x7f")...)},
		{ids: "CVE-2026-22815 (GHSA-w2fm-2cpv-w7v5)", vectors: append(
			each(postChunked+"0\r\n@\r\n", "431 C", strings.Repeat("a: b\r\n", 33), strings.Repeat("a: b\r\n", 100_000), "X: "+strings.Repeat("a", 8<<10)+"\r\n", strings.Repeat("x", 300)+": y\r\n"),
			sends(postChunked+"0\r\n"+strings.Repeat("a: b\r\n", 32)+"\r\n"+next, "200 200 K")), test: func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // a slow drip is bounded by the size, silence by the time
				c := dial(t, &h1.Server{Handler: answering})
				send(t, c, postChunked+"0\r\nX: ")
				out := ""
				for i := 0; i < 9000 && out == ""; i++ {
					send(t, c, "a")
					time.Sleep(time.Second)
					out = received(c)
				}
				assert.True(t, strings.HasPrefix(out, "HTTP/1.1 431 "), out)
			})
			synctest.Test(t, func(t *testing.T) {
				c := dial(t, &h1.Server{Handler: answering})
				send(t, c, postChunked+"0\r\nX: y")
				out, after, _ := atEnd(c)
				assert.True(t, strings.HasPrefix(out, "HTTP/1.1 408 "), out)
				assert.Equal(t, 30*time.Second, after)
			})
		}},
		{ids: "CVE-2026-40898 (GO-2026-5676)", test: trailerBudget},
		{ids: "CVE-2025-58068", vectors: []*wiretest.Vector{
			sends(postChunked+"0\r\nX: y\r\n\r\n"+next+next, "200 200 200 K", "saw: trailer X=y", "saw 2: target=/n"),
			sends(postChunked+"0\r\nGET /n HTTP/1.1\r\nHost: a\r\n\r\n", "400 C"), sends(postChunked+"0\r\nX: GET /n HTTP/1.1\r\nHost: a\r\n\r\n", "400 C"),
			sends(postChunked+"0\r\nX: y\r\n"+next, "400 C"),
		}},
		{ids: "webrick#199 (2026, advisory rejected)", vectors: each(postChunked+"0\r\n@\r\n\r\n"+next, "400 C", "Content-Length: 28", "content-length: 0", "X: y\r\nContent-Length: 28", "CONTENT-LENGTH:")},
		{ids: "gunicorn 22", vectors: []*wiretest.Vector{sends(postChunked+"0\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Protocol: ssl\r\nX-Forwarded-Ssl: on\r\n\r\n"+next, "200 200 K",
			"saw: no trailer X-Forwarded-Proto", "saw: no value X-Forwarded-Proto", "saw: no trailer X-Forwarded-Protocol", "saw: no trailer X-Forwarded-Ssl", "saw: no value X-Forwarded-Ssl")}},
		{ids: "GO-2025-3594, GO-2026-5284", test: func(t *testing.T) {
			var empty, full []string
			out, _ := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
				empty = lines(&q.Trailer)
				_, err := io.ReadFull(q.Body, make([]byte, 4))
				assert.NoError(t, err)
				empty = append(empty, lines(&q.Trailer)...)
				_, err = io.ReadAll(q.Body)
				assert.NoError(t, err)
				full = lines(&q.Trailer)
				assert.False(t, q.Header.Has("X-Sum"))
			})}, postChunked+"5\r\nhello\r\n0\r\nX-Sum: v\r\n\r\n")
			assert.Contains(t, out, "200 OK")
			assert.Empty(t, empty, "before the end of the content")
			assert.Equal(t, []string{"X-Sum: v"}, full)
			r := h1.NewReader(strings.NewReader(postChunked+"0\r\nX-Sum: v\r\nbad line\r\n\r\n"), nil)
			defer r.Release()
			var q h1.Request // a body that fails has no trailers
			require.NoError(t, r.ReadRequest(&q))
			_, err := io.ReadAll(q.Body)
			assert.Error(t, err)
			assert.Zero(t, q.Trailer.Len())
		}},
		{ids: "CVE-2025-59822 http4s; CVE-2023-45648, CVE-2023-46589 Tomcat", test: trailerBudget, vectors: each(postChunked+"0\r\n@", "431 C",
			"X: "+strings.Repeat("a", 8192)+"\r\n\r\n"+next, strings.Repeat("x", 10_000)+next, strings.Repeat("X: y\r\n", 33)+"\r\n"+next)},
	}
}

// trailerBudget: a trailer section is taken up to its limits and refused one octet or line beyond, however it comes.
func trailerBudget(t *testing.T) {
	limits := &h1.Limits{MaxTrailerBytes: 100, MaxTrailerFields: 3}
	for extra := range 10 {
		for _, fields := range []int{1, 3} {
			section := strings.Repeat("a: b\r\n", fields-1)
			section += "X: " + strings.Repeat("v", 95+extra-5-len(section)) + "\r\n" // 95 octets and extra, without the empty line
			require.Len(t, section, 95+extra)
			for _, octets := range []bool{false, true} {
				n, err := readAll(postChunked+"0\r\n"+section+"\r\n"+next, limits, octets)
				if extra <= 5 {
					assert.Equal(t, io.EOF, err, extra)
					assert.Equal(t, 2, n)
				} else {
					fault, _ := errors.AsType[*h1.ProtocolError](err)
					require.NotNil(t, fault, extra)
					assert.Equal(t, 431, fault.Status)
					assert.Zero(t, n)
				}
			}
		}
	}
	for _, octets := range []bool{false, true} {
		_, err := readAll(postChunked+"0\r\n"+strings.Repeat("a: b\r\n", 4)+"\r\n", limits, octets)
		assert.ErrorContains(t, err, "too many trailer lines")
	}
}

func pipelineAdvisories() []advisory {
	long := strings.Repeat(next, 4000) // 112000 octets, which look like requests
	unread := []*wiretest.Vector{
		sends(postOpen+fmt.Sprintf("Content-Length: %d\r\n\r\n", len(long))+long+next, "200 200 K", "options: noread"),
		sends(postChunked+fmt.Sprintf("%x\r\n", len(long))+long+"\r\n0\r\n\r\n"+next, "200 200 K", "options: noread"),
		sends(postOpen+"Content-Length: 28\r\n\r\n"+twenty8, "200 K", "options: noread", "saw: calls=1"),
		sends(postOpen+"Content-Length: 300000\r\n\r\n"+long[:2800], "200 C", "options: noread"),
		sends(getOpen+"Content-Length: 28\r\n\r\n"+twenty8+next, "200 200 K", "options: noread"),
		sends(postOpen+"Content-Length: 56\r\n\r\n"+twenty8, "200 C", "options: noread"),
	}
	last := unread[len(unread)-1]
	last.Steps = append(last.Steps, wiretest.Step{Pause: time.Second}) // the rest does not come in time for the drain
	return []advisory{
		{ids: "CVE-2020-15586 (GO-2021-0224)", test: bodyAndResponseRace},
		{ids: "CVE-2020-26281/36202", vectors: unread},
		{ids: "CVE-2025-4366", vectors: unread},
		{ids: "CVE-2022-41721 (GO-2023-1495)", test: func(t *testing.T) {
			for _, in := range []string{postOpen + "Content-Length: 2800\r\n\r\n" + strings.Repeat(next, 100), postChunked + "af0\r\n" + strings.Repeat(next, 100) + "\r\n0\r\n\r\n"} {
				for _, status := range []int{0, 200, 413} { // what the handler makes of it: nothing, or an answer of its own
					calls := 0
					out, end := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
						calls++
						assert.NoError(t, q.SetMaxBytes(200))
						_, err := io.ReadAll(q.Body)
						assert.ErrorIs(t, err, h1.ErrBodyTooLarge)
						if status > 0 {
							w.WriteHeader(status)
						}
					})}, in+next)
					assert.NoError(t, end)
					want := status
					if want == 0 {
						want = 413
					}
					assert.NoError(t, statusesAre(out, []int{want}))
					assert.Contains(t, out, "Connection: close\r\n")
					assert.Equal(t, 1, calls)
				}
			}
		}},
		{ids: "GHSA-9298-4cf8-g4wj (CVE-2024-49768)", vectors: append(
			each("@"+next+next, "400 C", "GET / HTTP/1.1\r\n\r\n", getOpen+"X\r\n\r\n", postChunked+"Z\r\n", postOpen+"Content-Length: x\r\n\r\n", getOpen+"X : y\r\n\r\n"),
			sends(next+getOpen+"bad\r\n\r\n"+next, "200 400 C"), sends(postOpen+"Expect: x\r\n\r\n"+next, "417 C"), sends("GET / HTTP/2.0\r\n\r\n"+next, "505 C"),
			sends(next+next, "500 C", "options: panic"))},
		{ids: "CVE-2023-46137", test: slowThenFast},
		{ids: "GHSA-4fvr-rgm6-gqmc", test: backpressure},
		{ids: "HTTP Garden 47, 48", vectors: slices.Concat(
			each(postChunked+"@"+next, "400 C", "Z\r\n", "INVALID\r\n0\r\n\r\n", "1\r\nxZ\r\n0\r\n\r\n", "\r\n", "5\r\nab\r\n0\r\n\r\n", "1;\r\nx\r\n0\r\n\r\n"),
			[]*wiretest.Vector{
				sends(postChunked+"Z\r\n0\r\n\r\n"+next, "200 C", "options: noread"), sends(postChunked+"1\r\nxZZ0\r\n\r\n"+next, "200 C", "options: noread"),
				sends(postOpen+"Content-Length: 1\r\n\r\nx"+next, "200 200 K", "saw: body=x", "saw 2: body="), sends(postOpen+"\r\n"+next, "200 200 K", "saw: body="),
				sends(postChunked+"1\r\nx\r\n0\r\n\r\n"+next, "200 200 K", "saw: body=x", "saw 2: body=", "saw 2: target=/n"),
			})},
		{ids: "CVE-2022-23959 Varnish; CVE-2024-41671 Twisted", vectors: unread, test: slowThenFast},
	}
}

// slowThenFast: responses come in the order of the requests, and handlers don't run side by side on a connection.
func slowThenFast(t *testing.T) {
	running, most := 0, 0
	out, end := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
		running++
		most = max(most, running)
		if q.Target == "/slow" {
			time.Sleep(5 * time.Second)
		}
		_, _ = w.WriteString("answer to " + q.Target)
		running--
	})}, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /fast HTTP/1.1\r\nHost: a\r\n\r\n"+next)
	assert.NoError(t, end)
	responses, err := wiretest.ParseResponses(out, []string{"GET", "GET", "GET"})
	require.NoError(t, err)
	require.Len(t, responses, 3)
	for i, target := range []string{"/slow", "/fast", "/n"} {
		assert.Equal(t, "answer to "+target, responses[i].Body)
	}
	assert.Equal(t, 1, most)
}

// backpressure: 100000 pipelined requests are read only as they are answered.
func backpressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, room = 100_000, 64 << 10
		release := make(chan struct{})
		calls := 0
		c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			if calls++; calls == 1 {
				<-release
			}
			w.WriteHeader(204)
		})})
		written := 0
		go func() {
			in := []byte(strings.Repeat(next, 1000))
			for range n / 1000 {
				for p := in; len(p) > 0; {
					k, err := c.Write(p[:min(1000, len(p))])
					if written += k; err != nil {
						return
					}
					p = p[k:]
				}
			}
			_ = c.CloseWrite()
		}()
		synctest.Wait()
		assert.LessOrEqual(t, written, room+16<<10, "octets taken from the client while one request is being answered")
		assert.Equal(t, 1, calls)
		close(release)
		p, got := make([]byte, 64<<10), 0
		for {
			k, err := c.Read(p)
			got += bytes.Count(p[:k], []byte("HTTP/1.1 204"))
			if err != nil {
				assert.Equal(t, io.EOF, err)
				break
			}
		}
		assert.GreaterOrEqual(t, got, n*99/100) // a status line may be cut in two
		assert.Equal(t, n, calls)
	})
}

// bodyAndResponseRace: the content is read by one goroutine while another writes the response, and a client that waits
// for 100 gets it before the response or not at all. The race detector sees the rest.
func bodyAndResponseRace(t *testing.T) {
	for _, duplex := range []bool{false, true} {
		for _, flush := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s := &h1.Server{Logger: quiet, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
					if duplex {
						assert.NoError(t, w.EnableFullDuplex())
					}
					body, read := q.Body, make(chan struct{})
					go func() {
						defer close(read)
						_, _ = io.Copy(io.Discard, body)
					}()
					for range 10 {
						_, _ = w.WriteString("content ")
						if flush {
							_ = w.Flush()
						}
					}
					if duplex {
						<-read
					}
				})}
				for range 50 {
					client, server := wiretest.Pipe()
					served := make(chan struct{})
					go func() {
						_ = s.ServeConn(server)
						close(served)
					}()
					sent := make(chan struct{})
					go func() {
						defer close(sent)
						_, _ = io.WriteString(client, postOpen+"Expect: 100-continue\r\nContent-Length: 3000\r\n\r\n")
						time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
						for range 30 {
							_, _ = io.WriteString(client, strings.Repeat("x", 100))
						}
						_ = client.CloseWrite()
					}()
					b, err := io.ReadAll(client)
					_ = client.Close()
					<-served
					<-sent
					assert.NoError(t, err)
					responses, err := wiretest.ParseResponses(string(b), []string{"POST"})
					assert.NoError(t, err, "%q", b)
					if assert.NotEmpty(t, responses) {
						last := responses[len(responses)-1]
						assert.Equal(t, 200, last.Status)
						assert.Equal(t, strings.Repeat("content ", 10), last.Body)
						assert.LessOrEqual(t, len(responses), 2)
						assert.Equal(t, len(responses) == 2, responses[0].Status == 100)
					}
				}
			})
		}
	}
}

func switchAdvisories() []advisory {
	offer := "Upgrade: websocket\r\n"
	return []advisory{
		{ids: "CVE-2024-24791 (GO-2024-2963)", vectors: []*wiretest.Vector{ // a client of that kind must not reuse the connection
			sends(postOpen+"Expect: 100-continue\r\nContent-Length: 28\r\n\r\n"+twenty8+next, "401 C", "options: noread, status=401"),
			sends(postOpen+"Expect: 100-continue\r\nContent-Length: 28\r\n\r\n", "401 C", "options: noread, status=401"),
			sends(postOpen+"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "401 C", "options: noread, status=401"),
			sends(postOpen+"Expect: 100-continue\r\nContent-Length: 28\r\n\r\n", "200 C", "options: noread"),
		}},
		{ids: "CVE-2020-5249", test: func(t *testing.T) {
			for _, f := range []h1.Field{{Name: "Link", Value: "a\rb"}, {Name: "Link", Value: "a\nb"}, {Name: "Link", Value: "a\r\nSet-Cookie: b"}, {Name: "Link", Value: "a\x00"},
				{Name: "Li\rnk", Value: "a"}, {Name: "Li nk", Value: "a"}, {Name: "", Value: "a"}, {Name: "Content-Length", Value: "1"}, {Name: "Transfer-Encoding", Value: "chunked"}} {
				out, _ := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
					h := &h1.Header{}
					h.Add("X", "y")
					h.Add(f.Name, f.Value)
					assert.Error(t, w.WriteInformational(103, h), f)
				})}, get11)
				assert.NoError(t, statusesAre(out, []int{200}), f)
				assert.NotContains(t, out, "103")
			}
		}},
		{ids: "CVE-2026-2833 (RUSTSEC-2026-0033)", vectors: []*wiretest.Vector{ // declined: what follows is HTTP, and read as such
			sends(getOpen+"Connection: upgrade\r\n"+offer+"\r\n"+next, "200 200 K", "saw 2: target=/n"),
			sends(getOpen+"Connection: upgrade\r\n"+offer+"\r\nbad octets\x00", "200 400 C"),
			sends(getOpen+"Connection: upgrade\r\n"+offer+"\r\n"+next, "426 C", "options: status=426"),
			sends(getOpen+"Connection: upgrade\r\n"+offer+"\r\n"+next, "101 T", "options: upgrade=websocket", "saw: tunnel="+strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(next)),
		}},
		{ids: "CVE-2026-71324 (GO-2026-6201)", vectors: []*wiretest.Vector{
			sends("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"+next, "501 C", "methods: CONNECT"),
			sends("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"+next, "403 C", "methods: CONNECT", "options: EnableCONNECT=deny"),
			sends("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "404 C", "methods: CONNECT", "options: EnableCONNECT, status=404"),
			sends("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "502 C", "methods: CONNECT", "options: EnableCONNECT, status=502"),
		}, test: func(t *testing.T) { // a 2xx that opens no tunnel closes too
			out, end := talk(t, &h1.Server{ConnectPolicy: func(*h1.Request) error { return nil }, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {})},
				"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"+next)
			assert.NoError(t, end)
			assert.Equal(t, 1, strings.Count(out, "HTTP/1.1 "), out)
			assert.Contains(t, out, "Connection: close\r\n")
		}},
		{ids: "CVE-2026-71310 (GO-2026-6199)", left: "the library is no client"},
		{ids: "aiohttp (2026)", vectors: append(func() (v []*wiretest.Vector) { // no offer: nothing to switch to
			for _, connection := range []string{"notupgrade", "upgrades", "up grade", "\"upgrade\"", "upgrade;x", "keep-alive", ""} {
				expect := "200 200 K"
				if strings.ContainsAny(connection, ` ";`) {
					expect = "200 C" // 9110-7.6.1-a
				}
				v = append(v, sends(getOpen+"Connection: "+connection+"\r\n"+offer+"\r\n"+next, expect, "options: upgrade=websocket"))
			}
			return v
		}(),
			sends(getOpen+"Connection: x, UPGRADE\r\n"+offer+"\r\n", "101 T", "options: upgrade=websocket"),
			sends(getOpen+"Connection: x\r\nConnection: upgrade\r\nUpgrade: notwebsocket, web socket, websocket/1\r\n\r\n"+next, "200 200 K", "options: upgrade=websocket"),
			sends(postOpen+"Connection: upgrade\r\n"+offer+"Content-Length: 1\r\n\r\nxping", "101 T", "options: upgrade=websocket", "saw: tunnel=ping"),
			sends(postOpen+"Connection: upgrade\r\n"+offer+"Content-Length: 28\r\n\r\n"+twenty8+next, "200 200 K", "options: noread, upgrade=websocket"),
			sends(postOpen+"Connection: upgrade\r\n"+offer+"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nping", "101 T", "options: upgrade=websocket", "saw: tunnel=ping"))},
		{ids: "gunicorn 26", test: func(t *testing.T) {
			for _, status := range []int{204, 304} {
				out, end := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
					if q.Target == "/n" {
						return
					}
					assert.NoError(t, w.WriteInformational(103, nil))
					w.WriteHeader(status)
					w.Header().Set("Content-Length", "5")
					_, _ = w.WriteString("hello")
					_ = w.Flush()
				})}, get11+next)
				assert.NoError(t, end)
				head, _, _ := strings.Cut(strings.TrimPrefix(out, "HTTP/1.1 103 Early Hints\r\n\r\n"), "\r\n\r\n")
				assert.NotContains(t, head, "Content-Length")
				assert.NotContains(t, head, "Transfer-Encoding")
				assert.NoError(t, statusesAre(out, []int{103, status, 200}))
			}
			out, end := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
				_, _ = w.WriteString("hello")
				_ = w.Flush()
			})}, head11+next)
			assert.NoError(t, end)
			head, _, _ := strings.Cut(out, "\r\n\r\n")
			assert.NotContains(t, head, "Transfer-Encoding")
			responses, err := wiretest.ParseResponses(out, []string{"HEAD", "GET"})
			assert.NoError(t, err)
			assert.Len(t, responses, 2)
		}},
	}
}

func writerAdvisories() []advisory {
	return []advisory{
		{ids: "CVE-2017-18587", test: injections},
		{ids: "fasthttp#2162, #2182, #2185, #2186, #2295, #2298; CVE-2020-15111 (fiber)", test: injections},
		{ids: "CVE-2020-5247, CVE-2020-7695, CVE-2018-1000164, CVE-2016-5325", test: injections},
		{ids: "CVE-2025-67724", test: injections},
		{ids: "CVE-2023-29406 (GO-2023-1878)", left: "the library is no client"},
		{ids: "CVE-2023-29401 (gin)", left: "the library builds no Content-Disposition"},
		{ids: "CVE-2026-42507 (GO-2026-5039), CVE-2020-36567 (gin), CVE-2025-25184 (rack)", test: printableErrors},
		{ids: "CVE-2026-34831", test: declaredLength},
		{ids: "GHSA-63hf-3vf5-4wqf", left: "the library is no client"},
		{ids: "hertz#1309", test: keepsNothing},
	}
}

// injections: whatever a handler puts where, the client sees one response to each request and no line that the handler
// did not make as such.
func injections(t *testing.T) {
	setters := map[string]func(w *h1.Response, q *h1.Request, evil string){
		"Header.Set name":  func(w *h1.Response, _ *h1.Request, evil string) { w.Header().Set(evil, "v") },
		"Header.Set value": func(w *h1.Response, _ *h1.Request, evil string) { w.Header().Set("X", evil) },
		"Header.Add name":  func(w *h1.Response, _ *h1.Request, evil string) { w.Header().Add(evil, "v") },
		"Header.Add value": func(w *h1.Response, _ *h1.Request, evil string) { w.Header().Add("X", evil) },
		"Location": func(w *h1.Response, _ *h1.Request, evil string) {
			w.WriteHeader(302)
			w.Header().Set("Location", "/"+evil)
		},
		"Set-Cookie":   func(w *h1.Response, _ *h1.Request, evil string) { w.Header().Add("Set-Cookie", "a="+evil) },
		"Content-Type": func(w *h1.Response, _ *h1.Request, evil string) { w.Header().Set("Content-Type", "text/"+evil) },
		"Content-Disposition": func(w *h1.Response, _ *h1.Request, evil string) {
			w.Header().Set("Content-Disposition", `attachment; filename="`+evil+`"`)
		},
		"Content-Length": func(w *h1.Response, _ *h1.Request, evil string) { w.Header().Set("Content-Length", "7"+evil) },
		"Connection":     func(w *h1.Response, _ *h1.Request, evil string) { w.Header().Set("Connection", "close"+evil) },
		"Upgrade":        func(w *h1.Response, _ *h1.Request, evil string) { w.Header().Set("Upgrade", "x"+evil) },
		"Date": func(w *h1.Response, _ *h1.Request, evil string) {
			w.Header().Set("Date", "Tue, 15 Nov 1994 08:12:31 GMT"+evil)
		},
		"SetReason": func(w *h1.Response, _ *h1.Request, evil string) { w.SetReason("OK" + evil) },
		"WriteInformational name": func(w *h1.Response, _ *h1.Request, evil string) {
			assert.Error(t, w.WriteInformational(103, header("X"+evil+": v")))
		},
		"WriteInformational value": func(w *h1.Response, _ *h1.Request, evil string) {
			assert.Error(t, w.WriteInformational(103, header("X: "+evil)))
		},
		"Trailer name":  func(w *h1.Response, _ *h1.Request, evil string) { w.Trailer().Set("X"+evil, "v") },
		"Trailer value": func(w *h1.Response, _ *h1.Request, evil string) { w.Trailer().Set("X", "v"+evil) },
		"late trailer name": func(w *h1.Response, _ *h1.Request, evil string) {
			w.Trailer().Set("X", "")
			_ = w.Flush()
			w.Trailer().Set("X"+evil, "v")
		},
		"late trailer value": func(w *h1.Response, _ *h1.Request, evil string) {
			w.Trailer().Set("X", "")
			_ = w.Flush()
			w.Trailer().Set("X", "v"+evil)
		},
		"Upgrade protocol": func(w *h1.Response, _ *h1.Request, evil string) {
			_, err := w.Upgrade("x"+evil, nil)
			assert.Error(t, err)
		},
		"Upgrade field name": func(w *h1.Response, _ *h1.Request, evil string) {
			_, err := w.Upgrade("x", header("X"+evil+": v"))
			assert.Error(t, err)
		},
		"Upgrade field value": func(w *h1.Response, _ *h1.Request, evil string) {
			_, err := w.Upgrade("x", header("X: v"+evil))
			assert.Error(t, err)
		},
	}
	for name, script := range setters {
		for _, evil := range []string{"\r\nInjected: 1", "\nInjected: 1", "\rInjected: 1", "\x00Injected", "\r\n\r\nHTTP/1.1 200 Injected\r\nContent-Length: 0\r\n\r\n",
			"\r\n Injected", "\x7fInjected", "\x0bInjected"} {
			out, end := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
				if q.Target == "/" {
					script(w, q, evil)
				}
				_, _ = w.WriteString("content")
			})}, getOpen+"Connection: upgrade\r\nUpgrade: x\r\n\r\n"+next)
			assert.NoError(t, end, "%s %q", name, evil)
			assert.NotContains(t, out, "Injected", "%s %q", name, evil)
			responses, err := wiretest.ParseResponses(out, []string{"GET", "GET"})
			assert.NoError(t, err, "%s %q", name, evil)
			// A 500 to a request with an offer to upgrade ends the connection: own-upg-b.
			assert.True(t, len(responses) == 2 || len(responses) == 1 && responses[0].Status == 500, "%s %q: %s", name, evil, out)
		}
	}
	for _, evil := range []string{"\r\nInjected: 1", "\n", "\r", "\x00"} {
		for _, h := range []*h1.Header{header("X" + evil + ": v"), header("X: v" + evil)} {
			_, err := h1.AppendResponseHead(nil, 200, h)
			assert.Error(t, err)
			_, err = h1.AppendLastChunk(nil, h)
			assert.Error(t, err)
		}
	}
	out, end := talk(t, &h1.Server{OnError: func(w *h1.Response, q *h1.Request, err *h1.ProtocolError) {
		w.Header().Set("X-Target", q.Target+"\r\nInjected: 1")
		_, _ = w.WriteString("x")
	}}, "GET /a HTTP/1.1\r\n\r\n")
	assert.NoError(t, end)
	assert.NotContains(t, out, "Injected")
	assert.NoError(t, statusesAre(out, []int{500}))
}

// printableErrors is own-sec-c: what the library says of a fault is short and printable, and nothing of it that came
// from the peer goes back to the peer.
func printableErrors(t *testing.T) {
	printable := func(s string, most int, what string) {
		t.Helper()
		for _, c := range []byte(strings.ReplaceAll(s, "§", "")) { // of rule names
			if c < ' ' || c > '~' {
				t.Errorf("%s: octet %#02x in %q", what, c, s)
				break
			}
		}
		assert.LessOrEqual(t, len(s), most, what)
	}
	evil := "<script>\x1b[31m\x07\x00\r\n\xff\xfe\u202e\u00e9"
	evil += strings.Repeat(evil, 20)
	var log bytes.Buffer
	s := &h1.Server{Handler: answering, Limits: h1.Limits{LenientTarget: true},
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, in := range []string{evil, "GET " + evil, "GET /" + evil, "GET / " + evil, getOpen + evil, getOpen + "X: " + evil, getOpen + "X" + evil + ": v\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: " + evil, "GET / HTTP/1.1\r\nHost: <script>\xff\r\n\r\n", getOpen + "Expect: <script>\xff\r\n\r\n", postOpen + "Content-Length: <script>\xff\r\n\r\n",
		postOpen + "Transfer-Encoding: <script>\xff\r\n\r\n", postChunked + evil, postChunked + "1;" + evil, postChunked + "0\r\n" + evil, postChunked + "0\r\nX: " + evil,
		"GET http://" + evil, "CONNECT " + evil, "GET http://b/<script>\xff HTTP/1.1\r\nHost: a\r\n\r\n"} {
		log.Reset()
		_, err := readAll(in, nil, false)
		require.Error(t, err)
		printable(err.Error(), 200, "error")
		out, _ := talk(t, s, in)
		assert.NotContains(t, out, "script")
		assert.NotContains(t, out, "\x1b")
		printable(strings.ReplaceAll(log.String(), "\n", ""), 2000, "log")
	}
	for name, script := range map[string]func(w *h1.Response){
		"name":            func(w *h1.Response) { w.Header().Set(evil, "v") },
		"value":           func(w *h1.Response) { w.Header().Set("X", evil) },
		"length":          func(w *h1.Response) { w.Header().Set("Content-Length", evil) },
		"reason":          func(w *h1.Response) { w.SetReason(evil) },
		"date":            func(w *h1.Response) { w.Header().Set("Date", evil) },
		"trailer":         func(w *h1.Response) { w.Trailer().Set(evil, "v") },
		"name of letters": func(w *h1.Response) { w.Header().Set(strings.Repeat("\u00e9", 100), "v") },
	} {
		log.Reset()
		var err error
		s.Handler = h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
			script(w)
			err = w.Finish()
		})
		out, _ := talk(t, s, get11)
		assert.NotContains(t, out, "script")
		usage, _ := errors.AsType[*h1.UsageError](err)
		if assert.NotNil(t, usage, name) {
			printable(usage.Detail, 4*64+2, name+": detail")
			assert.LessOrEqual(t, len(usage.Error()), 400, name)
		}
		assert.LessOrEqual(t, log.Len(), 2000, name)
	}
	var usage *h1.UsageError
	_, err := h1.AppendResponseHead(nil, 200, header(evil+": v"))
	require.ErrorAs(t, err, &usage)
	printable(usage.Detail, 4*64+2, "AppendResponseHead")
	h := header("Connection: x-forwarded-\u00e9" + strings.Repeat("\u00e9", 100))
	if err := h.RemoveHopByHop(); assert.ErrorAs(t, err, &usage) {
		printable(usage.Detail, 4*64+2, "RemoveHopByHop")
	}
}

// declaredLength: a body that is not as long as declared is an error, and the connection does not outlive it.
func declaredLength(t *testing.T) {
	const content = "h\u00e9llo" // 6 octets, 5 characters
	for length, ok := range map[string]bool{"5": false, "6": true, "7": false} {
		for _, flush := range []bool{false, true} {
			var err error
			out, end := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
				if q.Target == "/" {
					w.Header().Set("Content-Length", length)
					_, _ = w.WriteString(content)
					if flush {
						_ = w.Flush()
					}
					err = w.Finish()
				}
			})}, get11+next)
			if ok {
				assert.NoError(t, err)
				assert.NoError(t, end)
				assert.NoError(t, statusesAre(out, []int{200, 200}))
				continue
			}
			var usage *h1.UsageError
			assert.ErrorAs(t, err, &usage, length)
			switch {
			case length == "5":
				assert.NoError(t, end)
				assert.NoError(t, statusesAre(out, []int{200}))
				assert.True(t, strings.HasSuffix(out, "\r\n\r\n"+content[:5]), out)
			case flush:
				assert.Error(t, end, "the client must see that it is cut short")
				assert.NotContains(t, out, "500")
			default:
				assert.NoError(t, statusesAre(out, []int{500, 200}))
			}
		}
	}
}

// keepsNothing: what was written may be changed as soon as the call has returned, however it was written.
func keepsNothing(t *testing.T) {
	for _, size := range []int{1, 100, 2047, 2048, 2049, 4096, 5000, 100_000} {
		for _, length := range []bool{false, true} {
			out, end := talk(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
				p := bytes.Repeat([]byte("a"), size)
				if length {
					w.Header().Set("Content-Length", fmt.Sprint(3*size))
				}
				for range 3 {
					for i := range p {
						p[i] = 'a'
					}
					_, _ = w.Write(p)
					for i := range p {
						p[i] = 'z'
					}
				}
			})}, get11)
			assert.NoError(t, end)
			responses, err := wiretest.ParseResponses(out, []string{"GET"})
			require.NoError(t, err)
			assert.Equal(t, strings.Repeat("a", 3*size), responses[0].Body, size)
		}
	}
}

// Hosts that are valid, and some that are not, of both a Host field and the authority of a target.
var (
	goodHosts = []string{"a", "A.B", "a.", "my_svc", "a-b~c", "1.2.3.4", "1", "[::1]", "[::]", "[1:2:3:4:5:6:7:8]", "[1::8]", "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]",
		"[FE80::ABCD]", "a:80", "a:", "a:1", "a:65535", "a:00080", "[::1]:80", "[::1]:", strings.Repeat("a", 255)}
	badHosts = []string{":80", "a:65536", "a:0", "a:99999", "a:000080", "a:100000", "a:+80", "a:-1", "a:80a", "a:8 0", "a b", "a,b", "a;b", "a=b", "a!b", "a$b", "a&b", "a'b", "a(b)", "a*b",
		"a%2eb", "a%20b", "%61", "a\\b", "a<b", "a|b", "a^b", "a`b", "a{b}", "a\"b", "\xc3\xa9", "a\xa0", "u@a", "u:p@a", "@a", "a@", "a:80:80", "a::80", "::1", "1:2:3:4:5:6:7:8",
		"[::1", "::1]", "[::1]]", "[[::1]]", "[]", "[", "]", "[a]", "[1.2.3.4]", "[::1]a", "[::1]:a", "[::1]80", "a[::1]", "[::1%25eth0]", "[::1%eth0]", "[v1.a]", "[::g]",
		"[1:2:3:4:5:6:7:8:9]", "[1:2:3:4:5:6:7]", "[::1::]", "[1::2::3]", "[:1]", "[1:]", "[:::]", "[12345::]", "[::01.2.3.4]", "[::1.2.3]", "[::1.2.3.4.5]", "[::1.2.3.256]", "[::1.2.3.4:1]",
		"[1:2:3:4:5:6:7:1.2.3.4]", "[1::2:3:4:5:6:7:8]", "[::1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8::]", "[1:2:3:4:5:6::1.2.3.4]", "[::1]/", strings.Repeat("a", 256)}
)

// authorities checks both sets as a Host field, as the authority of an absolute-form target and, with a port, as that of
// CONNECT.
func authorities(t *testing.T) {
	wrong := map[string][]string{}
	check := func(host string, good bool) {
		for where, in := range map[string]string{
			"as Host":                    "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
			"as Host of HTTP/1.0":        "GET / HTTP/1.0\r\nHost: " + host + "\r\n\r\n",
			"in a target with a path":    "GET http://" + host + "/ HTTP/1.0\r\n\r\n",
			"in a target without a path": "GET http://" + host + "?q HTTP/1.0\r\n\r\n",
		} {
			if strings.HasPrefix(where, "in") && strings.ContainsAny(host, " /") {
				continue // ends the target, or the authority
			}
			_, err := readAll(in, nil, false)
			fault, _ := errors.AsType[*h1.ProtocolError](err)
			if good && err != io.EOF || !good && (fault == nil || fault.Status != 400 || unfinished(err)) {
				wrong[host] = append(wrong[host], where)
			}
		}
		_, err := h1.ParseTarget("CONNECT", host)
		port := host[strings.LastIndexByte(host, ':')+1:]
		if want := good && !strings.HasSuffix(host, "]") && strings.Contains(host, ":") && port != ""; (err == nil) != want {
			wrong[host] = append(wrong[host], "in CONNECT")
		}
	}
	for _, host := range goodHosts {
		check(host, true)
	}
	for _, host := range badHosts {
		check(host, false)
	}
	for host, where := range wrong {
		slices.Sort(where)
		t.Errorf("%q: taken or refused wrongly %s", host, strings.Join(where, ", "))
	}
}

func targetAdvisories() []advisory {
	hosts := func() (v []*wiretest.Vector) {
		for _, octet := range []string{"/", "?", "#", "@", "\\", " ", ",", ";", "%", "\x00", "\x7f", "\x80", "\"", "<", "'", "(", "*", "+", "=", "|"} {
			v = append(v, each("GET / HTTP/1.1\r\nHost: @\r\n\r\n", "400 C", "a"+octet+"b", "a"+octet+"..", "a"+octet+"80", "a"+octet+octet+"b")...)
		}
		return v
	}()
	return []advisory{
		{ids: "CVE-2019-14809, CVE-2025-47912, CVE-2026-25679", test: authorities},
		{ids: "CVE-2022-32190, CVE-2026-56860", test: func(t *testing.T) {
			linear(t, 20_000, func(n int) {
				path := strings.Repeat("/..", n/3)
				var q h1.Request
				_, err := q.Parse([]byte("GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n"), unlimited)
				if err != nil || q.URL.Path != path || q.URL.EscapedPath() != path { // not resolved
					t.Error(err)
				}
			})
			linear(t, 20_000, func(n int) {
				u, err := h1.ParseTarget("GET", strings.Repeat("/%2e%2e", n/7))
				if err != nil || u.Path != strings.Repeat("/..", n/7) {
					t.Error(err)
				}
			})
		}, vectors: []*wiretest.Vector{sends("GET /a/../../b/. HTTP/1.1\r\nHost: a\r\n\r\n", "200 K", "saw: path=/a/../../b/.", "saw: rawpath=")}},
		{ids: "CVE-2025-61726, CVE-2026-39825, CVE-2022-2880", vectors: []*wiretest.Vector{
			sends("GET /?a=1;b=2&a=%zz&&=x&a HTTP/1.1\r\nHost: a\r\n\r\n", "200 K", "saw: query=a=1;b=2&a=%zz&&=x&a"),
		}, test: func(t *testing.T) { // parameters are not collected, so that their number costs nothing
			linear(t, 5_000, func(n int) {
				u, err := h1.ParseTarget("GET", "/?"+strings.Repeat("a=b&", n)+"z=last")
				if err != nil || u.QueryGet("z") != "last" {
					t.Error(err)
				}
			})
			u, err := h1.ParseTarget("GET", "/?"+strings.Repeat("a&", 10_000))
			require.NoError(t, err)
			assert.LessOrEqual(t, testing.AllocsPerRun(10, func() {
				for range u.Query() {
				}
			}), 5.0)
		}},
		{ids: "CVE-2022-21221, CVE-2022-40082, CVE-2020-36565, CVE-2026-25766, CVE-2026-25891, CVE-2026-52844", vectors: append(
			each("GET @ HTTP/1.1\r\nHost: a\r\n\r\n", "400 C", `/..\..\a`, `/a\b`, `\a`, `/\a`, `http://a/..\b`),
			sends("GET /a%5c..%5Cb HTTP/1.1\r\nHost: a\r\n\r\n", "200 K", `saw: path=/a\\..\\b`, "saw: rawpath=/a%5c..%5Cb"))},
		{ids: "GO-2026-4950, fasthttp#2173", vectors: []*wiretest.Vector{
			sends("GET /%2561%252f%2525 HTTP/1.1\r\nHost: a\r\n\r\n", "200 K", "saw: path=/%61%2f%25", "saw: escapedpath=/%2561%252f%2525"),
			sends("GET http://a/%2561 HTTP/1.1\r\nHost: a\r\n\r\n", "200 K", "saw: path=/%61"),
		}},
		{ids: "CVE-2025-47952, CVE-2025-66490, CVE-2025-32431, CVE-2026-40912, CVE-2026-48020, CVE-2026-65600, CVE-2026-67309", test: onePath},
		{ids: "CVE-2026-42272", test: func(t *testing.T) {
			lower, err := h1.ParseTarget("GET", "/a%2fb%3a")
			require.NoError(t, err)
			upper, err := h1.ParseTarget("GET", "/a%2Fb%3A")
			require.NoError(t, err)
			assert.Equal(t, lower.Path, upper.Path)
			assert.Equal(t, "/a/b:", lower.Path)
			assert.Equal(t, "/a%2fb%3a", lower.EscapedPath())
			assert.Equal(t, "/a%2Fb%3A", upper.EscapedPath())
		}},
		{ids: "CVE-2023-47106, CVE-2026-41059", vectors: append(
			each("GET @ HTTP/1.1\r\nHost: a\r\n\r\n", "400 C", "/#", "/a#b", "/#/../admin", "/?a#b", "#", "http://a/#b", "http://a#b", "/%2f#", "*#"),
			sends("GET /a%23b HTTP/1.1\r\nHost: a\r\n\r\n", "200 K", "saw: path=/a#b"))},
		{ids: "CVE-2026-27587, CVE-2026-27588", vectors: []*wiretest.Vector{
			sends("GET http://ExAmPlE:80/A HTTP/1.1\r\nHost: eXaMpLe\r\n\r\n", "200 K", "saw: path=/A"),
			sends("GET http://[::A]/ HTTP/1.1\r\nHost: [::a]:80\r\n\r\n", "200 K"),
			sends("GET http://examp1e/ HTTP/1.1\r\nHost: example\r\n\r\n", "400 C"),
			sends("GET http://\x4aa/ HTTP/1.1\r\nHost: \x6aA\r\n\r\n", "200 K"),
			sends("GET http://a[/ HTTP/1.1\r\nHost: a{\r\n\r\n", "400 C"), // folded by | 0x20 they would be equal
			sends("GET http://a_/ HTTP/1.1\r\nHost: a\x7f\r\n\r\n", "400 C"),
		}},
		{ids: "CVE-2026-34835, CVE-2026-48126, GHSA-4jgr-pg2m-m988, GHSA-vrw8-fxc6-2r93", vectors: hosts, test: authorities},
		{ids: "CVE-2021-33197, CVE-2024-45410, CVE-2026-29054, CVE-2021-32813, GHSA-w9mr-28mw-j8hg", test: hopByHop},
		{ids: "CVE-2022-32148", vectors: []*wiretest.Vector{
			sends(getOpen+"X-Forwarded-For:\r\n\r\n", "200 K", "saw: value X-Forwarded-For="),
			sends(getOpen+"\r\n", "200 K", "saw: no value X-Forwarded-For"),
		}, test: func(t *testing.T) {
			var q h1.Request
			_, err := q.Parse([]byte(getOpen+"X-Forwarded-For: \r\n\r\n"), nil)
			require.NoError(t, err)
			assert.True(t, q.Header.Has("x-forwarded-for"))
			assert.False(t, q.Header.Has("x-forwarded-host"))
		}},
		{ids: "CVE-2025-64484, CVE-2024-45614, CVE-2026-54763, CVE-2026-52845", vectors: append( // look-up never folds "_" into "-"
			each(postOpen+"@: 28\r\n\r\n"+twenty8, "400 C", "Content_Length", "content_length", "CONTENT_LENGTH"),
			sends(getOpen+"X_Forwarded_For: 1.2.3.4\r\nx_forwarded_for: b\r\nX-Forwarded_Proto: https\r\n\r\n", "200 K",
				"saw: no value X-Forwarded-For", "saw: no value X-Forwarded-Proto", "saw: value X_Forwarded_For=1.2.3.4", "saw: value X_Forwarded_For=b"),
			sends(postOpen+"Transfer_Encoding: chunked\r\n\r\n0\r\n\r\n", "400 C"), sends(postChunked+"0\r\nContent_Length: 5\r\n\r\n", "400 C"))},
		{ids: "CVE-2020-28483 (gin), GHSA-3fxj-6jh8-hvhx (chi), CVE-2026-32762 (rack)", left: "the library does not interpret X-Forwarded-For (own-sec-e)"},
		{ids: "fasthttp#2075–#2077, #2164", test: authorities, vectors: each("GET / HTTP/@\r\n\r\n", "400 C",
			"1.1\r\nHost: a\r\nHost: a", "1.1\r\nHost: a\r\nhOST: b", "1.0\r\nHost: a\r\nHost: a", "1.1\r\nHost: a, a", "1.1\r\nHost:", "1.1", "1.1\r\nHost:\r\nHost: a", "1.1\r\nX: Host: a")},
	}
}

// onePath: what a policy sees is what is forwarded, octet by octet: the raw target, its parts put together, and the head
// written again are the same.
func onePath(t *testing.T) {
	for _, target := range []string{"/", "//", "//admin", "/./admin", "/../admin", "/a/..;/admin", "/%2e%2e/admin", "/%2E./admin", "/a%2f..%2fadmin", "/a%5c..%5cadmin", "/admin%20", "/admin%09", "/admin/",
		"/admin;x=y", "/ADMIN", "/%61dmin", "/%2561dmin", "/admin%3f", "/admin?", "/admin?x", "/admin?/../y", "/a?b?c", "/?%2e%2e/", "/?a=%", "/%2F%2F", "/a//b", "/a/%2f/b", "/admin%c0%af", "/admin%ef%bc%8f", "/admin%0d%0aX:%20y", "/a|b", "/[a]{b}", "/[a]", "/Foo_(bar)", "/a!b*c'd", "/a,b;c=d$e&f+g:h@i", "/?"} {
		in := "GET " + target + " HTTP/1.1\r\nhOsT:a\r\nX-1:  y \r\nX-1: z\r\n\r\n"
		var q h1.Request
		_, err := q.Parse([]byte(in), nil)
		require.NoError(t, err, target)
		assert.Equal(t, target, q.Target)
		parts := q.URL.EscapedPath()
		if q.URL.RawQuery != "" || q.URL.ForceQuery {
			parts += "?" + q.URL.RawQuery
		}
		assert.Equal(t, target, parts)
		assert.Equal(t, in, string(q.AppendHead(nil)))
		assert.Equal(t, "a", q.Host)
		assert.Empty(t, q.URL.Host)
		std, err := url.ParseRequestURI(target)
		require.NoError(t, err)
		assert.Equal(t, std.Path, q.URL.Std().Path)
		assert.Equal(t, std.EscapedPath(), q.URL.Std().EscapedPath(), "what net/http's handlers forward for %q", target)
	}
}

// hopByHop: 9110-7.6.1-d. Nominating a field that the next hop trusts is an error, and nothing is removed then.
func hopByHop(t *testing.T) {
	for _, name := range []string{"Host", "Content-Length", "Authorization", "Cookie", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port",
		"X-Forwarded-Tls-Client-Cert", "X-Real-Ip"} {
		t.Run(name, func(t *testing.T) {
			for _, spelled := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
				for _, connection := range []string{spelled, "close, " + spelled, "," + spelled + ",", spelled + ", X-A", "X-A\r\nConnection: " + spelled} {
					var q h1.Request
					_, err := q.Parse([]byte("GET / HTTP/1.1\r\nHost: a\r\nConnection: "+connection+"\r\nX-A: 1\r\nX-Real-IP: 1.2.3.4\r\nx-forwarded-for: b\r\n\r\n"), nil)
					require.NoError(t, err)
					before := lines(&q.Header)
					require.Error(t, q.Header.RemoveHopByHop(), "Connection: %s", connection)
					assert.Equal(t, before, lines(&q.Header))
				}
			}
		})
	}
	for _, connection := range []string{"x-a", "X-A", "close, X-a", " ,x-A,"} {
		h := header("Host: a", "Connection: "+connection, "X-A: 1", "TE: trailers", "Keep-Alive: x", "Proxy-Connection: x", "Upgrade: x", "Trailer: x", "X-B: 2", "x-a: 3")
		require.NoError(t, h.RemoveHopByHop())
		assert.Equal(t, []string{"Host: a", "X-B: 2"}, lines(h), connection)
	}
}

func resourceAdvisories() []advisory {
	return []advisory{
		{ids: "CVE-2023-24534, CVE-2021-31525", vectors: append(
			each(getOpen+"@\r\n", "431 C", strings.Repeat("a:\r\n", 250_000), strings.Repeat("a: b\r\n", 200)),
			sends(getOpen+"Connection: "+strings.Repeat(",", 60_000)+"\r\n\r\n"+next, "200 C")), test: func(t *testing.T) {
			linear(t, 5_000, func(n int) {
				if _, err := readAll(getOpen+strings.Repeat("a:\r\n", n)+"\r\n", unlimited, false); err != io.EOF {
					t.Error(err)
				}
			})
			for _, name := range []string{"Connection", "Expect", "X"} {
				for _, list := range []string{",", "a,", `"`, `\`, " ,"} {
					parse := func(n int) {
						var q h1.Request
						_, err := q.Parse([]byte(getOpen+name+": "+strings.Repeat(list, n/len(list))+"\r\n\r\n"), unlimited)
						if err != nil && !strings.Contains(err.Error(), "expectation") {
							t.Error(err)
						}
						for range q.Header.Tokens(name) {
						}
					}
					linear(t, 20_000, parse)
					if name == "Connection" && list == "," {
						parse(7 << 20)
					}
				}
			}
		}},
		{ids: "CVE-2025-58186", test: func(t *testing.T) { // cookies are not collected, so that their number costs nothing
			var q h1.Request
			_, err := q.Parse([]byte(getOpen+"Cookie: "+strings.Repeat("a=b; ", 12_000)+"\r\n\r\n"), nil)
			require.NoError(t, err)
			n := 0
			assert.LessOrEqual(t, testing.AllocsPerRun(10, func() {
				n = 0
				for range q.Cookies() {
					n++
				}
			}), 8.0)
			assert.Equal(t, 12_000, n)
			linear(t, 20_000, func(n int) {
				var q h1.Request
				if _, err := q.Parse([]byte(getOpen+"Cookie: "+strings.Repeat(";", n)+"\r\nCookie: "+strings.Repeat("a;", n)+"\r\n\r\n"), unlimited); err != nil {
					t.Error(err)
				}
				for range q.Cookies() {
				}
			})
		}},
		{ids: "CVE-2025-61724, CVE-2025-67725, CVE-2024-7592, CVE-2026-34230", test: func(t *testing.T) {
			for name, in := range map[string]func(n int) string{
				"one field":   func(n int) string { return getOpen + "X: " + strings.Repeat("a", n) + "\r\n\r\n" },
				"many fields": func(n int) string { return getOpen + strings.Repeat("X: y\r\n", n/6) + "\r\n" },
				"equal names": func(n int) string { return getOpen + strings.Repeat("Cookie: y\r\n", n/11) + "\r\n" },
				"target":      func(n int) string { return "GET /" + strings.Repeat("%61", n/3) + rest11 },
				"query":       func(n int) string { return "GET /?" + strings.Repeat("a=b&", n/4) + rest11 },
				"chunks":      func(n int) string { return postChunked + strings.Repeat("1\r\nx\r\n", n/6) + "0\r\n\r\n" },
				"trailers":    func(n int) string { return postChunked + "0\r\n" + strings.Repeat("X: y\r\n", n/6) + "\r\n" },
				"Expect":      func(n int) string { return getOpen + "Expect: " + strings.Repeat("100-continue, ", n/14) + "\r\n\r\n" },
				"Connection": func(n int) string {
					return getOpen + "Connection: " + strings.Repeat("keep-alive, ", n/12) + "\r\n\r\n"
				},
				"transfer coding": func(n int) string { return getOpen + "Transfer-Encoding: " + strings.Repeat("a,", n/2) + "\r\n\r\n" },
				"lengths":         func(n int) string { return getOpen + strings.Repeat("Content-Length: 1\r\n", n/19) + "\r\n" },
				"length":          func(n int) string { return getOpen + "Content-Length: " + strings.Repeat("0", n) + "1x\r\n\r\n" },
				"requests":        func(n int) string { return strings.Repeat(next, n/28) },
			} {
				t.Run(name, func(t *testing.T) {
					linear(t, 20_000, func(n int) { _, _ = readAll(in(n), unlimited, false) })
				})
			}
			fields := map[int]*h1.Header{}
			for _, n := range []int{20_000, 50 * 20_000} {
				fields[n] = &h1.Header{}
				for range n {
					fields[n].Add("X", "y")
				}
			}
			linear(t, 20_000, func(n int) {
				for range fields[n].Values("x") {
				}
				for range fields[n].Tokens("x") {
				}
				fields[n].Del("y")
			})
		}},
		{ids: "hyper#3764", test: func(t *testing.T) {
			for _, in := range []func(n int) string{
				func(n int) string { return getOpen + "X: " + strings.Repeat("a", n) + "\r\n\r\n" },
				func(n int) string { return getOpen + strings.Repeat("X: y\r\n", n/6) + "\r\n" },
				func(n int) string { return "GET /" + strings.Repeat("a", n) + rest11 },
				func(n int) string { return getOpen + strings.Repeat("x", n) + ": y\r\n\r\n" },
				func(n int) string { return postChunked + "0\r\nX: " + strings.Repeat("a", n) + "\r\n\r\n" },
			} {
				limits := *unlimited
				limits.MaxFieldNameBytes = -1
				linear(t, 8<<10, func(n int) {
					if _, err := readAll(in(n), &limits, true); err != io.EOF {
						t.Error(err)
					}
				})
			}
		}},
		{ids: "CVE-2018-12121/12122, CVE-2019-5737, CVE-2020-8251", test: silenceEverywhere},
		{ids: "CVE-2019-16770, CVE-2021-29509", test: func(t *testing.T) { // a busy connection keeps no other waiting
			synctest.Test(t, func(t *testing.T) {
				block := make(chan struct{})
				s := &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
					if q.Target == "/block" {
						<-block
					}
				})}
				for range 20 {
					send(t, dial(t, s), "GET /block HTTP/1.1\r\nHost: a\r\n\r\n"+next)
				}
				idle := dial(t, s)
				send(t, idle, next)
				assert.Contains(t, received(idle), "200 OK")
				fresh := dial(t, s)
				send(t, fresh, next)
				assert.Contains(t, received(fresh), "200 OK")
				close(block)
			})
		}},
		{ids: "CVE-2026-56853, CVE-2026-26999, CVE-2026-22045, CVE-2021-23409, CVE-2026-47736", test: silenceEverywhere},
		{ids: "CVE-2024-28869", test: func(t *testing.T) {
			for _, in := range []string{postOpen + "Content-Length: 10\r\n\r\n", postOpen + "Content-Length: 10\r\n\r\n123456789", postChunked, postOpen + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n"} {
				synctest.Test(t, func(t *testing.T) {
					c := dial(t, &h1.Server{Handler: answering})
					send(t, c, in)
					out, after, err := atEnd(c)
					assert.NoError(t, err)
					assert.Contains(t, out, "HTTP/1.1 408 ")
					assert.Equal(t, 30*time.Second, after)
				})
				synctest.Test(t, func(t *testing.T) { // a handler that does not read
					c := dial(t, &h1.Server{Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {})})
					send(t, c, in)
					out, after, err := atEnd(c)
					assert.NoError(t, err)
					assert.NoError(t, statusesAre(out, []int{200}))
					assert.LessOrEqual(t, after, 3*time.Second)
				})
			}
		}},
		{ids: "GHSA-3f84-rpwh-47g6 (CVE-2024-49769)", test: endEverywhere},
		{ids: "hyper#4086", test: endEverywhere},
		{ids: "CVE-2023-34188", vectors: each(postOpen+"Content-Length: @\r\n\r\n"+next, "400 C", "-48", "-1", "-9223372036854775808", "--1")},
		{ids: "RUSTSEC-2022-0055", test: maxRequestBytes},
		{ids: "fasthttp#2197", test: maxRequestBytes},
	}
}

// walkParts are exchanges that take a connection through all its states. They are cut after every octet.
var walkParts = []string{
	"\r\n" + getOpen + "X: y\r\n\r\n",
	postOpen + "Content-Length: 3\r\n\r\nabc",
	"\r\n" + postChunked + "3;a=\"b\\c\" ;d\r\nabc\r\n0\r\nX: y\r\n\r\n",
	postOpen + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
}

var walk = strings.Join(walkParts, "")

// silenceEverywhere: wherever a client falls silent, the connection ends in its time: 75 s between requests, 10 s in a
// head, 30 s in content; and in silence unless a request has begun (9112-9.2-a).
func silenceEverywhere(t *testing.T) {
	between := map[int]bool{}
	for i := range walkParts {
		between[len(strings.Join(walkParts[:i+1], ""))] = true
	}
	for i := range len(walk) + 1 {
		n, err := readAll(walk[:i], nil, false) // n requests are complete
		want, finals := 10*time.Second, n
		switch fault, _ := errors.AsType[*h1.ProtocolError](err); {
		case between[i]:
			want = 75 * time.Second
		case fault != nil:
			if finals++; strings.Contains(fault.Reason, "body") {
				want = 30 * time.Second
			}
		}
		synctest.Test(t, func(t *testing.T) {
			c := dial(t, &h1.Server{Handler: answering})
			send(t, c, walk[:i])
			out, after, err := atEnd(c)
			assert.NoError(t, err)
			r, err := wiretest.ParseResponses(out, slices.Repeat([]string{"GET"}, finals))
			assert.NoError(t, err)
			r = slices.DeleteFunc(r, func(r wiretest.Response) bool { return r.Interim() })
			assert.Equal(t, want, after.Round(time.Second), "%q", walk[:i])
			assert.Len(t, r, finals, "%q: %q", walk[:i], out)
			if len(r) > n {
				assert.Equal(t, 408, r[n].Status)
			}
		})
	}
}

// endEverywhere: wherever a client ends its side, the server ends the connection at once, and in order.
func endEverywhere(t *testing.T) {
	for i := range len(walk) + 1 {
		for _, noread := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s := &h1.Server{Handler: answering}
				if noread {
					s.Handler = h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {})
				}
				c := dial(t, s)
				send(t, c, walk[:i])
				synctest.Wait()
				require.NoError(t, c.CloseWrite())
				out, after, err := atEnd(c)
				assert.NoError(t, err)
				assert.Zero(t, after, "%q", walk[:i])
				r, err := wiretest.ParseResponses(out, slices.Repeat([]string{"GET"}, 5))
				assert.NoError(t, err, "%q", walk[:i])
				for _, r := range r[:max(0, len(r)-1)] {
					assert.LessOrEqual(t, r.Status, 200, "%q", walk[:i])
				}
				synctest.Wait()
				assert.Zero(t, s.Stats().Active, "%q", walk[:i])
			})
		}
	}
}

// maxRequestBytes: 413 for head and content together beyond MaxRequestBytes (9110-15.5.14-a), 6 MiB by default.
func maxRequestBytes(t *testing.T) {
	const declared = postOpen + "Content-Length: 10\r\n\r\n"
	chunks := "4\r\nabcd\r\n6;x=y\r\nefghij\r\n0\r\nX: " + strings.Repeat("y", 100) + "\r\n\r\n" // framing and trailers don't count
	for name, tt := range map[string]struct {
		in    string
		limit int
		want  []int
	}{
		"declared, exact":             {declared + "abcdefghij", len(declared) + 10, []int{200, 200}},
		"declared, one less":          {declared + "abcdefghij", len(declared) + 9, []int{413}},
		"declared, nothing sent":      {declared, len(declared) + 9, []int{413}},
		"declared, huge":              {postOpen + "Content-Length: 9223372036854775807\r\n\r\nabc", 1000, []int{413}},
		"chunked, exact":              {postChunked + chunks, len(postChunked) + 10, []int{200, 200}},
		"chunked, one less":           {postChunked + chunks, len(postChunked) + 9, []int{413}},
		"chunked, in the first chunk": {postChunked + "b\r\n", len(postChunked) + 10, []int{413}},
		"chunked, huge":               {postChunked + "7fffffffffffffff\r\nabc", 1000, []int{413}},
		"chunked, wraps round":        {postChunked + "1\r\nx\r\n7fffffffffffffff\r\nabc", 1000, []int{413}},
		"head, exact":                 {getOpen + "X: y\r\n\r\n", len(getOpen) + 8, []int{200, 200}},
		"head, one less":              {getOpen + "X: y\r\n\r\n", len(getOpen) + 7, []int{413}},
		"head, not complete":          {getOpen + "X: " + strings.Repeat("y", 100), len(getOpen) + 50, []int{413}},
		"head and no room left":       {declared + "abcdefghij", len(declared), []int{413}},
		"Expect, declared":            {postOpen + "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n", 200, []int{413}},
		"Expect, exact":               {postOpen + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx", len(postOpen+"Expect: 100-continue\r\nContent-Length: 1\r\n\r\n") + 1, []int{200, 200}},
		"second request":              {declared + "abcdefghij" + declared + "abcdefghij", len(declared) + 10, []int{200, 200, 200}},
		"second request too large":    {declared + "abcdefghij" + postOpen + "Content-Length: 11\r\n\r\nabcdefghijk", len(declared) + 10, []int{200, 413}},
		"none":                        {postOpen + fmt.Sprintf("Content-Length: %d\r\n\r\n", 7<<20) + strings.Repeat("x", 7<<20), -1, []int{200, 200}},
		"default, declared":           {postOpen + fmt.Sprintf("Content-Length: %d\r\n\r\n", 6<<20), 0, []int{413}}, // the head is too much
		"default, chunked":            {postChunked + fmt.Sprintf("%x\r\n", 6<<20), 0, []int{413}},
	} {
		t.Run(name, func(t *testing.T) {
			limits := h1.Limits{MaxRequestBytes: int64(tt.limit)}
			var failure error
			s := &h1.Server{Logger: quiet, Limits: limits, Handler: h1.HandlerFunc(func(w *h1.Response, q *h1.Request) {
				if _, err := io.Copy(io.Discard, q.Body); err != nil {
					failure = err
				}
			})}
			synctest.Test(t, func(t *testing.T) {
				client, server := wiretest.PipeSize(16 << 20)
				served := make(chan struct{})
				go func() {
					_ = s.ServeConn(server)
					close(served)
				}()
				_, _ = io.WriteString(client, tt.in)
				synctest.Wait()
				_, _ = io.WriteString(client, next) // never read as HTTP after a 413
				_ = client.CloseWrite()
				out, end := io.ReadAll(client)
				_ = client.Close()
				<-served
				assert.NoError(t, end)
				assert.NoError(t, statusesAre(string(out), tt.want))
				if tt.want[len(tt.want)-1] == 413 {
					assert.Contains(t, string(out), "Connection: close\r\n")
					if strings.Contains(name, "head") && name != "head and no room left" {
						assert.NoError(t, failure)
					} else {
						assert.ErrorIs(t, failure, h1.ErrBodyTooLarge)
					}
				}
			})
			if len(tt.in) > 1<<20 {
				return
			}
			for _, octets := range []bool{false, true} {
				_, err := readAll(tt.in, &limits, octets)
				fault, _ := errors.AsType[*h1.ProtocolError](err)
				if tt.want[len(tt.want)-1] == 413 {
					assert.True(t, fault != nil && fault.Status == 413, "%v", err)
				} else {
					assert.Equal(t, io.EOF, err)
				}
			}
		})
	}
}
