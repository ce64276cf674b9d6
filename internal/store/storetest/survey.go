package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// survey asks everything that a Reader can be asked about the tasks of the model
// test.
func survey(s store.Store) map[string]any {
	seen := map[string]any{}
	note := func(err error, value any, question string, args ...any) {
		question = fmt.Sprintf(question, args...)
		if err != nil {
			value = kanban.CodeOf(err)
		}
		seen[question] = value
	}
	err := s.View(context.Background(), func(r store.Reader) error {
		for _, task := range taskNames {
			surveyTask(r, task, note)
		}
		surveyLists(r, note)
		surveyTimes(r, note)
		surveyOutbox(r, note)
		surveyWhole(r, note)
		return nil
	})
	note(err, "ok", "view")
	return seen
}

type noter func(err error, value any, question string, args ...any)

func surveyTask(r store.Reader, id string, note noter) {
	task, err := r.Task(id)
	note(err, task, "task %s", id)
	parents, err := r.Parents(id)
	note(err, parents, "parents of %s", id)
	children, err := r.Children(id)
	note(err, children, "children of %s", id)
	runs, err := r.Runs(id)
	note(err, runs, "runs of %s", id)
	artifacts, err := r.Artifacts(id)
	note(err, artifacts, "artifacts of %s", id)
	kept, err := r.ArtifactKept(id) // the model's contents are named like tasks
	note(err, kept, "content %s", id)
	comments, err := r.Comments(id, 2)
	note(err, comments, "comments on %s", id)
	events, err := r.Events(store.EventQuery{Task: id, Limit: 2, Last: true})
	note(err, events, "last events of %s", id)
	subscriptions, err := r.Subscriptions(id)
	note(err, subscriptions, "subscriptions to %s", id)
	for place := range int64(5) {
		muted, err := r.Muted(place, id, t0.Add(time.Minute))
		note(err, muted, "%s muted at %d", id, place)
		before, err := r.Before(place, id, 5)
		note(err, before, "told of %s at %d before", id, place)
		root, prior, err := r.Posts(place, id)
		note(err, root+" "+prior, "posts about %s at %d", id, place)
	}
	newest, err := r.Newest(id)
	note(err, newest, "newest deliveries about %s", id)
	meta, err := r.Meta(id)
	note(err, meta, "meta %s", id)
	for n := range 6 {
		answer, found, err := r.Operation(fmt.Sprint(id, n))
		note(err, fmt.Sprint(string(answer), found), "operation %s%d", id, n)
	}
}

func surveyLists(r store.Reader, note noter) {
	queries := []store.TaskQuery{
		{},
		{Archived: true, Full: true},
		{Sort: store.ByCreated},
		{Sort: store.ByCreatedDesc, Archived: true},
		{Sort: store.ByUpdatedDesc},
		{Sort: store.ByStatus},
		{Sort: store.ByAssignee},
		{Sort: store.ByTitle},
		{Statuses: []kanban.Status{kanban.Done}},
		{Statuses: []kanban.Status{kanban.Ready, kanban.Archived}},
		{Assignee: "builder"},
		{Tenant: "acme"},
		{Labels: []string{"bug"}},
		{Labels: []string{"bug", "ui"}, Archived: true},
		{Session: "apple"},
		{IDs: taskNames[:2]},
		{Text: "APPLE"},
		{Text: "Über"},
		{Text: "% _"},
		{Text: "t_00 pie"},
	}
	for _, q := range queries {
		q.Limit = 2
		all, err := everyPage(r, q)
		note(err, all, "list %+v", q)
	}
	found, err := r.TaskIDs("t_0000000", 3)
	note(err, found, "ids")
	stats, err := r.Stats()
	note(err, stats, "stats")
	names, err := r.Tenants(0)
	note(err, names, "tenants")
	names, err = r.Labels(0)
	note(err, names, "labels")
	for _, words := range someWords {
		id, err := r.TaskByKey("key" + words)
		note(err, id, "task of key %s", words)
	}
}

func surveyTimes(r store.Reader, note noter) {
	for minutes := range 4 {
		now := t0.Add(time.Duration(minutes)*time.Minute + 3*time.Millisecond)
		for _, lane := range lanes[1:] {
			id, err := r.NextReady(lane, now, store.Skip{})
			note(err, id, "next of %s at %d", lane, minutes)
			id, err = r.NextReady(lane, now, store.Skip{Tenants: []string{"acme"}})
			note(err, id, "next of %s at %d, not of acme", lane, minutes)
		}
		due, err := r.Due(now, 2)
		note(err, due, "due at %d", minutes)
		next, err := r.NextDue(now)
		note(err, next, "next due at %d", minutes)
	}
	free, err := r.Promotable(3)
	note(err, free, "promotable")
	live, err := r.LiveRuns()
	note(err, live, "live runs")
	for _, tenant := range tenants {
		n, err := r.LiveCount(tenant)
		note(err, n, "live runs of %q", tenant)
		recent, err := r.RecentRuns("builder", tenant, taskNames[0], 2)
		note(err, recent, "recent runs of %q", tenant)
	}
	for _, lane := range append(lanes, "") {
		last, err := r.LastRuns(lane, 2)
		note(err, last, "last runs of %q", lane)
	}
}

func surveyOutbox(r store.Reader, note noter) {
	events, err := r.Events(store.EventQuery{})
	note(err, events, "events")
	events, err = r.Events(store.EventQuery{After: 3, Kinds: kanban.EventKinds[1:3]})
	note(err, events, "some events")
	last, err := r.LastEvent()
	note(err, last, "last event")
	since, err := r.FirstSince(t0.Add(2*time.Minute + time.Second/2))
	note(err, since, "first event since")
	subscriptions, err := r.Subscriptions("")
	note(err, subscriptions, "subscriptions")
	surveyDestinations(r, note)
	for _, state := range []store.DeliveryState{store.Pending, store.Delivered, store.Parked} {
		found, err := r.Deliveries(state, 3)
		note(err, found, "deliveries %s", state)
	}
}

func surveyDestinations(r store.Reader, note noter) {
	all, err := r.Destinations()
	note(err, all, "destinations")
	mutes, err := r.Mutes()
	note(err, mutes, "mutes")
	for place := range int64(5) {
		one, err := r.Destination(place)
		note(err, one, "destination %d", place)
		pending, err := r.Pending(place, 2)
		note(err, pending, "pending of %d", place)
		batch, err := r.Batch(place - 1)
		note(err, batch, "batch %d", place-1)
		for n := range int64(5) {
			one, err := r.Subscription(n)
			note(err, one, "subscription %d", n)
			asked, err := r.PendingFor(store.Subscription{ID: n, Destination: place})
			note(err, asked, "pending of %d for %d", place, n)
			meant, err := r.DeliveryOf(place, n)
			note(err, meant, "event %d for %d", n, place)
		}
	}
	for _, sink := range taskNames {
		for _, ref := range someWords {
			post, err := r.Posted(sink, ref)
			note(err, post, "posted %s at %s", ref, sink)
		}
	}
}
