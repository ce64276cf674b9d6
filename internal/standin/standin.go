package standin

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// Request is what the model is asked.
type Request struct {
	Model   string
	Prompts []string // what the user said, in order
	Results []string // of the tools that were called since the last prompt, in order
	Calls   int      // tool results in all of the conversation
	Tools   []string // names of the tools that are offered
}

// Offers reports whether a tool is offered.
func (r Request) Offers(name string) bool {
	for _, tool := range r.Tools {
		if tool == name {
			return true
		}
	}
	return false
}

// Turn is what the model answers: a refusal if Status is set, else a tool call
// if Tool is, else the text.
type Turn struct {
	Text  string
	Tool  string
	Input any // of the tool, an object

	Status  int           // HTTP status of a refusal
	Kind    string        // of the refusal, as its provider calls it; "" = the usual one of the status
	Message string        // of the refusal
	Until   time.Time     // when a refused client may come back; zero = not told
	Wait    chan struct{} // the answer waits until it is closed; nil = at once

	Input0, Output0 int64 // tokens that are counted; 0 = 100 and 20
}

// Script is the model.
type Script func(Request) Turn

// Steps is a script that answers with one turn after each tool result, and stays
// with the last.
func Steps(turns ...Turn) Script {
	return func(r Request) Turn { return turns[min(len(r.Results), len(turns)-1)] }
}

func (t Turn) input() int64 {
	if t.Input0 > 0 {
		return t.Input0
	}
	return 100
}

func (t Turn) output() int64 {
	if t.Output0 > 0 {
		return t.Output0
	}
	return 20
}

// await holds the answer back as told; false if the client went away.
func (t Turn) await(r *http.Request) bool {
	if t.Wait == nil {
		return true
	}
	select {
	case <-t.Wait:
		return true
	case <-r.Context().Done():
		return false
	}
}

func (t Turn) arguments() string {
	raw, err := json.Marshal(t.Input)
	if err != nil || t.Input == nil {
		return "{}"
	}
	return string(raw)
}

// maxBody bounds what is read of one request, in bytes.
const maxBody = 32 << 20

func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
	return err == nil
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// stream writes server-sent events.
type stream struct{ w http.ResponseWriter }

func newStream(w http.ResponseWriter) stream {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusOK)
	return stream{w}
}

func (s stream) send(event string, data any) {
	raw, err := json.Marshal(data)
	if err != nil {
		return
	}
	if event != "" {
		_, _ = io.WriteString(s.w, "event: "+event+"\n")
	}
	_, _ = io.WriteString(s.w, "data: "+string(raw)+"\n\n")
	if f, ok := s.w.(http.Flusher); ok {
		f.Flush()
	}
}

// text is the plain text of a message's content, which is a string or a list of
// blocks.
func text(raw json.RawMessage) string {
	var plain string
	if json.Unmarshal(raw, &plain) == nil {
		return plain
	}
	var blocks []struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(raw, &blocks) != nil {
		return ""
	}
	for _, b := range blocks {
		plain += b.Text
	}
	return plain
}
