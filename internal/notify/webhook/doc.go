// Package webhook sends messages as signed JSON over HTTP.
//
//	POST <url>
//	Content-Type: application/json
//	Idempotency-Key: <key of the message>
//	Andon-Signature: t=<unix seconds>,v1=<hex of HMAC-SHA256(secret, t + "." + body)>
//
// 2xx is success. 408, 425, 429, 5xx and silence are tried again; any other
// status is permanent, and so is a redirect to another host.
package webhook
