package conformance

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/seed-489864d5/h1/internal/wiretest"
)

const (
	vectorDir = "../testdata/vectors"
	document  = "../docs/CONFORMANCE.md"
)

// TestConformanceDoc plays all vectors against the three stacks and holds docs/CONFORMANCE.md to what they do. With
// another Go than the one that the document names, only the columns of h1 are compared.
func TestConformanceDoc(t *testing.T) {
	d := newDoc(t)
	d.play(t)
	for _, r := range d.rows {
		if r.skipped == "" && !r.passes() {
			t.Errorf("%s: h1 %v %s, want %s", r.v.Name, r.answers[0], r.answers[0].wrong, outcome(r.v.Statuses, r.v.Conn))
		}
	}
	text := d.text()
	if *update {
		if err := os.MkdirAll(filepath.Dir(document), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(document, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	got, want := string(have), text
	if !strings.Contains(got, d.versions()) {
		t.Logf("the document does not name %s: only the columns of h1 are compared", d.versions())
		got, want = h1Only(got), h1Only(want)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		a, b := line(gotLines, i), line(wantLines, i)
		if a != b {
			t.Fatalf("%s is stale; go test -run TestConformanceDoc -update writes it. Line %d is\n%s\nand should be\n%s", document, i+1, a, b)
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(none)"
}

// required returns the version of a module that go.mod requires.
func required(t *testing.T, module string) string {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == module {
			return f[1]
		}
	}
	t.Fatal("go.mod does not require " + module)
	return ""
}

// leftOut returns what does not apply to h1, a requirement or a vector of one, and why.
func leftOut(t *testing.T) map[string]string {
	table, err := wiretest.LoadLeftOut(vectorDir)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// A doc is the document, and what it is made of.
type doc struct {
	goVersion, fasthttpVersion string
	leftOut                    map[string]string
	rows                       []*row
}

// A row is one vector.
type row struct {
	v       *wiretest.Vector
	octets  string // as the vector's file writes them, shortened
	skipped string // why it is left out
	answers [3]answer
	lacks   [3]string // why a stack can't play it
}

func newDoc(t *testing.T) *doc {
	return &doc{
		goVersion:       runtime.Version(),
		fasthttpVersion: required(t, "github.com/valyala/fasthttp"),
		leftOut:         leftOut(t),
	}
}

func (r *row) component() string { return path.Dir(r.v.Name) }

func (r *row) passes() bool { return r.answers[0].as(r.v) && r.answers[0].wrong == "" }

// play fills in the rows.
func (d *doc) play(t *testing.T) {
	warmUp()
	certificate()
	for _, v := range loadVectors(t) {
		r := &row{v: v, octets: fileOctets(t, v)}
		d.rows = append(d.rows, r)
		for _, name := range []string{v.ID, path.Base(v.Name)} {
			if reason, ok := d.leftOut[name]; ok {
				r.skipped = reason
			}
		}
	}
	slices.SortStableFunc(d.rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.component(), b.component()), cmp.Compare(a.v.ID, b.v.ID))
	})
	var wg sync.WaitGroup
	work := make(chan *row)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for r := range work {
				for i, k := range stacks {
					if r.lacks[i] = k.lacks(r.v); r.lacks[i] == "" {
						r.answers[i] = play(t, r.v, k)
					}
				}
			}
		})
	}
	for _, r := range d.rows {
		if r.skipped == "" {
			work <- r
		}
	}
	close(work)
	wg.Wait()
}

