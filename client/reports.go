package client

import (
	"context"
	"net/url"
	"time"
)

// Report is what work cost and brought.
type Report struct {
	Since time.Time   `json:"since"`
	Until time.Time   `json:"until"`
	By    []string    `json:"by"`
	Items []ReportRow `json:"items"`
	Total ReportRow   `json:"total"`
	// Missing names the boards that could not be read.
	Missing []string `json:"missing,omitempty"`
}

// ReportRow sums the runs and the waits for people that began in the time of the
// report. What the report is not by is "".
type ReportRow struct {
	Day     string `json:"day,omitempty" doc:"of the gateway's clock"`
	Hour    string `json:"hour,omitempty" doc:"its beginning, by the gateway's clock"`
	Board   string `json:"board,omitempty"`
	Tenant  string `json:"tenant,omitempty"`
	Lane    string `json:"lane,omitempty"`
	Account string `json:"account,omitempty"`
	Task    string `json:"task,omitempty"`

	Runs        int            `json:"runs"`
	Done        int            `json:"done" doc:"runs that completed"`
	Submitted   int            `json:"submitted" doc:"runs that handed in for review"`
	Failed      int            `json:"failed" doc:"runs that failed"`
	FailedOf    map[string]int `json:"failed_of,omitempty" doc:"of what, and how many"`
	Usage       Usage          `json:"usage"`
	FailedUsage Usage          `json:"failed_usage" doc:"of these, what failed runs used"`
	Running     float64        `json:"running_seconds"`
	Waits       int            `json:"waits" doc:"times that a task was left to people: blocked, or in review"`
	OpenWaits   int            `json:"open_waits" doc:"of these, what still waits"`
	Waited      float64        `json:"waited_seconds"`
}

// Report sums what work cost and brought.
func (c *Client) Report(ctx context.Context, q ReportQuery) (Report, error) {
	return call[Report](ctx, c, get("report").where(q.values()))
}

// ReportQuery selects what a report is about.
type ReportQuery struct {
	Board string    // "" = all that are not archived
	Since time.Time // zero = 7 days ago
	Until time.Time // zero = now
	By    []string  // day, hour, board, tenant, lane, account, task
}

func (q ReportQuery) values() url.Values {
	v := url.Values{}
	text(v, "board", q.Board)
	moment(v, "since", q.Since)
	moment(v, "until", q.Until)
	list(v, "by", q.By)
	return v
}
