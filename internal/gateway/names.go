package gateway

import "slices"

// called are all names of the chat that a target of a sink stands for, "" first if
// it is the sink's own; none if no chat is named.
func (a *app) called(sink, target string) []string {
	own := a.config.Load().Notify.Sinks[sink].Chat
	if target == "" {
		target = own
	}
	if target == "" {
		return nil
	}
	names := a.chatNames(sink, target)
	if slices.Contains(names, own) {
		names = append([]string{""}, names...)
	}
	return names
}

// chatNames are the id of a chat and what else it is called. Where that cannot be
// read a chat is what it is called here: messages go out all the same.
func (a *app) chatNames(sink, chat string) []string {
	names, err := a.guests.Names(sink, chat)
	if err != nil {
		return []string{chat}
	}
	return names
}

// found notes what a platform itself calls a target.
func (a *app) found(sink, target, chat string) {
	if target == "" {
		target = a.config.Load().Notify.Sinks[sink].Chat
	}
	if err := a.guests.Call(sink, target, chat); err != nil {
		a.Log.Warn("what a chat is called cannot be noted: it may be taken for two", "sink", sink, "error", err)
	}
}
