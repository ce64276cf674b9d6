package policy

import (
	"testing"
	"time"
)

// TestDayOf: also where the clock is put forward or back, days follow one another
// without a gap.
func TestDayOf(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Beirut", "America/Asuncion", "Pacific/Apia", "Asia/Kathmandu"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Skip(err)
		}
		for at := time.Date(2011, 12, 1, 12, 0, 0, 0, zone); at.Year() < 2026; {
			day := DayOf(at)
			if at.Before(day.Start) || !at.Before(day.End) {
				t.Fatalf("%s is not within %v", at, day)
			}
			if length := day.End.Sub(day.Start); length < 23*time.Hour || length > 25*time.Hour && name != "Pacific/Apia" {
				t.Fatalf("%v has %s", day, length)
			}
			if before := DayOf(day.Start.Add(-time.Second)); !before.End.Equal(day.Start) {
				t.Fatalf("%v does not end where %v begins", before, day)
			}
			if day.Start.Second() != 0 || day.Start.Nanosecond() != 0 {
				t.Fatalf("%v begins within a second", day)
			}
			at = day.End
		}
	}
}
