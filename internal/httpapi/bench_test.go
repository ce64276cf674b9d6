package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/andon-dev/andon/internal/httpapi"
)

// BenchmarkNew: without a gateway, the command line builds the API on every
// call, and asks it once.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		h := httpapi.New(httpapi.Options{})
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/healthz", nil))
	}
}
