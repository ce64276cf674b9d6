package kanban

import (
	"math"
	"strings"
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

// TestNumbersThatCannotBe: one rule, in the same words, for all that tell usage.
func TestNumbersThatCannotBe(t *testing.T) {
	for dollars, want := range map[float64]int64{0: 0, 0.42: 420_000, 0.1 + 0.2: 300_000, 1e-6: 1, 1e6: MaxAmount} {
		if got, err := MicroDollars(dollars); err != nil || got != want || Dollars(want) != float64(want)/1e6 {
			t.Errorf("%v dollars are %d, %v", dollars, got, err)
		}
	}
	for said, err := range map[string]error{
		"cost_usd cannot be 1e+300": second(MicroDollars(1e300)), "cost_usd cannot be NaN": second(MicroDollars(math.NaN())),
		"cost_usd cannot be -0.01": second(MicroDollars(-0.01)), "cost_usd cannot be 1.000000000001e+06": Usage{Cost: MaxAmount + 1}.Check(),
		"input cannot be -1": Usage{Input: -1}.Check(), "turns cannot be 1000000000001": Usage{Turns: MaxAmount + 1}.Check(),
		"tokens cannot be -3": Budget{Tokens: -3}.Check(), "cost_usd cannot be -1": Budget{Cost: -Dollar}.Check(),
	} {
		if CodeOf(err) != Invalid || err.Error() != said {
			t.Errorf("%v, want %s", err, said)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.Int64Range(0, MaxAmount).Draw(rt, "n")
		if got, err := MicroDollars(Dollars(n)); err != nil || got != n {
			rt.Fatalf("%d is %d, %v", n, got, err)
		}
	})
}

func second(_ int64, err error) error { return err }

func TestErrorsRepeatOnlyABeginning(t *testing.T) {
	_, err := ParseCost(strings.Repeat("9", 5000) + "USD")
	if want := `"` + strings.Repeat("9", maxQuoted-1) + `…" is not an amount of dollars`; err.Error() != want {
		t.Errorf("%s, want %s", err, want)
	}
	if Quote("a\x1b[31m\n") != `"a\x1b[31m\n"` {
		t.Error(Quote("a\x1b[31m\n"))
	}
}

// What was used may be nothing; a limit may not.
func TestUsedMayBeZero(t *testing.T) {
	if n, err := ParseSpent("0USD"); err != nil || n != 0 {
		t.Errorf("0USD spent: %d, %v", n, err)
	}
	if n, err := ParseUsed("0"); err != nil || n != 0 {
		t.Errorf("0 tokens used: %d, %v", n, err)
	}
	for _, text := range []string{"-1", "1.5", "x"} {
		if _, err := ParseUsed(text); CodeOf(err) != Invalid {
			t.Errorf("%s tokens used: %v", text, err)
		}
	}
}
