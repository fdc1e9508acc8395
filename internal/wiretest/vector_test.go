package wiretest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const vectorText = `# Some words
# on two lines.
rule: RFC 9112 §7.1
id: 9112-7.1-z
options: noread, DefaultHost=a
expect: 100 200 T
methods: POST CONNECT
timing: 100
saw: body=a\x00b
saw: value X=1
saw 2: no value X
absent: script
note: a remark: with a colon

\x20A\r\n
{xy*2}{WAIT}\t\\{PAUSE 3s}b{EOF}
`

func TestParseVector(t *testing.T) {
	v, err := ParseVector(vectorText)
	require.NoError(t, err)
	require.Equal(t, &Vector{
		Words: "Some words on two lines.", Rule: "RFC 9112 §7.1", ID: "9112-7.1-z",
		Options:  map[string]string{"noread": "", "DefaultHost": "a"},
		Statuses: []int{100, 200}, Conn: 'T', Methods: []string{"POST", "CONNECT"}, Timing: true,
		Saw:    []Saw{{1, "body", "a\x00b"}, {1, "value X", "1"}, {2, "no value X", ""}},
		Absent: []string{"script"}, Note: "a remark: with a colon",
		Steps: []Step{{Octets: " A\r\nxyxy"}, {Wait: true}, {Octets: "\t\\"}, {Pause: 3 * time.Second}, {Octets: "b"}, {EOF: true}},
	}, v)
	require.Equal(t, " A\r\nxyxy\t\\b", v.Input())
	require.Equal(t, "b", v.Steps[4].Octets)
	require.Equal(t, Step{Octets: "c"}, v.Then("c").Steps[6])
}

func TestParseVectorRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no empty line":  "expect: 200 K\nx",
		"no expectation": "id: a\n\nx",
		"no letter":      "expect: 200\n\nx",
		"other letter":   "expect: 200 X\n\nx",
		"bad status":     "expect: ok K\n\nx",
		"unknown key":    "expect: 200 K\nhello: x\n\nx",
		"no key":         "expect: 200 K\nhello\n\nx",
		"saw without =":  "expect: 200 K\nsaw: x\n\nx",
		"bad escape":     "expect: 200 K\n\n\\q",
		"cut escape":     "expect: 200 K\n\n\\x0",
		"bad hex":        "expect: 200 K\n\n\\xzz",
		"unknown macro":  "expect: 200 K\n\n{N}",
		"bad repeat":     "expect: 200 K\n\n{x*y}",
		"open brace":     "expect: 200 K\n\n{x*2",
		"bad pause":      "expect: 200 K\n\n{PAUSE x}",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseVector(text)
			require.Error(t, err)
		})
	}
}

func TestVectorDeliveries(t *testing.T) {
	v, err := ParseVector("expect: 200 K\n\nab{WAIT}c")
	require.NoError(t, err)
	got := map[string][]Step{}
	for name, steps := range v.Deliveries() {
		got[name] = steps
	}
	wait := Step{Wait: true}
	require.Equal(t, map[string][]Step{
		"whole":  {{Octets: "ab"}, wait, {Octets: "c"}},
		"octets": {{Octets: "a"}, {Octets: "b"}, wait, {Octets: "c"}},
		"cut=1":  {{Octets: "a"}, {Octets: "b"}, wait, {Octets: "c"}},
		"cut=2":  {{Octets: "ab"}, wait, {Octets: "c"}},
	}, got)

	v.Steps = []Step{{Octets: strings.Repeat("x", 1000)}}
	n := 0
	for name, steps := range v.Deliveries() {
		n++
		octets := 0
		for _, s := range steps {
			octets += len(s.Octets)
		}
		require.Equal(t, 1000, octets, name)
	}
	require.Equal(t, 2+randomCuts, n)
}

// The vectors of the repository can be read, and name themselves rightly.
func TestLoadVectors(t *testing.T) {
	vectors, err := LoadVectors("../../testdata/vectors")
	require.NoError(t, err)
	for _, v := range vectors {
		_, file, _ := strings.Cut(v.Name, "/")
		require.True(t, strings.HasPrefix(file, v.ID+"-"), v.Name)
		require.NotEmpty(t, v.Words, v.Name)
		require.NotEmpty(t, v.Rule, v.Name)
		require.NotEmpty(t, v.Steps, v.Name)
	}
	_, err = LoadVectors(t.TempDir())
	require.Error(t, err)
}
