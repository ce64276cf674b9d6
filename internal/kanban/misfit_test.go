package kanban

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// Whoever wrote the text learns which key is wrong, what it holds and what
// belongs there, and no name of a type.
func TestMisfit(t *testing.T) {
	type usage struct {
		Turns int64   `json:"turns"`
		Cost  float64 `json:"cost_usd"`
	}
	type document struct {
		Status string         `json:"status"`
		Files  []string       `json:"files"`
		Facts  map[string]int `json:"facts"`
		Ready  bool           `json:"ready"`
		At     *string        `json:"at"`
		Usage  *usage         `json:"usage"`
		When   time.Time      `json:"when"`
	}
	for text, want := range map[string]string{
		`{"status": 5}`:               `"status" holds a number where a text belongs`,
		`{"status": true}`:            `"status" holds true or false where a text belongs`,
		`{"at": ["x"]}`:               `"at" holds a list where a text belongs`,
		`{"files": "a.go"}`:           `"files" holds a text where a list belongs`,
		`{"files": ["a.go", 5]}`:      `"files" holds a number where a text belongs`,
		`{"facts": []}`:               `"facts" holds a list where an object belongs`,
		`{"ready": "yes"}`:            `"ready" holds a text where true or false belongs`,
		`{"usage": {"turns": 1.5}}`:   `"usage.turns" holds the number 1.5 where a whole number belongs`,
		`{"usage": {"cost_usd": {}}}`: `"usage.cost_usd" holds an object where a number belongs`,
		`[]`:                          `it is a list where an object belongs`,
		`"done"`:                      `it is a text where an object belongs`,
		`done`:                        `it is no JSON: invalid character 'd' looking for beginning of value, at byte 1`,
		`{"status"`:                   `it is no JSON: unexpected end of JSON input, at byte 9`,
	} {
		said := Misfit(json.Unmarshal([]byte(text), new(document)))
		if said != want {
			t.Errorf("%s: %s, want %s", text, said, want)
		}
	}
	d := json.NewDecoder(strings.NewReader(`{"status"`))
	if said := Misfit(d.Decode(new(document))); said != "it is no JSON: it ends too early" {
		t.Errorf("half a stream: %s", said)
	}
	d = json.NewDecoder(strings.NewReader(`{"state": "done"}`))
	d.DisallowUnknownFields()
	if said := Misfit(d.Decode(new(document))); said != `unknown field "state"` {
		t.Errorf("an unknown key: %s", said)
	}
}
