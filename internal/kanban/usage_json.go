package kanban

import (
	"bytes"
	"encoding/json"
)

// usageJSON and budgetJSON are a usage and a budget as JSON tells them everywhere:
// costs in dollars.
type usageJSON struct {
	Input      int64   `json:"input,omitempty"`
	Output     int64   `json:"output,omitempty"`
	CacheRead  int64   `json:"cache_read,omitempty"`
	CacheWrite int64   `json:"cache_write,omitempty"`
	Turns      int64   `json:"turns,omitempty"`
	CostUSD    float64 `json:"cost_usd,omitempty"`
}

type budgetJSON struct {
	CostUSD float64 `json:"cost_usd,omitempty"`
	Tokens  int64   `json:"tokens,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (u Usage) MarshalJSON() ([]byte, error) {
	return json.Marshal(usageJSON{u.Input, u.Output, u.CacheRead, u.CacheWrite, u.Turns, Dollars(u.Cost)})
}

// UnmarshalJSON implements json.Unmarshaler. Unknown fields are refused.
func (u *Usage) UnmarshalJSON(raw []byte) error {
	var w usageJSON
	if err := strictly(raw, &w); err != nil {
		return err
	}
	cost, err := MicroDollars(w.CostUSD)
	*u = Usage{w.Input, w.Output, w.CacheRead, w.CacheWrite, w.Turns, cost}
	return err
}

// MarshalJSON implements json.Marshaler.
func (b Budget) MarshalJSON() ([]byte, error) {
	return json.Marshal(budgetJSON{Dollars(b.Cost), b.Tokens})
}

// UnmarshalJSON implements json.Unmarshaler. Unknown fields are refused.
func (b *Budget) UnmarshalJSON(raw []byte) error {
	var w budgetJSON
	if err := strictly(raw, &w); err != nil {
		return err
	}
	cost, err := MicroDollars(w.CostUSD)
	*b = Budget{cost, w.Tokens}
	return err
}

func strictly(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
