package kanban

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Plus is the sum of two usages.
func (u Usage) Plus(v Usage) Usage {
	return Usage{
		Input: u.Input + v.Input, Output: u.Output + v.Output, CacheRead: u.CacheRead + v.CacheRead,
		CacheWrite: u.CacheWrite + v.CacheWrite, Turns: u.Turns + v.Turns, Cost: u.Cost + v.Cost,
	}
}

// Max is the larger of each number: totals that only grow are told in any order.
func (u Usage) Max(v Usage) Usage {
	return Usage{
		Input: max(u.Input, v.Input), Output: max(u.Output, v.Output), CacheRead: max(u.CacheRead, v.CacheRead),
		CacheWrite: max(u.CacheWrite, v.CacheWrite), Turns: max(u.Turns, v.Turns), Cost: max(u.Cost, v.Cost),
	}
}

// Budgeted is what of a usage counts towards a budget.
func (u Usage) Budgeted() Budget { return Budget{Cost: u.Cost, Tokens: u.Tokens()} }

// Plus is the sum of two budgets that are amounts, not limits.
func (b Budget) Plus(c Budget) Budget {
	return Budget{Cost: b.Cost + c.Cost, Tokens: b.Tokens + c.Tokens}
}

// Dollar is one US dollar in micro-dollars.
const Dollar = 1_000_000

// MaxAmount is the largest cost, in micro-dollars, and number of tokens that a
// budget or a usage may have: sums of millions of them still fit.
const MaxAmount = 1_000_000 * Dollar

// Check refuses a usage that nothing can have.
//
// Errors: invalid.
func (u Usage) Check() error {
	for _, of := range []struct {
		name string
		n    int64
	}{{"input", u.Input}, {"output", u.Output}, {"cache_read", u.CacheRead}, {"cache_write", u.CacheWrite}, {"turns", u.Turns}} {
		if of.n < 0 || of.n > MaxAmount {
			return Impossible(of.name, of.n)
		}
	}
	_, err := MicroDollars(Dollars(u.Cost))
	return err
}

// Check refuses a budget that nothing can have.
//
// Errors: invalid.
func (b Budget) Check() error {
	if b.Tokens < 0 || b.Tokens > MaxAmount {
		return Impossible("tokens", b.Tokens)
	}
	_, err := MicroDollars(Dollars(b.Cost))
	return err
}

// Dollars is an amount of micro-dollars as JSON tells it.
func Dollars(micro int64) float64 { return float64(micro) / Dollar }

// MicroDollars is the other way round.
//
// Errors: invalid for what no amount can be.
func MicroDollars(dollars float64) (int64, error) {
	if !(dollars >= 0 && dollars <= MaxAmount/Dollar) {
		return 0, Impossible("cost_usd", dollars)
	}
	return int64(math.Round(dollars * Dollar)), nil
}

// Impossible refuses a number that was told for what is used.
func Impossible(name string, number any) error {
	return Errorf(Invalid, "%s cannot be %s", name, Clip(fmt.Sprint(number), maxQuoted)).
		Hint("tokens and turns are whole numbers from 0 to %d, cost_usd is from 0 to %d", int64(MaxAmount), MaxAmount/Dollar)
}

// ParseCost reads an amount of US dollars as people write it: 5USD, 0.50USD. It
// returns micro-dollars, more than zero.
//
// Errors: invalid.
func ParseCost(s string) (int64, error) { return parseCost(s, 1, "more than 0USD") }

// ParseSpent reads an amount that was used, which may be 0USD.
//
// Errors: invalid.
func ParseSpent(s string) (int64, error) { return parseCost(s, 0, "from 0USD") }

func parseCost(s string, least int64, from string) (int64, error) {
	number, found := strings.CutSuffix(strings.TrimSpace(s), "USD")
	number = strings.TrimRight(number, " ")
	whole, fraction, _ := strings.Cut(number, ".")
	if !found || !digits(whole) || len(fraction) > 6 || strings.Contains(number, ".") && !digits(fraction) || len(whole) > 9 {
		return 0, Errorf(Invalid, "%s is not an amount of dollars", Quote(s)).Hint("a number with USD, such as 5USD or 0.50USD")
	}
	n, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", 6-len(fraction)), 10, 64)
	if err != nil || n < least || n > MaxAmount {
		return 0, Errorf(Invalid, "%s is not an amount that can be set", Quote(s)).Hint("%s, at most %s", from, FormatCost(MaxAmount))
	}
	return n, nil
}

// FormatCost writes micro-dollars as ParseCost reads them, with two decimals or
// as many as it takes.
func FormatCost(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	fraction := strings.TrimRight(fmt.Sprintf("%06d", n%Dollar), "0")
	return fmt.Sprintf("%s%d.%s%sUSD", sign, n/Dollar, fraction, strings.Repeat("0", max(2-len(fraction), 0)))
}

// ParseTokens reads a number of tokens: 500000, 500k or 2M.
//
// Errors: invalid.
func ParseTokens(s string) (int64, error) { return parseTokens(s, 1, "above zero") }

// ParseUsed reads a number of tokens that were used, which may be 0.
//
// Errors: invalid.
func ParseUsed(s string) (int64, error) { return parseTokens(s, 0, "from zero") }

func parseTokens(s string, least int64, from string) (int64, error) {
	number, unit := strings.TrimSpace(s), int64(1)
	for _, u := range tokenUnits {
		if rest, found := strings.CutSuffix(number, u.name); found {
			number, unit = rest, u.tokens
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || !digits(number) || n < least || n > MaxAmount/unit {
		return 0, Errorf(Invalid, "%s is not a number of tokens", Quote(s)).Hint("a whole number %s, with k or M if you like: 500k, 2M", from)
	}
	return n * unit, nil
}

var tokenUnits = []struct {
	name   string
	tokens int64
}{{"M", 1_000_000}, {"k", 1000}}

// FormatTokens writes a number of tokens with the largest unit that divides it.
func FormatTokens(n int64) string {
	for _, u := range tokenUnits {
		if n != 0 && n%u.tokens == 0 {
			return strconv.FormatInt(n/u.tokens, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// String writes a budget for people: 5.00USD and 2M tokens.
func (b Budget) String() string {
	var parts []string
	if b.Cost != 0 {
		parts = append(parts, FormatCost(b.Cost))
	}
	if b.Tokens != 0 {
		parts = append(parts, FormatTokens(b.Tokens)+" tokens")
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, " and ")
}
