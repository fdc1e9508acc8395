package wiretest

import (
	"encoding/hex"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Vector is one file of testdata/vectors; testdata/README.md describes the format.
type Vector struct {
	Name    string // subject/ID-number
	Words   string // the comment at the head: the requirement in words
	Rule    string
	ID      string // of the requirement
	Options map[string]string

	Statuses []int // expected, interim ones included
	Conn     byte  // 'K' stays open, 'C' is closed, 'W' the server waits, 'T' tunnel
	Methods  []string
	Timing   bool // a 100 may be left out or added with the timing of the input
	Saw      []Saw
	Absent   []string // what no response may hold
	Note     string

	Steps []Step // what the client does
}

// A Saw is what the handler of a request must have seen.
type Saw struct {
	Request int    // from 1
	What    string // "body", "path", "value X", "no trailer X" …
	Value   string
}

// A Step is one thing that a client does: it sends octets, waits for something from the server,
// is silent for some time, or ends its direction of the connection.
type Step struct {
	Octets string
	Wait   bool
	Pause  time.Duration
	EOF    bool
}

// LoadVectors reads every *.txt file below dir.
func LoadVectors(dir string) ([]*Vector, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.txt"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no vectors in %s", dir)
	}
	vectors := make([]*Vector, 0, len(files))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		v, err := ParseVector(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		v.Name = filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), ".txt")
		vectors = append(vectors, v)
	}
	return vectors, nil
}

// LoadLeftOut reads left-out.txt in dir: lines of a requirement, or a single vector of one, and why it doesn't apply to this
// library, with ": " between them. A line that begins with # is words.
func LoadLeftOut(dir string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "left-out.txt"))
	if err != nil {
		return nil, err
	}
	reasons := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || reasons[name] != "" {
			return nil, fmt.Errorf("left-out.txt: %q: want name: reason, each name once", line)
		}
		reasons[name] = reason
	}
	return reasons, nil
}

// ParseVector reads the text of a vector file. The Name is left to the caller.
func ParseVector(text string) (*Vector, error) {
	head, octets, ok := strings.Cut(text, "\n\n")
	if !ok {
		return nil, fmt.Errorf("no empty line before the octets")
	}
	v := &Vector{Options: map[string]string{}}
	for line := range strings.SplitSeq(head, "\n") {
		if err := v.headLine(line); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
	}
	if v.Conn == 0 {
		return nil, fmt.Errorf("no expect line")
	}
	var err error
	v.Steps, err = parseSteps(strings.ReplaceAll(octets, "\n", ""))
	return v, err
}

func (v *Vector) headLine(line string) error {
	if words, ok := strings.CutPrefix(line, "#"); ok {
		v.Words = strings.TrimSpace(v.Words + words)
		return nil
	}
	key, value, ok := strings.Cut(line, ":")
	if !ok {
		return fmt.Errorf("neither comment nor key")
	}
	value = strings.TrimPrefix(value, " ")
	key, number, _ := strings.Cut(key, " ")
	switch key {
	case "rule":
		v.Rule = value
	case "id":
		v.ID = value
	case "see": // for readers
	case "note":
		v.Note = value
	case "methods":
		v.Methods = strings.Fields(value)
	case "timing":
		v.Timing = value == "100"
	case "absent":
		v.Absent = append(v.Absent, value)
	case "options":
		for option := range strings.SplitSeq(value, ", ") {
			name, setting, _ := strings.Cut(option, "=")
			v.Options[name] = setting
		}
	case "expect":
		return v.parseExpect(value)
	case "saw":
		return v.parseSaw(number, value)
	default:
		return fmt.Errorf("unknown key")
	}
	return nil
}

// parseExpect reads statuses, "-" for none, and the letter of the connection.
func (v *Vector) parseExpect(value string) error {
	words := strings.Fields(value)
	last := len(words) - 1
	if last < 1 || len(words[last]) != 1 || !strings.Contains("KCWT", words[last]) {
		return fmt.Errorf("want statuses and one of K, C, W, T")
	}
	v.Conn = words[last][0]
	if last == 1 && words[0] == "-" {
		return nil
	}
	for _, w := range words[:last] {
		status, err := strconv.Atoi(w)
		if err != nil {
			return err
		}
		v.Statuses = append(v.Statuses, status)
	}
	return nil
}

func (v *Vector) parseSaw(number, value string) (err error) {
	saw := Saw{Request: 1}
	if number != "" {
		if saw.Request, err = strconv.Atoi(number); err != nil {
			return err
		}
	}
	if strings.HasPrefix(value, "no ") {
		saw.What = value
	} else {
		var ok bool
		if saw.What, value, ok = strings.Cut(value, "="); !ok {
			return fmt.Errorf("no =")
		}
		saw.Value, err = unescape(value)
	}
	v.Saw = append(v.Saw, saw)
	return err
}

