package state

import (
	"fmt"
	"time"
)

// Stamp is a moment as bodies about authority carry it: UTC with microseconds
// (REQUIREMENTS S0-23). Readers accept any offset.
type Stamp struct{ time.Time }

// StampOf cuts a time to what a Stamp can carry, so that it is read back equal.
func StampOf(t time.Time) Stamp { return Stamp{t.UTC().Truncate(time.Microsecond)} }

const stampLayout = "2006-01-02T15:04:05.000000Z"

// String is the Stamp as receipts have it.
func (s Stamp) String() string { return s.UTC().Format(stampLayout) }

// MarshalText writes the Stamp.
func (s Stamp) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads RFC 3339.
func (s *Stamp) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return fmt.Errorf("read a time: %w", err)
	}
	*s = StampOf(t)
	return nil
}

// MarshalJSON hides that of time.Time, which has another form.
func (s Stamp) MarshalJSON() ([]byte, error) {
	return s.UTC().AppendFormat(nil, `"`+stampLayout+`"`), nil
}

// UnmarshalJSON reads what MarshalJSON wrote, or any RFC 3339.
func (s *Stamp) UnmarshalJSON(b []byte) error {
	if len(b) < 2 || b[0] != '"' {
		return fmt.Errorf("read a time: %.40s is no string", b)
	}
	return s.UnmarshalText(b[1 : len(b)-1])
}
