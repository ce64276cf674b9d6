package slack

import "encoding/json"

// A text of a context has its text as a string, a button as an object.

type elementJSON struct {
	Type     string          `json:"type"`
	ActionID string          `json:"action_id,omitempty"`
	Text     json.RawMessage `json:"text,omitempty"`
	Value    string          `json:"value,omitempty"`
	URL      string          `json:"url,omitempty"`
	Style    string          `json:"style,omitempty"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (e *Element) UnmarshalJSON(raw []byte) error {
	var j elementJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return err
	}
	*e = Element{Type: j.Type, ActionID: j.ActionID, Value: j.Value, URL: j.URL, Style: j.Style}
	if len(j.Text) == 0 {
		return nil
	}
	if j.Text[0] == '"' {
		return json.Unmarshal(j.Text, &e.Plain)
	}
	return json.Unmarshal(j.Text, &e.Label)
}

// MarshalJSON implements json.Marshaler.
func (e Element) MarshalJSON() ([]byte, error) {
	j := elementJSON{Type: e.Type, ActionID: e.ActionID, Value: e.Value, URL: e.URL, Style: e.Style}
	var err error
	switch {
	case e.Label != nil:
		j.Text, err = json.Marshal(e.Label)
	case e.Plain != "":
		j.Text, err = json.Marshal(e.Plain)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(j)
}
