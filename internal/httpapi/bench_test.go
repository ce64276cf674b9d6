package httpapi

import "testing"

// The command line builds the API on every call without a gateway.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(Options{})
	}
}
