package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Figure is one measured number, what was measured beside it, and what was
// promised.
type Figure struct {
	Name      string  `json:"name"`
	Value     float64 `json:"value"`
	Unit      string  `json:"unit"`
	Beside    string  `json:"beside,omitempty"` // what the ratio is over
	Reference float64 `json:"reference,omitempty"`
	Ratio     float64 `json:"ratio,omitempty"`   // Value over Reference
	Promise   string  `json:"promise,omitempty"` // as in "S1: at most 5 ms"
	Met       bool    `json:"met,omitempty"`
}

// beside sets the ratio over another measurement of the same run.
func (f Figure) beside(what string, reference float64) Figure {
	f.Beside, f.Reference = what, reference
	if reference > 0 {
		f.Ratio = f.Value / reference
	}
	return f
}

// atMost compares the value with a promise.
func (f Figure) atMost(guarantee string, limit float64) Figure {
	f.Promise = fmt.Sprintf("%s: at most %s %s", guarantee, number(limit), f.Unit)
	f.Met = f.Value <= limit
	return f
}

// ratioAtMost and ratioAtLeast compare the ratio with a promise.
func (f Figure) ratioAtMost(guarantee string, limit float64) Figure {
	f.Promise, f.Met = fmt.Sprintf("%s: within %sx", guarantee, number(limit)), f.Ratio <= limit
	return f
}

func (f Figure) ratioAtLeast(guarantee string, limit float64) Figure {
	f.Promise, f.Met = fmt.Sprintf("%s: at least %sx", guarantee, number(limit)), f.Ratio >= limit
	return f
}

// report is all that a run prints.
type report struct {
	At      time.Time `json:"at"`
	Machine string    `json:"machine"`
	Load    string    `json:"load,omitempty"` // of others, before the run
	Quick   bool      `json:"quick,omitempty"`
	Figures []Figure  `json:"figures"`
}

func newReport(quick bool) *report {
	return &report{
		At: time.Now().Truncate(time.Second), Quick: quick, Load: loadAverage(),
		Machine: fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()),
	}
}

// loadAverage is Linux's word on how busy the machine is; "" elsewhere.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

func (r *report) json(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

func (r *report) table(w io.Writer) error {
	fmt.Fprintf(w, "%s, %s", r.At.Format(time.RFC3339), r.Machine)
	if r.Load != "" {
		fmt.Fprintf(w, ", load %s before the run", r.Load)
	}
	fmt.Fprint(w, "\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "FIGURE\tMEASURED\tBESIDE\tRATIO\tPROMISED\tMET")
	for _, f := range r.Figures {
		fmt.Fprintf(t, "%s\t%s %s\t%s\t%s\t%s\t%s\n", f.Name, number(f.Value), f.Unit, f.besideText(), f.ratioText(), f.Promise, f.metText())
	}
	return t.Flush()
}

func (f Figure) besideText() string {
	if f.Beside == "" {
		return ""
	}
	return fmt.Sprintf("%s: %s", f.Beside, number(f.Reference))
}

func (f Figure) ratioText() string {
	if f.Ratio == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", f.Ratio)
}

func (f Figure) metText() string {
	switch {
	case f.Promise == "":
		return ""
	case f.Met:
		return "yes"
	}
	return "NO"
}

// number prints three digits, and no more than are known.
func number(v float64) string {
	switch {
	case v >= 100 || v == float64(int64(v)):
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// times are how long something took, each time it was done.
type times []time.Duration

// percentile returns the p-th percentile in milliseconds.
func (t times) percentile(p int) float64 {
	if len(t) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(t))
	return ms(sorted[min(len(sorted)-1, len(sorted)*p/100)])
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
