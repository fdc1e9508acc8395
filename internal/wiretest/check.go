package wiretest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Answer is the body with which handlers answer the requests of vectors.
const Answer = "ok\n"

// methods returns the methods of the first n requests. Only HEAD and CONNECT matter; the vectors
// leave out others.
func (v *Vector) methods(n int) []string {
	return append(slices.Clone(v.Methods), slices.Repeat([]string{"GET"}, n)...)[:n]
}

// check compares the statuses, and checks what holds for any response. A 100 may depend on
// timing where the vector says so, unless the delivery is exact.
func (v *Vector) check(responses []Response, want []int, exact bool) error {
	var statuses []int
	for _, r := range responses {
		statuses = append(statuses, r.Status)
	}
	got := statuses
	if v.Timing && !exact && count100(got) <= 1 {
		got, want = without100(got), without100(want)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("statuses %v, want %v", statuses, want)
	}
	for i, r := range responses {
		if err := v.checkResponse(r, i == len(responses)-1); err != nil {
			return fmt.Errorf("response %d: %w", i+1, err)
		}
	}
	return nil
}

func without100(statuses []int) []int {
	return slices.DeleteFunc(slices.Clone(statuses), func(status int) bool { return status == 100 })
}

func count100(statuses []int) int { return len(statuses) - len(without100(statuses)) }

func (v *Vector) checkResponse(r Response, last bool) error {
	if r.Status < 200 {
		if len(r.Values("Date")) > 0 {
			return fmt.Errorf("a %d has a Date", r.Status)
		}
		return nil
	}
	if n := len(r.Values("Date")); n != 1 {
		return fmt.Errorf("%d Date lines", n)
	}
	for _, s := range v.Absent {
		if strings.Contains(r.Body+r.Reason+fmt.Sprint(r.Fields), s) {
			return fmt.Errorf("holds %q", s)
		}
	}
	if r.Framing == UntilClose {
		return errors.New("body without framing")
	}
	byHandler := r.Status == 200 || v.Options["status"] != ""
	if byHandler {
		_, silent := v.Options["silent"]
		if r.Framing == Length && r.Body != Answer && !silent {
			return fmt.Errorf("body %.100q", r.Body)
		}
	} else if err := checkError(r); err != nil { // made by the library
		return err
	}

	switch says := r.Says("Connection", "close"); {
	case says && (!last || v.Conn != 'C'):
		return errors.New("says close, but isn't the last one")
	case !says && last && v.Conn == 'C' && (!byHandler || v.knownToClose()):
		return errors.New("is the last one, but doesn't say close")
	}
	return nil
}

// checkError checks an error response of the library: its text is fixed and not for caches.
func checkError(r Response) error {
	for name, want := range map[string]string{
		"Content-Type":  "text/plain; charset=utf-8",
		"Cache-Control": "no-store",
	} {
		if got := r.Values(name); !slices.Equal(got, []string{want}) {
			return fmt.Errorf("%d of the library has %s %q, want %q", r.Status, name, got, want)
		}
	}
	if len(r.Values("Content-Length")) != 1 {
		return fmt.Errorf("%d of the library has no Content-Length", r.Status)
	}
	return nil
}

// knownToClose reports whether the server must know that it will close when it answers: not if the
// client ends later or is silent, nor if only the rest of an unread chunked body decides.
func (v *Vector) knownToClose() bool {
	_, noread := v.Options["noread"]
	return !(noread && strings.Contains(v.Input(), "chunked")) &&
		!v.Has(func(s Step) bool { return s.EOF || s.Pause > 0 })
}
