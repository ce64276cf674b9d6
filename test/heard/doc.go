// Package heard takes a home whose messages go to three places that fail in
// turn, kills its gateway again and again, and then looks for who was not told:
// `make heard DURATION=10m`.
//
//	clients ──▶ home, killed every 20 s ──▶ Telegram, Slack (stand-ins), a webhook
//	               │                                     │ what each was told, in order
//	               └── events ──────── comparison ◀──────┘
//
// Every event that somebody subscribed must have arrived or stand among the
// parked, in the order of its task; whatever came twice came with the same key.
package heard
