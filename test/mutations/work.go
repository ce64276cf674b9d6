package main

// ofWork are breaches of the promises about claims, runs and their ends.
var ofWork = []mutation{
	{
		name: "claims-a-live-tree", breaks: "G12", file: "internal/board/claim.go",
		find: "case t.Status != kanban.Ready || t.LiveRun != 0:", put: "case t.Status != kanban.Ready:",
		pkg: "./internal/board", tests: "TestG10_What.*",
	},
	{
		name: "hand-over-the-cap", breaks: "G16", file: "internal/dispatch/ask.go",
		find: "keptBy(t.Barriers(q.Lane), ", put: "keptBy(nil, ",
		pkg: "./internal/dispatch", tests: "TestG16_ManyAsksPassNoCap|TestG16_TheCordKeepsClaimsByHand",
	},
	{
		name: "guest-beside-a-guest", breaks: "G12", file: "internal/dispatch/guest.go",
		find: "\tif r.row.Live {\n\t\tif err := r.clear(ctx); err != nil {", put: "\tif r.row.Live {\n\t\tif err := ctx.Err(); err != nil {",
		pkg: "./internal/dispatch", tests: "TestG12_NoSecondWorkerBesideAGuests",
	},
	{
		name: "never-pauses", breaks: "G14", file: "internal/board/pause.go",
		find: "len(s.tasks) >= after", put: "len(s.tasks) >= 1000",
		pkg: "./internal/board", tests: "TestG14_AlikeFailures.*",
	},
	{
		name: "a-pause-costs-no-attempt", breaks: "G14", file: "internal/board/end.go",
		find: "\tv.Open = v.Open || e.tooLong\n", put: "\tif e.Pause != nil {\n\t\tv.Failures, v.Open = t.Failures, false\n\t}\n\tv.Open = v.Open || e.tooLong\n",
		pkg: "./internal/board", tests: "TestG14_ResumingGivesNoAttempts",
	},
	{
		name: "resume-opens-at-once", breaks: "G14", file: "internal/board/trial.go",
		find: "if err != nil || len(begun) == 0 {", put: "if err != nil || len(begun) >= 0 {",
		pkg: "./internal/board", tests: "TestG14_AfterAPauseOneRunTries",
	},
	{
		name: "a-trial-ends-with-the-gateway", breaks: "G14", file: "internal/board/trial.go",
		find: "err == nil && alike.pauses(p, s.Retry.PauseAfter)", put: "err == nil && alike.pauses(p, 0)",
		pkg: "./internal/board", tests: "TestG14_AfterAPauseOneRunTries",
	},
	{
		name: "a-pause-holds-nothing", breaks: "G14", file: "internal/board/claim.go",
		find: "store.Skip{Tenants: full, Repos: o.HeldRepos}", put: "store.Skip{Tenants: full}",
		pkg: "./internal/board", tests: "TestG14_AlikeFailuresOfARepository",
	},
	{
		name: "inbox-omits", breaks: "G18", file: "internal/board/inbox.go",
		find: "kanban.Triage, kanban.Todo, kanban.Scheduled, kanban.Ready, kanban.Running, kanban.Blocked, kanban.Review,", put: "kanban.Todo, kanban.Ready, kanban.Blocked, kanban.Review,",
		pkg: "./internal/board", tests: "TestG18_NobodyIsForgottenInTheInbox",
	},
	{
		name: "merge-skipped", breaks: "G19", file: "internal/workspace/origin.go",
		find: "for i, next := range all[1:] {", put: "for i, next := range all[1:1] {",
		pkg: "./internal/workspace", tests: "TestG19_ChildOfSeveralParents|TestG19_ParentsThatConflict",
	},
	{
		name: "snapshot-forgotten", breaks: "G22", file: "internal/workspace/origin.go",
		find: "if spec.Snapshot == \"\" || spec.Fresh {", put: "if spec.Snapshot != \"\" || spec.Fresh {",
		pkg: "./internal/workspace", tests: "TestG22_ContinueInATreeThatIsGone",
	},
	{
		name: "no-guard", breaks: "G02", file: "internal/dispatch/hermes.go",
		find: "o.Guard = r.d.Database(r.key.board)", put: "_ = r.d.Database",
		pkg: "./test/script", tests: "TestScript/hermes$",
	},
	{
		name: "former-dispatcher", breaks: "G10", file: "internal/board/claim.go",
		find: "if err != nil || epoch == want {", put: "if err != nil || epoch >= want {",
		pkg: "./internal/board", tests: "TestG10_FormerDispatcherClaimsNothing",
	},
	{
		name: "no-token", breaks: "G11", file: "internal/board/lease.go",
		find: "\tif !holds(r, l.Token) {", put: "\tif l.Token == \"\" {",
		pkg: "./internal/board", tests: "TestG11_.*",
	},
	{
		name: "stale-run-accepted", breaks: "G11", file: "internal/board/lease.go",
		find: "\tif t.CurrentRun != r.ID || !r.Open() {", put: "\tif t.CurrentRun == 0 {",
		pkg: "./internal/board", tests: "TestG11_.*",
	},
	{
		name: "floods-pass", breaks: "G31", file: "internal/httpapi/flood.go",
		find: "\tone.left--\n", put: "",
		pkg: "./internal/httpapi", tests: "TestG31_AFloodOfOneRunIsCapped",
	},
	{
		name: "nothing-is-reserved", breaks: "G16", file: "internal/board/claim.go",
		find: "|| o.Tree, Reserved: limit,\n", put: "|| o.Tree,\n",
		pkg: "./internal/board", tests: "TestG16_.*|TestG15_G16_.*",
	},
	{
		name: "reserved-is-free", breaks: "G16", file: "internal/policy/allow.go",
		find: "left := limit - d.of(s.Used) - d.of(s.Reserved)", put: "left := limit - d.of(s.Used)",
		pkg: "./internal/policy", tests: "TestG16_.*",
	},
	{
		name: "limit-ignored-while-running", breaks: "G16", file: "internal/board/meter.go",
		find: "return r, b.stopIfOver(tx, r)", put: "return r, nil",
		pkg: "./internal/board", tests: "TestG16_TheOvershootIsOneReport",
	},
	{
		name: "overspent-is-tried-again", breaks: "G16", file: "internal/board/end.go",
		find: "if overspent(r) { // another", put: "if false { // another",
		pkg: "./internal/board", tests: "TestG16_WhatIsKnownTooLateCounts",
	},
	{
		name: "overspent-untold", breaks: "G16", file: "internal/board/end.go",
		find: "	return r, b.noteOverspent(tx, r)\n", put: "	return r, nil\n",
		pkg: "./internal/board", tests: "TestG16_WhatIsKnownTooLateCounts",
	},
	{
		name: "planned-is-free", breaks: "G16", file: "internal/board/foresee.go",
		find: "append(f.planned[b.slug], row)", put: "append(f.planned[b.slug], store.Spent{})",
		pkg: "./internal/board", tests: "TestG16_G18_ADryRunReservesAsClaimsDo",
	},
	{
		name: "unblock-opens-a-budget", breaks: "G15", file: "internal/board/block.go",
		find: "if t.BlockKind == kanban.BudgetSpent {", put: "if t.BlockKind == \"\" {",
		pkg: "./internal/board", tests: "TestG15_G16_.*",
	},
	{
		name: "pid-is-identity", breaks: "G12", file: "internal/worker/identity.go",
		find: "\tif now != id {", put: "\tif now.PID != id.PID {",
		pkg: "./internal/worker", tests: "TestG12_ProcessWithTheSamePidIsNotSignalled",
	},
	{
		name: "orphans-live-on", breaks: "G12", file: "internal/dispatch/settle.go",
		find: "\tif err := r.clear(ctx); err != nil {", put: "\tif err := ctx.Err(); err != nil {",
		pkg: "./internal/dispatch", tests: "TestG12_OrphansEndFirst",
	},
	{
		name: "exit-forgotten", breaks: "G13", file: "internal/dispatch/settle.go",
		find: "\tif err == nil {\n\t\tr.judge(ctx, exit, stalled)\n\t\treturn\n\t}\n", put: "\t_ = exit\n",
		pkg: "./internal/dispatch", tests: "TestG13_.*",
	},
	{
		name: "no-breaker", breaks: "G14", file: "internal/policy/retry.go",
		find: "\t\tv.Open = v.Failures >= v.Limit\n", put: "\t\tv.Open = v.Failures > v.Limit\n",
		pkg: "./internal/policy", tests: "TestG14_.*",
	},
	{
		name: "quota-without-its-time", breaks: "G14", file: "internal/dispatch/agent.go",
		find: "e.Outcome, e.Until, e.Error = kanban.RateLimited, v.Until, ", put: "e.Outcome, e.Until, e.Error = kanban.RateLimited, preset.Verdict{}.Until, ",
		pkg: "./internal/dispatch", tests: "TestG14_QuotaCoolsTheAccountUntilItsReset",
	},
	{
		name: "refused-account-goes-on", breaks: "G14", file: "internal/dispatch/settle.go",
		find: "if r.denied != \"\" {", put: "if r.denied == \"never\" {",
		pkg: "./internal/dispatch", tests: "TestG14_RefusedAccountWaitsForAHuman",
	},
	{
		name: "losses-without-end", breaks: "G14", file: "internal/policy/retry.go",
		find: "\t\tv.Open = v.Losses >= MaxLosses\n", put: "",
		pkg: "./internal/board", tests: "TestG14_.*",
	},
	{
		name: "blocked-is-promoted", breaks: "G15", file: "internal/kanban/transitions.go",
		find: "\t{From: Ready, Action: Demote, By: Dispatcher, To: Todo},\n", put: "\t{From: Ready, Action: Demote, By: Dispatcher, To: Todo},\n\t{From: Blocked, Action: Promote, By: Dispatcher, To: Ready},\n",
		pkg: "./internal/kanban", tests: "TestG1[45]_.*",
	},
	{
		name: "worker-approves-plan", breaks: "G15", file: "internal/board/plan.go",
		find: "\tif err := onlyHuman(a, \"approving a plan\"); err != nil {\n\t\treturn Planning{}, err\n\t}\n", put: "",
		pkg: "./internal/board", tests: "TestG15_OnlyHumansPlan",
	},
	{
		name: "plan-applied-unseen", breaks: "G15", file: "internal/board/plan.go",
		find: "\t\tif err != nil || !p.Approve {\n", put: "\t\tif err != nil {\n",
		pkg: "./internal/planner", tests: "TestPlans",
	},
	{
		name: "plan-for-any-lane", breaks: "G17", file: "internal/board/plan.go",
		find: "\t\t\tif _, ok := s.Lanes[name]; ok || name == \"\" {\n", put: "\t\t\tif true {\n",
		pkg: "./internal/board", tests: "TestG17_PlanRefused",
	},
	{
		name: "worker-unblocks", breaks: "G15", file: "internal/kanban/transitions.go",
		find: "\t{From: Blocked, Action: Unblock, By: Human, To: Ready},\n", put: "\t{From: Blocked, Action: Unblock, By: Human | Worker, To: Ready},\n",
		pkg: "./internal/kanban", tests: "TestG1[45]_.*",
	},
	{
		name: "believes-the-environment", breaks: "G15", file: "internal/worker/inside.go",
		find: "\t\tif dir, ok := supervisors(id); ok {\n\t\t\treturn dir, true, nil\n\t\t}\n", put: "\t\t_ = id\n",
		pkg: "./internal/worker", tests: "TestG15_.*",
	},
	{
		name: "proof-of-death-skipped", breaks: "G12", file: "internal/board/end.go",
		find: "\tif r.Live {\n\t\tt.LiveRun = r.ID\n\t}\n", put: "",
		pkg: "./test/simulate", tests: "Nights",
	},
	{
		name: "no-board-cap", breaks: "G16", file: "internal/board/claim.go",
		find: "err != nil || !policy.Room(s.BoardCap, n) {", put: "err != nil || n < 0 {",
		pkg: "./internal/board", tests: "TestG16_CapsHoldInTheClaim",
	},
	{
		name: "no-lane-cap", breaks: "G16", file: "internal/dispatch/start.go",
		find: "policy.Room(lane.MaxParallel, perLane[name]) && ", put: "perLane[name] >= 0 && ",
		pkg: "./internal/dispatch", tests: "TestG16_CapsHold",
	},
	{
		name: "any-parent-will-do", breaks: "G17", file: "internal/board/move.go",
		find: "\t\tif !l.Satisfied(p) {", put: "\t\tif !l.Satisfied(p) && len(links) == 1 {",
		pkg: "./internal/board", tests: "TestG17_.*",
	},
	{
		name: "another-revision-is-approved", breaks: "G15", file: "internal/board/reviewer.go",
		find: "if about != \"\" && about != t.Revision {", put: "if about == \"never\" {",
		pkg: "./internal/board", tests: "TestG15_ApprovalIsBoundToTheRevision",
	},
	{
		name: "the-author-approves", breaks: "G15", file: "internal/board/reviewer.go",
		find: "review.Reviews != t.ID || review.CurrentRun != a.Run", put: "review.CurrentRun != a.Run && review.Reviews != t.ID",
		pkg: "./internal/board", tests: "TestG15_NobodyElseGivesAVerdict",
	},
	{
		name: "done-despite-a-failed-verification", breaks: "G14", file: "internal/dispatch/verify.go",
		find: "case why != \"\":", put: "case why == \"never\":",
		pkg: "./test/script", tests: "TestScript/verify$",
	},
	{
		name: "verified-by-half", breaks: "G14", file: "internal/dispatch/verify.go",
		find: "if err == nil && exit.Reason != worker.Stopped {", put: "if err == nil || errors.Is(err, fs.ErrNotExist) {\n\t\texit.Reason, exit.Checks = worker.Exited, append(exit.Checks, worker.Check{})",
		pkg: "./test/simulate", tests: "Test.*_Nights",
	},
	{
		name: "verifies-on-after-the-end", breaks: "G12", file: "internal/dispatch/settle.go",
		find: "if err := r.clearVerification(ctx); err != nil {", put: "if err := ctx.Err(); err != nil {",
		pkg: "./test/script", tests: "TestScript/verify_killed$",
	},
	{
		name: "verified-beside-the-next-run", breaks: "G12", file: "internal/board/verify.go",
		find: "r.Revision, r.Live = rev, true", put: "r.Revision, r.Live = rev, r.Live",
		pkg: "./internal/board", tests: "TestG12_WhatVerifiesKeepsTheNextRunWaiting",
	},
	{
		name: "verified-outside-the-walls", breaks: "G32", file: "internal/dispatch/verify.go",
		find: "return o, r.confine(ctx, lane, t, r.verifyDir(), &o)", put: "return o, nil",
		pkg: "./test/script", tests: "TestScript/verify_(bwrap|landlock)$",
	},
	{
		name: "done-unverified", breaks: "G14", file: "internal/board/complete.go",
		find: "if len(b.commands(t)) > 0 {", put: "if len(b.commands(t)) > 99 {",
		pkg: "./internal/board", tests: "TestG14_VerifyHoldsACompletion",
	},
	{
		name: "a-review-is-not-verified", breaks: "G14", file: "internal/board/review.go",
		find: "if ofRun(a, l) && len(b.commands(t)) > 0 {", put: "if ofRun(a, l) && len(b.commands(t)) > 99 {",
		pkg: "./internal/board", tests: "TestG14_WhatIsLeftToAReviewerIsVerifiedFirst",
	},
	{
		name: "one-round-more", breaks: "G14", file: "internal/board/review.go",
		find: "if rounds > b.maxRounds(t) {", put: "if rounds > b.maxRounds(t)+1 {",
		pkg: "./internal/board", tests: "TestG14_ChangesRequestedUpToMaxRounds",
	},
	{
		name: "another-lane-asks-less", breaks: "G15", file: "internal/board/assign.go",
		find: "\tb.takeAlong(a, &t, to)\n", put: "\tif a.Agent {\n\t\tb.takeAlong(a, &t, to)\n\t}\n",
		pkg: "./internal/board", tests: "TestG15_WhatTheOldLaneAsksGoesAlong",
	},
	{
		name: "a-lane-reviews-itself", breaks: "G15", file: "internal/board/judges.go",
		find: "if t.Reviewer == \"\" || t.Reviewer != t.Assignee {", put: "if t.Reviewer != \"never\" {",
		pkg: "./internal/board", tests: "TestG15_NoLaneReviewsItsOwnWork",
	},
	{
		name: "one-of-two-conditions", breaks: "G17", file: "internal/board/create.go",
		find: "twice && before != when {", put: "twice && before != when && when == \"never\" {",
		pkg: "./internal/board", tests: "TestG17_AnEdgeHasOneCondition",
	},
	{
		name: "an-end-is-a-failure", breaks: "G17", file: "internal/kanban/edge.go",
		find: "\tcase l.When == OnFailed:\n\t\treturn parent.Failed()\n", put: "\tcase l.When == OnFailed:\n\t\treturn parent.Failed() || parent.Satisfies()\n",
		pkg: "./internal/board", tests: "TestG17_EdgeConditions",
	},
	{
		name: "a-decided-review-goes-on", breaks: "G15", file: "internal/board/move.go",
		find: "t.Status == kanban.Review && by != kanban.Reviewer {", put: "false {",
		pkg: "./internal/board", tests: "TestG15_ADecidedReviewIsPutAway",
	},
	{
		name: "a-verification-writes", breaks: "G31", file: "internal/board/lease.go",
		find: "\treturn refusePending(a, false, t, run)\n", put: "\t_, _ = t, run\n\treturn nil\n",
		pkg: "./test/script", tests: "TestScript/verify",
	},
	{
		name: "a-former-judge-goes-on", breaks: "G15", file: "internal/board/edit.go",
		find: "if slices.Contains(fields, \"reviewer\") {", put: "if slices.Contains(fields, \"title\") {",
		pkg: "./internal/board", tests: "TestG15_AReviewIsLeftToAnother",
	},
	{
		name: "put-away-what-is-held", breaks: "G15", file: "internal/board/move.go",
		find: "t.Status != kanban.Todo && t.Status != kanban.Ready {\n\t\treturn false, err", put: "t.Status == kanban.Done {\n\t\treturn false, err",
		pkg: "./internal/board", tests: "TestG15_WhatIsInHandStays",
	},
	{
		name: "cycles", breaks: "G17", file: "internal/board/link.go",
		find: "\tif err != nil || path == nil {\n\t\treturn err\n\t}\n", put: "\tif len(path) < 9 {\n\t\treturn err\n\t}\n",
		pkg: "./internal/board", tests: "TestG17_CyclesAreRefused",
	},
	{
		name: "a-gate-unexplained", breaks: "G18", file: "internal/board/explain.go",
		find: "\tif t.LiveRun != 0 && t.CurrentRun == 0 {", put: "\tif t.LiveRun < 0 {",
		pkg: "./internal/board", tests: "TestG18_.*",
	},
	{
		name: "clock-is-trusted", breaks: "G23", file: "internal/dispatch/clock.go",
		find: "\treturn (r.ahead - before).Abs() > leap\n", put: "\treturn (r.ahead - before).Abs() > 10000*leap\n",
		pkg: "./internal/dispatch", tests: "TestG23_.*",
	},
}