// parseSteps reads octets with escapes, {x*n} for repeats, {WAIT}, {PAUSE 3s} and {EOF}.
func parseSteps(text string) (steps []Step, err error) {
	octets := ""
	for text != "" && err == nil {
		if text[0] != '{' {
			n := 1
			if text[0] == '\\' {
				n = escapeLen(text)
			}
			var o string
			o, err = unescape(text[:n])
			octets, text = octets+o, text[n:]
			continue
		}
		var inner string
		var ok bool
		if inner, text, ok = strings.Cut(text[1:], "}"); !ok {
			return nil, fmt.Errorf("{ without }")
		}
		var step Step
		if pause, ok := strings.CutPrefix(inner, "PAUSE "); ok {
			step.Pause, err = time.ParseDuration(pause)
		} else if inner == "WAIT" {
			step.Wait = true
		} else if inner == "EOF" {
			step.EOF = true
		} else {
			var o string
			o, err = repeat(inner)
			octets += o
			continue
		}
		if octets != "" {
			steps = append(steps, Step{Octets: octets})
		}
		steps, octets = append(steps, step), ""
	}
	if octets != "" {
		steps = append(steps, Step{Octets: octets})
	}
	return steps, err
}

// repeat reads x*n.
func repeat(text string) (string, error) {
	star := strings.LastIndexByte(text, '*')
	if star < 0 {
		return "", fmt.Errorf("unknown macro {%s}", text)
	}
	n, err := strconv.Atoi(text[star+1:])
	if err != nil {
		return "", err
	}
	octets, err := unescape(text[:star])
	return strings.Repeat(octets, n), err
}

// escapeLen returns the length of the escape at the start of text.
func escapeLen(text string) int {
	if strings.HasPrefix(text, `\x`) {
		return min(4, len(text))
	}
	return min(2, len(text))
}

// unescape replaces \r \n \t \\ \xHH.
func unescape(text string) (string, error) {
	var b strings.Builder
	for text != "" {
		if text[0] != '\\' {
			b.WriteByte(text[0])
			text = text[1:]
			continue
		}
		n := escapeLen(text)
		switch esc := text[:n]; {
		case esc == `\r`:
			b.WriteByte('\r')
		case esc == `\n`:
			b.WriteByte('\n')
		case esc == `\t`:
			b.WriteByte('\t')
		case esc == `\\`:
			b.WriteByte('\\')
		case n == 4:
			octet, err := hex.DecodeString(esc[2:])
			if err != nil {
				return "", err
			}
			b.Write(octet)
		default:
			return "", fmt.Errorf("unknown escape %q", esc)
		}
		text = text[n:]
	}
	return b.String(), nil
}

// Input returns all the octets that the client sends.
func (v *Vector) Input() string {
	var b strings.Builder
	for _, s := range v.Steps {
		b.WriteString(s.Octets)
	}
	return b.String()
}

// Then returns a copy of v whose client goes on to send octets, in one piece with the last ones.
func (v *Vector) Then(octets string) *Vector {
	w := *v
	w.Steps = append([]Step(nil), v.Steps...)
	if n := len(w.Steps); n > 0 && w.Steps[n-1].Octets != "" {
		w.Steps[n-1].Octets += octets
	} else {
		w.Steps = append(w.Steps, Step{Octets: octets})
	}
	return &w
}

// Has reports whether f holds for a step of v.
func (v *Vector) Has(f func(Step) bool) bool { return slices.ContainsFunc(v.Steps, f) }

// Octets returns the steps of v with each octet sent on its own.
func (v *Vector) Octets() []Step {
	var steps []Step
	for _, s := range v.Steps {
		if s.Octets == "" {
			steps = append(steps, s)
		}
		for i := range len(s.Octets) {
			steps = append(steps, Step{Octets: s.Octets[i : i+1]})
		}
	}
	return steps
}

// cutsAtEveryPoint is the length of input up to which Deliveries cuts at every point, and
// randomCuts the number of cuts in longer input.
const (
	cutsAtEveryPoint = 200
	randomCuts       = 64
)

// Deliveries yields the steps of v in every way a network may cut them: whole, octet by octet, and
// cut in two at every point. In long input the points are drawn at random, the same in each run.
func (v *Vector) Deliveries() iter.Seq2[string, []Step] {
	return func(yield func(string, []Step) bool) {
		if !yield("whole", v.Steps) || !yield("octets", v.Octets()) {
			return
		}
		n := len(v.Input())
		cuts := n - 1
		random := rand.New(rand.NewPCG(1, uint64(n)))
		for i := 1; i <= cuts; i++ {
			at := i
			if n > cutsAtEveryPoint {
				cuts, at = randomCuts, 1+random.IntN(n-1)
			}
			if !yield(fmt.Sprintf("cut=%d", at), cutSteps(v.Steps, at)) {
				return
			}
		}
	}
}

// cutSteps returns steps with the octets cut in two at the given point of the input.
func cutSteps(steps []Step, at int) (cut []Step) {
	for _, s := range steps {
		if 0 < at && at < len(s.Octets) {
			cut = append(cut, Step{Octets: s.Octets[:at]}, Step{Octets: s.Octets[at:]})
		} else {
			cut = append(cut, s)
		}
		at -= len(s.Octets)
	}
	return cut
}
