package client

import (
	"context"
	"net/url"
)

// Checkup is what was found in a home.
type Checkup struct {
	Home     string    `json:"home"`
	Version  string    `json:"version" doc:"of who looked"`
	Findings []Symptom `json:"findings" doc:"worst first"`
}

// Symptom is one finding of a checkup.
type Symptom struct {
	Name     string `json:"name"`
	Severity string `json:"severity" doc:"info, warning or error; what is above info wants something done"`
	What     string `json:"what"`
	Why      string `json:"why"`
	Command  string `json:"command,omitempty" doc:"what repairs it"`
	Fix      bool   `json:"fix,omitempty" doc:"there is a repair of this name"`
}

// Repair is what a repair did, or would do.
type Repair struct {
	Name   string   `json:"name"`
	DryRun bool     `json:"dry_run,omitempty"`
	Done   []string `json:"done"`
}

// Checkup looks for what is wrong with the home and the gateway. version is that
// of the program that asks. It changes nothing.
func (c *Client) Checkup(ctx context.Context, version string) (Checkup, error) {
	q := url.Values{}
	text(q, "version", version)
	return call[Checkup](ctx, c, get("doctor").where(q))
}

// Repair does a safe repair by the name of its finding. A dry run only tells.
//
// Errors: invalid if there is no such repair.
func (c *Client) Repair(ctx context.Context, name string, dryRun bool) (Repair, error) {
	q := url.Values{}
	flag(q, "dry_run", dryRun)
	return call[Repair](ctx, c, post("doctor", "fixes", name).where(q))
}
