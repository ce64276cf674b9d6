package main

// ofWhatIsMade are breaches of the promises about results, the walls around who makes them, and who may come in.
var ofWhatIsMade = []mutation{
	{
		name: "cleanup-at-completion", breaks: "G19", file: "internal/workspace/snapshot.go",
		find: "\t_, err = g.run(ctx, \"\", \"update-ref\", shot.Ref, shot.Commit)\n",
		put:  "\t_, err = g.run(ctx, \"\", \"update-ref\", shot.Ref, shot.Commit)\n\tif err == nil {\n\t\terr = os.RemoveAll(path)\n\t}\n",
		pkg:  "./test/script", tests: "TestScript/worktree$",
	},
	{
		name: "removes-what-it-is-told", breaks: "G19", file: "internal/workspace/remove.go",
		find: "\tif !exists || mk.Path != filepath.Clean(place.Path) {", put: "\tif !exists {",
		pkg: "./internal/workspace", tests: "TestG19_Remove.*",
	},
	{
		name: "untracked-is-lost", breaks: "G22", file: "internal/workspace/changes.go",
		find: "\"--untracked-files=all\"", put: "\"--untracked-files=no\"",
		pkg: "./internal/workspace", tests: "TestG22_.*",
	},
	{
		name: "hides-nothing", breaks: "G15", file: "internal/dispatch/walls.go",
		find: "\t\tHide: walls.Path(p.Home), Places:", put: "\t\tRead: []string{p.Home}, Places:",
		pkg: "./test/script", tests: "TestScript/walls_landlock$",
	},
	{
		name: "follows-links-to-its-place", breaks: "G15", file: "internal/walls/place_linux.go",
		find: "if st.Mode&unix.S_IFMT == unix.S_IFLNK {", put: "if false {",
		pkg: "./internal/walls", tests: "TestG15_APlaceIsFoundWithoutLinks",
	},
	{
		name: "overlooks-an-exchange", breaks: "G15", file: "internal/walls/place_linux.go",
		find: "if err == nil && placeOf(&st) != p {", put: "if err == nil && false {",
		pkg: "./internal/walls", tests: "TestG15_AnExchangedFolderIsNoticed",
	},
	{
		name: "follows-branches", breaks: "G15", file: "internal/workspace/branch.go",
		find: "if !info.Mode().IsRegular() || symbolic(at) {", put: "if false {",
		pkg: "./internal/workspace", tests: "TestG15_ABranchThatLeadsElsewhereIsRefused",
	},
	{
		name: "obeys-settings-of-the-walled", breaks: "G15", file: "internal/workspace/walled.go",
		find: "if err != nil || dir == \"\" {\n\t\treturn err\n\t}\n\treturn kanban.Errorf(kanban.Gated, \"%s lies in", put: "if true {\n\t\treturn err\n\t}\n\treturn kanban.Errorf(kanban.Gated, \"%s lies in",
		pkg: "./internal/workspace", tests: "TestG15_NoGitWhereAWalledWorkerWroteItsSettings",
	},
	{
		name: "snapshots-by-settings-of-the-walled", breaks: "G15", file: "internal/workspace/snapshot.go",
		find: "m.reachable(ctx, path); err != nil || reached {", put: "m.reachable(ctx, path); err != nil || reached && false {",
		pkg: "./internal/workspace", tests: "TestG15_NoGitWhereAWalledWorkerWroteItsSettings",
	},
	{
		name: "walls-that-are-off", breaks: "G15", file: "internal/config/sandbox.go",
		find: "case s.Network == NetworkOff:", put: "case false:",
		pkg: "./internal/config", tests: "TestG15_NothingIsPromisedWithoutWalls",
	},
	{
		name: "runs-without-its-walls", breaks: "G15", file: "internal/dispatch/walls.go",
		find: "\t\treturn nil, refusal(err)\n", put: "\t\treturn nil, nil\n",
		pkg: "./internal/dispatch", tests: "TestG15_.*",
	},
	{
		name: "runs-without-its-limits", breaks: "G15", file: "internal/dispatch/walls.go",
		find: "\tif err != nil {\n\t\treturn refusal(err)\n\t}\n\treturn r.d.Host.Folder(dir).Write(groupFile", put: "\tif err != nil {\n\t\treturn nil\n\t}\n\treturn r.d.Host.Folder(dir).Write(groupFile",
		pkg: "./internal/dispatch", tests: "TestG15_WhatCannotBeLimitedIsNotStarted",
	},
	{
		name: "overlooks-the-cgroup", breaks: "G12", file: "internal/worker/orphans.go",
		find: "slices.Contains(grouped, p.pid) || ", put: "len(grouped) < 0 || ",
		pkg: "./internal/worker", tests: "TestG12_TheCgroupOfARunHidesNobody",
	},
	{
		name: "outlives-its-supervisor", breaks: "G12", file: "internal/walls/plan.go",
		find: "\"--cap-drop\", \"ALL\", \"--die-with-parent\",", put: "\"--cap-drop\", \"ALL\",",
		pkg: "./internal/worker", tests: "TestG12_TheKernelEndsABwrappedRunWithItsSupervisor",
	},
	{
		name: "keeps-capabilities", breaks: "G15", file: "internal/walls/confine_linux.go",
		find: "\treturn withoutCapabilities()\n", put: "\treturn nil\n",
		pkg: "./internal/worker", tests: "TestG15_AWalledWorkerReachesOnlyItsOwn",
	},
	{
		name: "network-stays-on", breaks: "G15", file: "internal/walls/seccomp_linux.go",
		find: "{Code: equal, K: unix.AF_UNIX, Jf: 1},", put: "{Code: equal, K: unix.AF_UNIX, Jf: 0},",
		pkg: "./internal/worker", tests: "TestG15_AWalledWorkerReachesOnlyItsOwn",
	},
	{
		name: "lets-every-host-through", breaks: "G15", file: "internal/proxy/proxy.go",
		find: "case !p.allow.allows(to.name, to.port):", put: "case len(p.allow) == 0:",
		pkg: "./internal/proxy", tests: "TestG15_RefusesTheRest",
	},
	{
		name: "trusts-what-a-name-leads-to", breaks: "G15", file: "internal/proxy/dial.go",
		find: "if onTheInternet.Safe(network, address, c) != nil {", put: "if onTheInternet.Safe(network, address, c) != nil && false {",
		pkg: "./internal/proxy", tests: "TestG15_.*",
	},
	{
		name: "goes-past-the-proxy", breaks: "G15", file: "internal/walls/plan.go",
		find: "if p.Network != NetworkOn {", put: "if p.Network == NetworkOff {",
		pkg: "./internal/worker", tests: "TestG15_AProxiedWorkerReachesItsHosts",
	},
	{
		name: "moved-refs-pass", breaks: "G22", file: "internal/workspace/refs.go",
		find: "if is == was || ref ==", put: "if is != \"\" || ref ==",
		pkg: "./internal/workspace", tests: "TestG22_MovedRefsAreSeen",
	},
	{
		name: "trusts-the-clones-settings", breaks: "G15", file: "internal/workspace/aside.go",
		find: "env: []string{\"GIT_DIR=\" + a.temp, \"GIT_WORK_TREE=\" + mk.Path}, ", put: "",
		pkg: "./internal/workspace", tests: "TestG15_NothingOfAWorkersGitDirectoryIsRun",
	},
	{
		name: "fetches-from-the-workers-repository", breaks: "G15", file: "internal/workspace/aside.go",
		find: "\"--\", between.dir, \"+HEAD:\"", put: "\"--\", a.mk.Path, \"+HEAD:\"",
		pkg: "./internal/workspace", tests: "TestG15_ACloneThatLeadsElsewhereBringsNothingIn",
	},
	{
		name: "takes-files-in-where-they-are", breaks: "G15", file: "internal/workspace/changes.go",
		find: "return g.copied(ctx, c)", put: "_ = g.copied",
		pkg: "./internal/workspace", tests: "TestG15_FilesAreTakenInFromCopies",
	},
	{
		name: "goes-into-a-workers-repositories", breaks: "G15", file: "internal/workspace/changes.go",
		find: "\t\tif g.copies != \"\" {\n\t\t\town = append(own, path)\n\t\t\tcontinue\n\t\t}\n", put: "",
		pkg: "./internal/workspace", tests: "TestG15_NobodyIsAskedForWhatACloneLacks",
	},
	{
		name: "moves-what-is-checked-out", breaks: "G19", file: "internal/workspace/clone.go",
		find: "if _, err := os.Lstat(t.path); err == nil && t.branch == branch {", put: "if _, err := os.Lstat(t.path); err == nil && t.branch == \"\" {",
		pkg: "./internal/workspace", tests: "TestG19_HandingInMovesNoBranchOfOthers",
	},
	{
		name: "runs-read-everything", breaks: "G31", file: "internal/httpapi/actor.go",
		find: "by: actor(ctx)}, b.MayRead(ctx, actor(ctx), id)", put: "by: actor(ctx)}, nil",
		pkg: "./internal/httpapi", tests: "TestG31_EveryRouteRefusesTheStranger",
	},
	{
		name: "runs-list-everything", breaks: "G31", file: "internal/httpapi/tasks.go",
		find: "if q.IDs = seen.only(q.IDs); seen != nil && len(q.IDs) == 0 {", put: "if seen != nil && len(seen) == 0 {",
		pkg: "./internal/httpapi", tests: "TestG31_NoWayAround",
	},
	{
		name: "every-operation-for-runs", breaks: "G31", file: "internal/httpapi/scope.go",
		find: "case a.Kind == kanban.Worker && !slices.Contains(forWorkers, operation):", put: "case false:",
		pkg: "./internal/httpapi", tests: "TestG31_EveryRouteRefusesTheStranger",
	},
	{
		name: "link-to-anybody", breaks: "G31", file: "internal/board/link.go",
		find: "return c, b.mayRead(tx, a, p)", put: "_ = p\n\treturn c, nil",
		pkg: "./internal/httpapi", tests: "TestG31_NoWayAround",
	},
	{
		name: "key-of-anybody", breaks: "G31", file: "internal/board/create.go",
		find: "if b.mayRead(tx, a, old) != nil {", put: "if b.mayRead(tx, a, old) != nil && false {",
		pkg: "./internal/httpapi", tests: "TestG31_NoWayAround",
	},
	{
		name: "children-anywhere-inside", breaks: "G31", file: "internal/board/scope.go",
		find: "(w.Kind != kanban.Dir || w.Path != run.Workspace):", put: "!strings.HasPrefix(w.Path, run.Workspace):",
		pkg: "./internal/board", tests: "TestG31_AWorkerNamesNothingInsideItsWorkspace",
	},
	{
		name: "children-of-any-repository", breaks: "G31", file: "internal/board/scope.go",
		find: "w.Repo != own.Workspace.Repo && w.Repo != registered:", put: "w.Repo == registered+\"/\":",
		pkg: "./internal/board", tests: "TestG31_AWorkerNamesNothingInsideItsWorkspace",
	},
	{
		name: "children-without-end", breaks: "G31", file: "internal/board/scope.go",
		find: "if len(made) >= limit {", put: "if len(made) > limit {",
		pkg: "./internal/httpapi", tests: "TestG31_AThousandChildren",
	},
	{
		name: "credential-outlives-its-run", breaks: "G31", file: "internal/board/lease.go",
		find: "stale := b.working(r, a)\n", put: "var stale error\n",
		pkg: "./internal/httpapi", tests: "TestG31_ACredentialEndsWithItsRun",
	},
	{
		name: "mcp-any-role", breaks: "G31", file: "internal/httpapi/mcp.go",
		find: "case role != client.Orchestrator:", put: "case role == \"nobody\":",
		pkg: "./internal/mcpserver", tests: "TestG31_OddAddresses",
	},
	{
		name: "credential-beats-the-tree", breaks: "G31", file: "internal/httpapi/actor.go",
		find: "a, err := s.o.Identify(r)\n\tif err != nil || a.Kind == kanban.Worker {", put: "a, err := s.o.Identify(r)\n\tif err != nil || a.Kind == kanban.Worker && r.Header.Get(\"Authorization\") == \"\" {",
		pkg: "./internal/httpapi", tests: "TestG31_TheCredentialOfARun",
	},
	{
		name: "the-other-end-is-not-looked-for", breaks: "G15", file: "internal/gateway/peer.go",
		find: "return g.identifyByTCP(r)", put: "return kanban.Actor{}, nil",
		pkg: "./test/script", tests: "TestScript/stolen_token$",
	},
	{
		name: "nobody-is-the-owner", breaks: "G30", file: "internal/httpapi/auth.go",
		find: "case local.Kind == 0:", put: "case local.Kind == 0 && r.Method != \"GET\":",
		pkg: "./internal/httpapi", tests: "TestG30_EveryRouteAndEveryCredential",
	},
	{
		name: "any-scope-will-do", breaks: "G30", file: "internal/httpapi/scopes.go",
		find: "if known && a.Scope >= need ||", put: "if known && a.Scope > kanban.ScopeNone ||",
		pkg: "./internal/httpapi", tests: "TestG30_EveryRouteAndEveryCredential",
	},
	{
		name: "any-board-will-do", breaks: "G30", file: "internal/httpapi/scopes.go",
		find: "if a.Board == \"\" || a.Kind != kanban.Human {", put: "if a.Board != \"\" || a.Kind != kanban.Human {",
		pkg: "./internal/httpapi", tests: "TestG30_EveryRouteAndEveryCredential",
	},
	{
		name: "foreign-pages-act", breaks: "G30", file: "internal/httpapi/front.go",
		find: "inner := origin.Handler(f.API)", put: "inner := f.API",
		pkg: "./internal/httpapi", tests: "TestG30_ForeignPagesAndHosts",
	},
	{
		name: "any-host-is-served", breaks: "G30", file: "internal/httpapi/front.go",
		find: "if !f.serves(r) {", put: "if !f.serves(r) && r.Host == \"\" {",
		pkg: "./internal/httpapi", tests: "TestG30_ForeignPagesAndHosts",
	},
	{
		name: "strangers-come-in", breaks: "G30", file: "internal/guests/book.go",
		find: "return g, false, nil\n\t}\n\treturn c.Guests[i], true, nil", put: "return g, true, nil\n\t}\n\treturn c.Guests[i], true, nil",
		pkg: "./internal/chat", tests: "TestG30_AStrangerGetsACodeAndNothingElse",
	},
	{
		name: "strangers-are-all-answered", breaks: "G30", file: "internal/chat/door.go",
		find: " || len(o.answered) >= maxGreeted", put: "",
		pkg: "./internal/chat", tests: "TestG30_StrangersDelayNobody",
	},
	{
		name: "chats-have-every-flag", breaks: "G30", file: "internal/chat/verbs.go",
		find: "\t\tdefault:\n\t\t\treturn false, kanban.Errorf(kanban.Unauthorized, \"chats cannot give --%s to %s\"", put: "\t\tcase flag == \"\":\n\t\t\treturn false, kanban.Errorf(kanban.Unauthorized, \"chats cannot give --%s to %s\"",
		pkg: "./internal/chat", tests: "TestG30_AGuestActsAsThemselvesAndAsTheirRole",
	},
	{
		name: "a-place-limits-nobody", breaks: "G30", file: "internal/guests/book.go",
		find: "role = min(role, atMost)", put: "role = max(role, atMost)",
		pkg: "./internal/chat", tests: "TestG30_AGuestActsAsThemselvesAndAsTheirRole",
	},
	{
		name: "a-code-is-good-twice", breaks: "G30", file: "internal/guests/pairing.go",
		find: "\t\tc.Requests = slices.Delete(c.Requests, i, i+1)\n", put: "",
		pkg: "./internal/guests", tests: "TestG30_.*",
	},
	{
		name: "codes-are-guessed", breaks: "G30", file: "internal/guests/pairing.go",
		find: "if len(c.Wrong) >= maxWrong {", put: "if len(c.Wrong) > 1000*maxWrong {",
		pkg: "./internal/guests", tests: "TestG30_GuessingCodesLocksApproval",
	},
	{
		name: "chats-do-not-ask", breaks: "G15", file: "internal/chat/command.go",
		find: "ask = asks && !want.sure", put: "ask = asks && !want.sure && want.endless",
		pkg: "./internal/chat", tests: "TestG15_WhatCannotBeTakenBackIsAskedFirst",
	},
	{
		name: "a-message-is-done-twice", breaks: "G13", file: "internal/chat/desk.go",
		find: "if in.ID != \"\" && d.seen[in.ID] {", put: "if in.ID == \"\" && d.seen[in.ID] {",
		pkg: "./internal/chat", tests: "TestG13_WhatComesTwiceIsDoneOnce",
	},
	{
		name: "a-thread-escapes-its-chat", breaks: "G30", file: "internal/guests/book.go",
		find: "\t\there.AtMost = Stricter(here.AtMost, whole.AtMost)\n", put: "",
		pkg: "./internal/guests", tests: "TestG30_.*",
	},
	{
		name: "yes-means-something-else", breaks: "G15", file: "internal/chat/asked.go",
		find: "line = append(line, t.id)\n", put: "line = append(line, word)\n",
		pkg: "./internal/chat", tests: "TestG15_WhatIsAskedIsWhatIsDone",
	},
	{
		name: "a-text-is-a-flag", breaks: "G32", file: "internal/chat/press.go",
		find: "line = append(line, \"--\", p.Task)", put: "line = append(line, p.Task)",
		pkg: "./internal/chat", tests: "TestG32_TextIsNeverAFlag",
	},
	{
		name: "guesses-are-free", breaks: "G30", file: "internal/httpapi/guesses.go",
		find: "\tone.left = max(one.left-1, 0)\n", put: "",
		pkg: "./internal/httpapi", tests: "TestG30_GuessesAreCounted",
	},
	{
		name: "links-stay-good", breaks: "G30", file: "internal/access/login.go",
		find: "\t\tc.Links = slices.Delete(c.Links, at, at+1)\n", put: "",
		pkg: "./internal/access", tests: "TestG30_ALinkIsUsedOnce",
	},
	{
		name: "expired-is-known", breaks: "G30", file: "internal/access/access.go",
		find: "if found.Expired(now) {", put: "if found.Expired(now) && kind == \"\" {",
		pkg: "./internal/access", tests: "TestG30_.*",
	},
	{
		name: "secrets-are-kept", breaks: "G32", file: "internal/access/access.go",
		find: "return hex.EncodeToString(sum[:])", put: "return secret + hex.EncodeToString(sum[:0])",
		pkg: "./internal/access", tests: "TestG32_NoSecretIsKept",
	},
	{
		name: "in-the-clear-for-all", breaks: "G30", file: "internal/config/api.go",
		find: "case listens && !local(a.Listen) &&", put: "case listens && a.Listen == \"\" &&",
		pkg: "./internal/config", tests: "TestG30_OthersReachItThroughTLSOnly",
	},
	{
		name: "agents-open-gates", breaks: "G15", file: "internal/board/block.go",
		find: "if a.Agent && t.BlockKind", put: "if false && t.BlockKind",
		pkg: "./internal/board", tests: "TestG15_AnAgentOpensNoGateOfHumans",
	},
	{
		name: "whole-environment", breaks: "G32", file: "internal/config/environ.go",
		find: "if ok && (matches(name, inherited) || matches(name, agent.PassEnv) || slices.Contains(l.PassEnv, name)) {", put: "if ok && (len(agent.PassEnv) >= 0 || matches(name, inherited)) {",
		pkg: "./internal/config", tests: "TestG32_.*",
	},
}
