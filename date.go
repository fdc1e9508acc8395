package h1

import (
	"sync/atomic"
	"time"
)

// A dateValue is the value of a Date field for one second.
type dateValue struct {
	second int64 // Unix time
	text   [len(imfFixdate)]byte
}

// imfFixdate is the only form of a date that may be sent (RFC 9110 §5.6.7).
const imfFixdate = "Mon, 02 Jan 2006 15:04:05 GMT"

var latestDate atomic.Pointer[dateValue]

// appendDate appends the Date value for now. It is formatted once a second; whoever asks first does it.
func appendDate(dst []byte, now time.Time) []byte {
	d := latestDate.Load()
	if second := now.Unix(); d == nil || d.second != second {
		d = &dateValue{second: second}
		now.UTC().AppendFormat(d.text[:0], imfFixdate)
		latestDate.Store(d)
	}
	return append(dst, d.text[:]...)
}

// isDate reports whether s is an IMF-fixdate: exact form, a day that exists, the weekday that it was.
func isDate(s string) bool {
	if len(s) != len(imfFixdate) {
		return false
	}
	t, err := time.Parse(imfFixdate, s)
	return err == nil && t.UTC().Format(imfFixdate) == s
}
