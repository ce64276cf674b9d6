package client_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/andon-dev/andon/client"
)

// What a newer gateway adds to its answers does not disturb an older client.
func TestG24_AnswersMayGrow(t *testing.T) {
	newer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-9")
		_, _ = io.WriteString(w, `{"items": [{"id": "t_00000001", "title": "x", "status": "dreaming", "mood": {"deep": [1]}}], "next": "", "total": 1}`)
	})
	c := client.New(client.Handler(newer), "http://andon", client.Options{})
	page, err := c.Tasks(t.Context(), "default", client.TaskQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != 1 || page.Items[0].Title != "x" || page.Items[0].Status != "dreaming" {
		t.Errorf("got %+v", page)
	}
}
