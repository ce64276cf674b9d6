package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

const (
	subscriptionsPath = boardPath + "/subscriptions"
	deliveriesPath    = boardPath + "/deliveries"
	mutesPath         = boardPath + "/mutes"
)

func (s *server) notifyRoutes() {
	route(s, http.MethodGet, subscriptionsPath, "list-subscriptions", "List who wants to hear of what", s.listSubscriptions)
	route(s, http.MethodPost, subscriptionsPath, "subscribe", "Have events told to a sink from now on", s.subscribe)
	route(s, http.MethodPatch, subscriptionsPath+"/{subscription}", "edit-subscription", "Change what a subscription hears of", s.editSubscription)
	route(s, http.MethodDelete, subscriptionsPath+"/{subscription}", "unsubscribe", "End a subscription", s.unsubscribe)
	route(s, http.MethodGet, deliveriesPath, "list-deliveries", "List messages of a state, newest first", s.listDeliveries)
	route(s, http.MethodPost, deliveriesPath+"/retry", "retry-deliveries", "Send parked messages again", s.retryDeliveries)
	route(s, http.MethodPost, deliveriesPath+"/replay", "replay-deliveries", "Tell again what has happened since", s.replay)
	route(s, http.MethodPost, boardPath+"/sinks/test", "test-sink", "Send a message that says only that it is one", s.testSink)
	route(s, http.MethodGet, boardPath+"/places", "list-places", "List what can be told: sinks, and homes of guests", s.listPlaces)
	route(s, http.MethodGet, mutesPath, "list-mutes", "List the places that are kept from hearing", s.listMutes)
	route(s, http.MethodPost, mutesPath, "mute", "Keep a place from hearing from now on", s.mute)
	route(s, http.MethodDelete, mutesPath, "unmute", "Let a place hear again", s.unmute)
}

type listSubscriptionsInput struct {
	BoardPath
	Task   string `query:"task" doc:"those of this task and of the board; absent: all"`
	Sink   string `query:"sink" doc:"those of one place, whatever it is called; absent: of all"`
	Target string `query:"target" doc:"of that place"`
	Thread string `query:"thread" doc:"of that place"`
}

func (s *server) listSubscriptions(ctx context.Context, in *listSubscriptionsInput) (*message[client.Page[client.Subscription]], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	task := in.Task
	if task != "" {
		if task, err = resolve(ctx, b, task); err != nil {
			return nil, err
		}
	}
	subs, err := b.Subscriptions(ctx, task)
	if in.Sink != "" && err == nil {
		var at store.Destination
		at, err = s.place(client.Place{Sink: in.Sink, Target: in.Target, Thread: in.Thread})
		subs = slices.DeleteFunc(subs, func(s store.Subscription) bool { return !b.SamePlace(at, s.Place()) })
	}
	return whole(each(subs, wireSubscription), err)
}

type subscribeInput struct {
	BoardPath
	Body client.SubscriptionCreate
}

type subscribeReply struct {
	Status int
	Body   client.Subscription
}

func (s *server) subscribe(ctx context.Context, in *subscribeInput) (*subscribeReply, error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	w := in.Body
	at, err := s.place(client.Place{Sink: w.Sink, Target: w.Target, Thread: w.Thread})
	if err != nil {
		return nil, err
	}
	sub := store.Subscription{
		Task: w.Task, Lane: w.Lane, Tenant: w.Tenant, Creator: w.Creator, Labels: w.Labels, Alone: w.Alone,
		Sink: at.Sink, Target: at.Target, Thread: at.Thread, Kinds: eventKinds(w.Kinds),
	}
	if sub.Task != "" {
		if sub.Task, err = resolve(ctx, b, sub.Task); err != nil {
			return nil, err
		}
	}
	sub, created, err := b.Subscribe(ctx, actor(ctx), sub)
	if err != nil {
		return nil, err
	}
	out := &subscribeReply{http.StatusOK, wireSubscription(sub)}
	if created {
		out.Status, out.Body.Created = http.StatusCreated, true
	}
	if warning := b.SinkWarning(sub.Sink); warning != "" {
		out.Body.Warnings = []string{warning}
	}
	return out, nil
}

func eventKinds(names []string) []kanban.EventKind {
	return each(names, func(k string) kanban.EventKind { return kanban.EventKind(k) })
}

type editSubscriptionInput struct {
	BoardPath
	Subscription int64 `path:"subscription"`
	Body         client.SubscriptionEdit
}

func (s *server) editSubscription(ctx context.Context, in *editSubscriptionInput) (*message[client.Subscription], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	sub, err := b.ChangeKinds(ctx, actor(ctx), in.Subscription, eventKinds(in.Body.Kinds))
	return answer(wireSubscription(sub), err)
}

type subscriptionInput struct {
	BoardPath
	Subscription int64 `path:"subscription"`
}

func (s *server) unsubscribe(ctx context.Context, in *subscriptionInput) (*nothing, error) {
	if _, err := human(ctx, "unsubscribe"); err != nil {
		return nil, err
	}
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	return done(b.Unsubscribe(ctx, in.Subscription))
}

type listDeliveriesInput struct {
	BoardPath
	State string `query:"state" enum:"pending,delivered,parked,undelivered" doc:"parked if absent; undelivered is pending and parked, as they are at one moment"`
	Limit int    `query:"limit" minimum:"1" maximum:"10000" doc:"100 if absent"`
}

const deliveryLimit = 100

func (s *server) listDeliveries(ctx context.Context, in *listDeliveriesInput) (*message[client.Page[client.Delivery]], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	limit := cmp.Or(in.Limit, deliveryLimit)
	if in.State == "undelivered" {
		all, err := b.Undelivered(ctx, limit)
		return whole(each(all, wireMessage), err)
	}
	all, err := b.Messages(ctx, cmp.Or(store.DeliveryState(in.State), store.Parked), limit)
	return whole(each(all, wireMessage), err)
}

type retryDeliveriesInput struct {
	BoardPath
	ID int64 `query:"id" doc:"only this one; absent: all that are parked"`
}

func (s *server) retryDeliveries(ctx context.Context, in *retryDeliveriesInput) (*message[client.Count], error) {
	if _, err := human(ctx, "retry of messages"); err != nil {
		return nil, err
	}
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	n, err := b.RetryParked(ctx, in.ID)
	return answer(client.Count{Count: n}, err)
}