// fileOctets returns the octets of a vector as its file writes them, on one line.
func fileOctets(t *testing.T, v *wiretest.Vector) string {
	text, err := os.ReadFile(filepath.Join(vectorDir, v.Name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, octets, _ := strings.Cut(string(text), "\n\n")
	return short(strings.ReplaceAll(octets, "\n", ""))
}

// macros are what the document puts in place of common octets, longest first.
var macros = []struct{ name, octets string }{
	{"{N}", `GET /n HTTP/1.1\r\nHost: a\r\n\r\n`},
	{"{C}", `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`},
	{"{P}", `POST / HTTP/1.1\r\nHost: a\r\n`},
	{"{G}", `GET / HTTP/1.1\r\nHost: a\r\n`},
}

// longest is how much of a vector the document shows.
const longest = 160

func short(octets string) string {
	for _, m := range macros {
		octets = strings.ReplaceAll(octets, m.octets, m.name)
	}
	if r := []rune(octets); len(r) > longest {
		octets = string(r[:longest]) + "…"
	}
	return octets
}

// h1Only leaves out what depends on the versions of the other stacks: the last two cells of rows, and what stands between
// the marks of versions.
func h1Only(text string) string {
	var b strings.Builder
	other := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "<!-- versions"):
			other = true
		case strings.HasPrefix(line, "<!-- /versions"):
			other = false
		case other:
			continue
		case strings.HasPrefix(line, "| "):
			if cells := strings.Split(strings.TrimSpace(line), " | "); len(cells) > 6 {
				line = strings.Join(cells[:len(cells)-2], " | ") + "\n"
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

// versions names the stacks that h1 is compared with.
func (d *doc) versions() string {
	return "net/http of " + d.goVersion + " and fasthttp " + d.fasthttpVersion
}

// A tally counts what a stack does with vectors.
type tally struct{ played, same, handler, more, less, other, lacks int }

func (n *tally) add(r *row, i int) {
	a := &r.answers[i]
	if r.lacks[i] != "" {
		n.lacks++
		return
	}
	n.played++
	served := func(statuses []int) (served int) {
		for _, s := range statuses {
			if s >= 200 && s < 300 || s == 101 {
				served++
			}
		}
		return served
	}
	got, want := served(a.statuses), served(r.v.Statuses)
	switch {
	case a.as(r.v) && a.wrong != "":
		n.handler++
	case a.as(r.v):
		n.same++
	case got > want:
		n.more++
	case got < want:
		n.less++
	default:
		n.other++
	}
}

// text writes the document.
func (d *doc) text() string {
	var b strings.Builder
	out := func(format string, a ...any) { fmt.Fprintf(&b, format, a...) }

	ids, skipped := map[string]bool{}, 0
	var all [3]tally
	var components []string
	byComponent := map[string]*[3]tally{}
	counts := map[string][2]int{} // vectors, left out
	for _, r := range d.rows {
		c := r.component()
		if byComponent[c] == nil {
			byComponent[c] = &[3]tally{}
			components = append(components, c)
		}
		ids[r.v.ID] = true
		n := counts[c]
		n[0]++
		if r.skipped != "" {
			skipped++
			n[1]++
		} else {
			for i := range stacks {
				all[i].add(r, i)
				byComponent[c][i].add(r, i)
			}
		}
		counts[c] = n
	}

	out("# Conformance\n\n")
	out("<!-- Written by go test -run TestConformanceDoc -update in conformance. Don't edit. -->\n\n")
	out("Every row of this page is a file below [testdata/vectors](../testdata/README.md): octets that a client sends, and what a\n")
	out("server must answer. Here they are sent whole to h1, to net/http and to fasthttp, each with the handler that the vectors\n")
	out("ask for, over connections in memory. The tests of h1 go further: they cut each vector at every point, look at what the\n")
	out("handler sees and at every octet of the response, and send it over TCP, too.\n\n")
	out("## Summary\n\n")
	out("- There are **%d vectors** of %d requirements. [%d of them](#left-out) ask for what h1 does not have.\n", len(d.rows), len(ids), skipped)
	out("- **h1 answers %d of the other %d as expected.**\n\n", all[0].same, all[0].played)
	out("<!-- versions -->\n")
	out("Compared with %s:\n\n", d.versions())
	out("| | net/http | fasthttp |\n|---|---|---|\n")
	for _, line := range []struct {
		words string
		count func(n tally) int
	}{
		{"same answer", func(n tally) int { return n.same }},
		{"same answer, but the handler is given something else", func(n tally) int { return n.handler }},
		{"serves what is to be refused, or what is none of a request", func(n tally) int { return n.more }},
		{"does not serve what is to be served", func(n tally) int { return n.less }},
		{"refuses with another status, later, or treats the connection otherwise", func(n tally) int { return n.other }},
		{"can't be played", func(n tally) int { return n.lacks }},
	} {
		out("| %s | %d | %d |\n", line.words, line.count(all[1]), line.count(all[2]))
	}
	out("\nThe vectors hold h1's choices where the RFCs leave one, so another answer is not always a fault.\n\n")
	out("<!-- /versions -->\n")
	out("| component | vectors | left out | h1 as expected | net/http the same | fasthttp the same |\n|---|---|---|---|---|---|\n")
	for _, c := range components {
		n := byComponent[c]
		out("| [%s](#%s) | %d | %d | %d | %d | %d |\n", c, c, counts[c][0], counts[c][1], n[0].same, n[1].same, n[2].same)
	}

	out("\n## How to read the tables\n\n")
	out("Answers are the statuses in order, interim ones included, `-` for none, and what becomes of the connection: `K` it stays\n")
	out("open and in sync, `C` the server closes it, `W` the server waits for more octets, `T` it is a tunnel. Answers other than\n")
	out("expected are **bold**; † marks the right answer from a handler that was given something else than the vector says.\n")
	out("Where `100` may depend on timing, one more or less of it does not count.\n\n")
	out("Octets are written as in the vectors, long ones shortened, with\n\n")
	for _, m := range slices.Backward(macros) {
		out("- `%s` for `%s`\n", m.name, m.octets)
	}
	out("\nWhere the library leaves something to the handler, the handlers here do what a careful one does: for net/http they answer a\n")
	out("body that fails with 400 or, if it was too slow, with 408. There is no limit on bodies, but for fasthttp's own of 4 MiB, as\n")
	out("it allocates what is declared. net/http and fasthttp are given h1's times where they can be set: 10 s for a head, 30 s for\n")
	out("a body, 75 s idle. All else is as the libraries have it by default.\n")

	out("\n## Left out\n\n| what | why |\n|---|---|\n")
	reasons := map[string]string{}
	for _, r := range d.rows {
		name := path.Base(r.v.Name)
		if _, ok := d.leftOut[r.v.ID]; ok {
			name = r.v.ID
		}
		if r.skipped != "" {
			reasons[name] = r.skipped
		}
	}
	for _, name := range slices.Sorted(maps.Keys(reasons)) {
		out("| %s | %s |\n", name, prose(reasons[name]))
	}

	d.classes(out)

	id := ""
	for i, r := range d.rows {
		if i == 0 || r.component() != d.rows[i-1].component() {
			out("\n## %s\n\n| requirement | in words | octets | expected | h1 | net/http | fasthttp |\n|---|---|---|---|---|---|---|\n", r.component())
			id = ""
		}
		name, words := "", ""
		if r.v.ID != id {
			id, name = r.v.ID, r.v.ID
			words = strings.ReplaceAll(prose(r.v.Words), "Here: ", "*Here:* ")
		}
		options := ""
		for _, o := range slices.Sorted(optionNames(r.v)) {
			options += "(" + o + ") "
		}
		out("| %s | %s | %s%s | %s | %s | %s | %s |\n", name, words, prose(options), code(r.octets), outcome(r.v.Statuses, r.v.Conn),
			r.cell(0), r.cell(1), r.cell(2))
	}
	return b.String()
}

// cell is what the document says of the answer of a stack.
func (r *row) cell(i int) string {
	a := r.answers[i]
	switch {
	case r.skipped != "":
		return "left out"
	case r.lacks[i] != "":
		return r.lacks[i]
	case !a.as(r.v):
		return "**" + a.String() + "**"
	case a.wrong != "":
		return a.String() + " †"
	case i == 0:
		return "pass"
	}
	return a.String()
}

// classes writes the lists of differences that fuzzing knows.
func (d *doc) classes(out func(string, ...any)) {
	out("\n## Known differences\n\n")
	out("The fuzz targets in `conformance` give any octets to the three parsers. What h1 accepts and another refuses, or both accept\n")
	out("and read differently, fails them, unless it is one of these:\n\n")
	out("| peer | difference | requirement | who is right | example |\n|---|---|---|---|---|\n")
	for _, p := range Peers {
		for _, c := range p.Classes {
			example := strings.ReplaceAll(strings.Trim(strconv.Quote(c.Example), `"`), `\"`, `"`)
			out("| %s | %s | %s | %s | %s |\n", p.Name, prose(c.Name), c.ID, prose(c.Why), code(short(example)))
		}
	}
}

// optionNames yields the options of a vector as it writes them.
func optionNames(v *wiretest.Vector) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name, value := range v.Options {
			if value != "" {
				name += "=" + value
			}
			if !yield(name) {
				return
			}
		}
	}
}

// prose escapes what Markdown would take for more than words.
func prose(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "_", `\_`, "*", `\*`, "[", `\[`).Replace(s)
}

// code puts s into a code span of a table.
func code(s string) string {
	s = strings.ReplaceAll(s, "|", `\|`)
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	if s == "" {
		return "(nothing)"
	}
	return "`" + s + "`"
}
