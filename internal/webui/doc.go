// Package webui is the dashboard: what ui/ is built to, in the binary.
//
//	ui/src ──make ui──▶ dist ──embed──▶ Handler
//	   ▲
//	   └── lib/schema.ts, from internal/httpapi/openapi.golden.json
//
// It knows nothing of boards; the pages ask the API like everybody else.
package webui
