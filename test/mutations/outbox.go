package main

// ofOutbox are breaches of what docs/notifications.md promises.
var ofOutbox = []mutation{
	{
		name: "a-wish-a-message", breaks: "G20", file: "internal/board/deliver.go",
		find: "return o.Destination == s.Destination })", put: "return o.ID == s.ID })",
		pkg: "./internal/notify", tests: "TestG20_SeveralWishesOfAPlaceAreOneMessage",
	},
	{
		name: "a-key-for-each-try", breaks: "G20", file: "internal/notify/compose.go",
		find: `fmt.Sprintf("%s-%d-%d", slug, to.ID, e.ID)`, put: `fmt.Sprintf("%s-%d-%d.%d", slug, to.ID, e.ID, d.Attempts)`,
		pkg: "./internal/notify", tests: "TestG20_FailuresAreTriedAgainInOrder",
	},
	{
		name: "digest-bound-anew", breaks: "G20", file: "internal/board/outbox.go",
		find: "next, err = r.Batch(next[0].Batch)", put: "next, err = r.Pending(destination, 50)",
		pkg: "./internal/notify", tests: "TestG20_WhateverFailsAndWheneverItIsKilled",
	},
	{
		name: "mute-ignored", breaks: "G20", file: "internal/board/deliver.go",
		find: "if !muted {", put: "if !muted || e.ID > 0 {",
		pkg: "./internal/board", tests: "TestG20_WhatARunCreatesIsHeardOfWithItsTask",
	},
	{
		name: "decided-in-silence", breaks: "G20", file: "internal/board/deliver.go",
		find: "if d.Event.ID == 0 || kanban.Asks(d.Event.Kind) {", put: "if d.Event.ID == 0 {",
		pkg: "./internal/board", tests: "TestG20_WhatIsDecidedIsToldToWhoeverWasAsked",
	},
	{
		name: "urgent-in-a-digest", breaks: "G20", file: "internal/board/outbox.go",
		find: "d.Subscription == 0 || loud <= few && urgent(d.Event)", put: "d.Subscription == 0",
		pkg: "./internal/board", tests: "TestG20_BindKeepsWhatIsUrgentApart",
	},
	{
		name: "decided-and-said-anew", breaks: "G20", file: "internal/notify/telegram/telegram.go",
		find: "if m.Settles {", put: "if m.Settles && m.Prior == \"\" {",
		pkg: "./internal/notify/telegram", tests: "TestG20_WhatIsDecidedIsNoMessageOfItsOwn",
	},
	{
		name: "labels-unasked", breaks: "G20", file: "internal/board/deliver.go",
		find: "t.Labelled(s.Labels)", put: "true",
		pkg: "./internal/board", tests: "TestG20_FiltersHoldTogether",
	},
	{
		name: "newest-first", breaks: "G20", file: "internal/store/memory/outbox.go",
		find: "cmp.Compare(a.event, b.event))", put: "cmp.Compare(b.event, a.event))",
		pkg: "./internal/notify", tests: "TestG20_FailuresAreTriedAgainInOrder",
	},
	{
		name: "retry-after-ignored", breaks: "G20", file: "internal/notify/queue.go",
		find: "wait > 0 && wait <= patience {", put: "wait > patience {",
		pkg: "./internal/notify", tests: "TestG20_RetryAfterHoldsWhatIsRetriedByHandToo",
	},
	{
		name: "children-unheard", breaks: "G20", file: "internal/store/memory/subscriptions.go",
		find: "!x.Alone && slices.Contains(chain, x.Task)", put: "!x.Alone && slices.Contains(chain[:0], x.Task)",
		pkg: "./internal/board", tests: "TestG20_WhatARunCreatesIsHeardOfWithItsTask",
	},
	{
		name: "end-takes-all", breaks: "G20", file: "internal/board/subscribe.go",
		find: "if b.SamePlace(at, s.Place()) && !s.CreatedAt.After(d.Event.At) {", put: "if !b.SamePlace(at, s.Place()) && s.ID == 0 {",
		pkg: "./internal/board", tests: "TestG20_AnEndedSubscriptionTakesItsOwnOnly",
	},
	{
		name: "any-press", breaks: "G30", file: "internal/chat/press.go",
		find: "if !ok || !offered(p) {", put: "if !ok {",
		pkg: "./internal/chat", tests: "TestG30_APressIsOneThatWasOffered",
	},
	{
		name: "an-old-button-is-free", breaks: "G30", file: "internal/chat/hear.go",
		find: "if err == nil && !known {", put: "if err == nil && !known && in.Old == known {",
		pkg: "./internal/chat", tests: "TestG30_AnOldButtonAllowsNoMoreThanItsPlace",
	},
	{
		name: "a-name-a-place", breaks: "G20", file: "internal/board/place.go",
		find: "slices.Contains(names, target) {\n\t\t\treturn names", put: "slices.Contains(names, target) {\n\t\t\treturn []string{target}",
		pkg: "./internal/board", tests: "TestG20_APlaceIsOneWhateverItIsCalled",
	},
	{
		name: "heard-in-memory", breaks: "G20", file: "internal/chat/desk.go",
		find: "if matters(in) {", put: "if false && matters(in) {",
		pkg: "./internal/chat", tests: "TestG20_WhatWasHeardOutlivesTheGateway",
	},
	{
		name: "confirmed-too-early", breaks: "G20", file: "internal/chat/telegram/confirm.go",
		find: "for c.open.Load() > 0 {", put: "for c.open.Load() > 1000 {",
		pkg: "./internal/chat/telegram", tests: "TestG20_AnUpdateIsConfirmedOnceItIsTakenIn",
	},
	{
		name: "tried-for-ever", breaks: "G14", file: "internal/chat/kept.go",
		find: "over := m.Tries >= maxTries || ", put: "over := ",
		pkg: "./internal/chat", tests: "TestG14_AMessageThatEndsGatewaysIsNotTriedForEver",
	},
	{
		name: "question-overwritten", breaks: "G20", file: "internal/notify/compose.go",
		find: "if aside(d) {", put: "if false && aside(d) {",
		pkg: "./internal/notify", tests: "TestG20_TheMessageOfATaskIsRemembered",
	},
	{
		name: "limit-left-behind", breaks: "G30", file: "internal/guests/names.go",
		find: "s.Place.Chat == from }", put: "s.Place.Chat == from && s.AtMost == 0 }",
		pkg: "./internal/guests", tests: "TestG30_WhatWasSaidOfAChatHoldsUnderItsNewID",
	},
	{
		name: "late-all-the-same", breaks: "G15", file: "internal/chat/press.go",
		find: "if err != nil || len(since.Items) == 0 {", put: "if err != nil || len(since.Items) >= 0 {",
		pkg: "./internal/chat", tests: "TestG15_WhatWasDecidedSinceIsNotDecidedAgain",
	},
}
