package kanban

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParseCost(t *testing.T) {
	for text, want := range map[string]int64{
		"5USD": 5_000_000, "0.50USD": 500_000, " 1.234567USD ": 1_234_567, "2 USD": 2_000_000, "0.000001USD": 1, "1000000USD": 1_000_000_000_000,
	} {
		if got, err := ParseCost(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "5", "5$", "$5", "5EUR", "5usd", "USD", "-5USD", "+5USD", "0USD", "0.0000001USD", "1.USD", ".5USD", "1e3USD", "1,5USD", "1.2.3USD", "1 .5USD",
		"2000000USD", "99999999999999999999USD", "٣USD", "5USD\x00",
	} {
		if got, err := ParseCost(text); CodeOf(err) != Invalid {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
}

func TestParseTokens(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, "1500": 1500, "500k": 500_000, "2M": 2_000_000, " 7k ": 7000} {
		if got, err := ParseTokens(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "+1", "1.5M", "2m", "1K", "2G", "k", "1 k", "2000000M", "99999999999999999999"} {
		if got, err := ParseTokens(text); CodeOf(err) != Invalid {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
}

func TestAmountsAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.Int64Range(1, MaxAmount).Draw(rt, "n")
		if got, err := ParseCost(FormatCost(n)); err != nil || got != n {
			rt.Fatalf("%s is %d, %v", FormatCost(n), got, err)
		}
		if got, err := ParseTokens(FormatTokens(n)); err != nil || got != n {
			rt.Fatalf("%s is %d, %v", FormatTokens(n), got, err)
		}
	})
	for n, want := range map[int64]string{5_000_000: "5.00USD", 1_234_000: "1.234USD", 10: "0.00001USD", -1_500_000: "-1.50USD", 0: "0.00USD"} {
		if got := FormatCost(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}
