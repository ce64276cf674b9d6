package httpapi_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

//go:generate go test . -run TestOpenAPI|TestDocumentedCredentials -update
//go:generate go test ../webui -run TestSchema -update

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of this folder.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		ok(t, os.WriteFile(file, got, 0o644))
	}
	if diff := cmp.Diff(string(must(os.ReadFile(file))(t)), string(got)); diff != "" {
		t.Errorf("%s differs (-file +now); if that is meant and only adds: go generate ./internal/httpapi\n%s", file, diff)
	}
}

// TestOpenAPI guards the contract: what the API accepts and answers changes by
// addition only.
func TestOpenAPI(t *testing.T) {
	got := fetch(t, newHome(t).handler(), "/api/v1/openapi.json").Body.Bytes()
	golden(t, "openapi.golden.json", got)
}

type operation struct{ id, method, path string }

func (o operation) segments() []string {
	return append([]string{o.method}, strings.Split(o.path, "/")...)
}

// operations lists what the API says that it can do.
func operations(t *testing.T, h http.Handler) []operation {
	t.Helper()
	var description struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	ok(t, json.Unmarshal(fetch(t, h, "/api/v1/openapi.json").Body.Bytes(), &description))
	var all []operation
	for path, methods := range description.Paths {
		for method, op := range methods {
			all = append(all, operation{op.OperationID, strings.ToUpper(method), path})
		}
	}
	if len(all) < 60 {
		t.Fatalf("only %d operations are described", len(all))
	}
	return all
}
