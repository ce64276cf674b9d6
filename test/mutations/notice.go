package main

// ofNotice are breaches of the promises about what people and readers are told.
var ofNotice = []mutation{
	{
		name: "no-outbox", breaks: "G20", file: "internal/board/deliver.go",
		find: "\treturn b.deliver(tx, e)\n", put: "\tif e.Kind == kanban.EvBlocked {\n\t\treturn nil\n\t}\n\treturn b.deliver(tx, e)\n",
		pkg: "./internal/board", tests: "TestG20_.*",
	},
	{
		name: "failed-is-delivered", breaks: "G20", file: "internal/notify/retry.go",
		find: "\td.Attempts++\n\tswitch {\n", put: "\td.Attempts++\n\td.State = store.Delivered\n\tswitch {\n",
		pkg: "./internal/notify", tests: "TestG20_.*",
	},
	{
		name: "stream-repeats", breaks: "G21", file: "internal/httpapi/stream.go",
		find: "\t\tv.cursor = max(v.cursor, f.id)\n", put: "",
		pkg: "./internal/httpapi", tests: "TestG21_SlowReader",
	},
	{
		name: "slow-reader-misses", breaks: "G21", file: "internal/httpapi/tail.go",
		find: "if number < t.first {", put: "if number = max(number, t.first); number < t.first {",
		pkg: "./internal/httpapi", tests: "TestG21_WhatATailKeeps",
	},
	{
		name: "event-twice", breaks: "G21", file: "internal/store/sqlite/log.go",
		find: "FROM task_events WHERE id > ?\"", put: "FROM task_events WHERE id >= ?\"",
		pkg: "./internal/cli", tests: "TestG21_.*",
	},

	{
		name: "old-client-served", breaks: "G24", file: "internal/httpapi/problem.go",
		find: "\tif asked < 0 || asked == ours {", put: "\tif asked <= ours {",
		pkg: "./internal/httpapi", tests: "TestG24_.*",
	},
}
