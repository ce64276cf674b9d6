package main

// ofStorage are breaches of the promises about how boards are kept.
var ofStorage = []mutation{
	{
		name: "answer-before-commit", breaks: "G01", file: "internal/store/sqlite/writer.go",
		find: "\terr = w.transact(batch)\n", put: "\tfor _, op := range batch {\n\t\tclose(op.done)\n\t}\n\tall := batch\n\tbatch = nil\n\terr = w.transact(all)\n",
		pkg: "./internal/store/sqlite", tests: "TestG01_AnAnswerComesAfterTheCommit",
	},
	{
		name: "lost-batch-goes-on", breaks: "G01", file: "internal/store/sqlite/writer.go",
		find: "\t\tif w.c.db.GetAutocommit() {\n\t\t\treturn lost(op.err)\n\t\t}\n", put: "",
		pkg: "./internal/store/sqlite", tests: "TestG01_ALostTransactionFailsTheWholeBatch",
	},
	{
		name: "synchronous-normal", breaks: "G01", file: "internal/store/sqlite/open.go",
		find: `{"synchronous", "FULL", "2"}`, put: `{"synchronous", "NORMAL", "1"}`,
		pkg: "./internal/store/sqlite", tests: "TestG01_PowerCutLosesNothingAcknowledged",
	},
	{
		name: "posix-locks", breaks: "G02", module: "github.com/ncruces/go-sqlite3", file: "vfs/os_linux.go",
		find: "err = unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &lock)", put: "err = unix.FcntlFlock(file.Fd(), unix.F_SETLK, &lock)",
		pkg: "./internal/store/sqlite", tests: "TestG03_SelfCheck|TestG02_HostileNeighboursLoseNothing",
	},
	{
		name: "close-checkpoints", breaks: "G03", file: "internal/store/sqlite/open.go",
		find: "c.db.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true); err != nil || !on {", put: "c.db.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE); err != nil || on {",
		pkg: "./internal/store/sqlite", tests: "TestG03_CloseNeitherRemovesNorTruncatesTheWAL",
	},
	{
		name: "converts-the-journal", breaks: "G03", file: "internal/store/sqlite/open.go",
		find: "\tif create {\n\t\tread += \"=WAL\"\n\t}\n", put: "\tread += \"=WAL\"\n",
		pkg: "./internal/store/sqlite", tests: "TestG03_AnotherJournalModeIsRefusedNotChanged",
	},
	{
		name: "no-latch", breaks: "G04", file: "internal/store/sqlite/latch.go",
		find: "if err != nil && untrusted(err) {", put: "if err != nil && untrusted(err) && false {",
		pkg: "./internal/store/sqlite", tests: "TestG04_TheFirstIOErrorLatchesThisBoardOnly|TestG04_CorruptionFoundByAReaderLatches",
	},
	{
		name: "fresh-board-for-a-lost", breaks: "G04", file: "internal/store/sqlite/boards.go",
		find: "if err != nil || f.ID != \"\" {", put: "if err != nil || f.ID == \"never\" {",
		pkg: "./internal/store/sqlite", tests: "TestG04_AMissingFileOfAKnownBoardIsNeverReplaced",
	},
	{
		name: "newer-schema-accepted", breaks: "G05", file: "internal/store/sqlite/migrate.go",
		find: "if version < 0 || version > len(s.steps) {", put: "if version < 0 {",
		pkg: "./internal/store/sqlite", tests: "TestG05_ANewerSchemaIsRefused",
	},
	{
		name: "migrates-without-backup", breaks: "G24", file: "internal/store/sqlite/migrate.go",
		find: "if err != nil || !tasks || s.backups == \"\" {", put: "if err != nil || !tasks || s.backups != \"\" {",
		pkg: "./internal/store/sqlite", tests: "TestG06_TheBackupBeforeAMigrationIsTheOldBoard",
	},
	{
		name: "counts-forget-others", breaks: "S3", file: "internal/store/sqlite/tally.go",
		find: "is && keeps && known.foreign == r.foreign {", put: "is {",
		pkg: "./internal/store/sqlite", tests: "TestS3_CountsAreThoseOfTheRows|TestS3_CountsAreNotCountedAgain",
	},
	{
		name: "board-in-use-replaced", breaks: "G06", file: "internal/store/sqlite/restore.go",
		find: "if err := notHeld(p.Live); err != nil || o.DryRun {", put: "if err := ctx.Err(); err != nil || o.DryRun {",
		pkg: "./internal/store/sqlite", tests: "TestG06_ABoardInUseIsNotReplaced",
	},
	{
		name: "two-handles", breaks: "G07", file: "internal/store/sqlite/home.go",
		find: "\tit := h.handles[slug]\n\tif it == nil {", put: "\tit := h.handles[name]\n\tif it == nil {",
		pkg: "./internal/store/sqlite", tests: "TestG07_.*",
	},
}
