package main

// ofAPI are breaches of what docs/api.md, access.md and operations.md promise.
var ofAPI = []mutation{
	{
		name: "as-it-was-seen-ignored", breaks: "G10", file: "internal/httpapi/api.go",
		find: "return board.WithVersion(r.Context(), n), nil", put: "return r.Context(), nil",
		pkg: "./internal/httpapi", tests: "TestG10_EveryChangeOfATaskIsAsItWasSeen",
	},
	{
		name: "resume-skips-one", breaks: "G21", file: "internal/httpapi/stream.go",
		find: "v.cursor = in.LastEventID\n", put: "v.cursor = in.LastEventID + 1\n",
		pkg: "./internal/httpapi", tests: "TestG21_LastEventID",
	},
	{
		name: "revoked-is-known", breaks: "G30", file: "internal/access/access.go",
		find: "c.Credentials = slices.DeleteFunc(c.Credentials, func(c Credential) bool { return c.ID == id })\n\t\tif len(c.Credentials) == before {",
		put:  "if !slices.ContainsFunc(c.Credentials, func(c Credential) bool { return c.ID == id }) && before >= 0 {",
		pkg:  "./internal/access", tests: "TestG30_ATokenUntilItIsRevokedOrExpires",
	},
	{
		name: "sessions-never-end", breaks: "G30", file: "internal/access/access.go",
		find: "if found.Expired(now) {", put: "if found.Expired(now) && kind == Token {",
		pkg: "./internal/access", tests: "TestG30_ASessionEndsUnused",
	},
	{
		name: "strangers-stay", breaks: "G30", file: "internal/gateway/crowd.go",
		find: "if g.name == \"\" && !g.late && (found", put: "if g.name == \"\" && g.late && (found",
		pkg: "./internal/gateway", tests: "TestG30_StrangersMakeRoom",
	},
	{
		name: "readers-write", breaks: "G30", file: "internal/httpapi/scopes.go",
		find: "need, known := scopes[operation]\n", put: "need, known := scopes[operation]\n\tif need == kanban.ScopeOperate {\n\t\tneed = kanban.ScopeRead\n\t}\n",
		pkg: "./internal/httpapi", tests: "TestG30_EveryRouteAndEveryCredential",
	},
	{
		name: "dots-lead-elsewhere", breaks: "G32", file: "internal/httpapi/api.go",
		find: "clean != asked && clean+\"/\" != asked {", put: "clean == \"\" {",
		pkg: "./internal/httpapi", tests: "TestG32_NoPathLeadsElsewhere",
	},
	{
		name: "logs-the-query", breaks: "G32", file: "internal/httpapi/front.go",
		find: "misplaced.ReplaceAllString(r.URL.Path,", put: "misplaced.ReplaceAllString(r.URL.String(),",
		pkg: "./internal/httpapi", tests: "TestG32_LogsTellNoSecret",
	},
	{
		name: "titled-by-its-token", breaks: "G32", file: "internal/dispatch/prepare.go",
		find: "RunDir: r.dir, Argv: argv,", put: "RunDir: r.dir, Argv: append(argv, s.claim.Token),",
		pkg: "./test/script", tests: "TestScript/secrets$",
	},
	{
		name: "ready-while-it-drains", breaks: "ops", file: "internal/httpapi/home.go",
		find: "\tc, err := s.control()\n\tif err == nil {\n\t\tg := c.Status", put: "\tc, err := s.control()\n\tif err == nil && r.Method == \"\" {\n\t\tg := c.Status",
		pkg: "./test/script", tests: "TestScript/operations$",
	},
	{
		name: "figures-that-please", breaks: "ops", file: "internal/gateway/metrics.go",
		find: "number(s.Dispatching)", put: "number(s.Dispatching || s.Running)",
		pkg: "./test/script", tests: "TestScript/operations$",
	},
}
