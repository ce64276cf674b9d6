package browser

import (
	"net/http"
	"strings"
	"testing"
)

const subscribeForm = `role=form[name="New subscription"] >> `

// lanesWith has a sink, ops, beside the lanes.
func lanesWith(receiver *hook) string {
	return lanes + "notify: {sinks: {ops: {type: webhook, url: \"" + receiver.url + "\"}}}\n"
}

// A subscription is made, heard of, changed and ended, each with its way back.
func TestSubscriptions(t *testing.T) {
	receiver := newHook(t, http.StatusOK)
	h := newHome(t, lanesWith(receiver))
	task := h.add("paint the fence", "--lane", "ours")
	p := h.browse()
	p.Open("/notifications")
	p.Eventually("Nobody hears of what happens on this board")
	p.Type(subscribeForm+`role=combobox[name="Only of these tasks"]`, "fence")
	p.Click(subscribeForm + `role=option[name*="paint the fence"]`)
	p.Click(subscribeForm + `role=radio[name="Only some kinds"]`)
	p.Click(subscribeForm + `role=checkbox[name="Commented on"]`)
	p.Click(subscribeForm + `role=button[name="Subscribe"]`)
	p.Eventually("Done, Asks, or is blocked, Commented on")
	h.andon("comment", task, "the first coat is on")
	receiver.hears(t, `"kind":"commented"`)

	p.Click(`role=button[name="Change what ops hears of"]`)
	change := `role=form[name="Change what ops hears of"] >> `
	p.Click(change + `role=checkbox[name="Commented on"]`)
	p.Click(change + `role=checkbox[name="Asks, or is blocked"]`)
	p.Click(change + `role=button[name="Save"]`)
	p.Eventually("ops hears of: Done")
	h.andon("comment", task, "nobody hears this")
	h.andon("complete", task, "--summary", "red all over")
	receiver.hears(t, "red all over")
	if n := len(receiver.received); n != 2 {
		t.Errorf("%d messages: %q", n, receiver.received)
	}

	p.Click(`role=button[name="Remove ops"]`)
	p.Eventually("Nobody hears of what happens on this board")
	p.Press("z")
	p.See(`role=button[name="Remove ops"]`)
	var subs struct {
		Items []struct {
			Task  string
			Kinds []string
		}
	}
	h.ask(&subs, "notify", "list")
	if len(subs.Items) != 1 || subs.Items[0].Task != task || strings.Join(subs.Items[0].Kinds, " ") != "completed" {
		t.Errorf("subscriptions %+v", subs.Items)
	}
}

// On a task's page one place hears of it at the flip of a switch, and no more at the
// next.
func TestATaskIsToldAtTheFlipOfASwitch(t *testing.T) {
	receiver := newHook(t, http.StatusOK)
	h := newHome(t, lanesWith(receiver))
	task := h.add("paint the fence", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default/t/" + task)
	told := `role=region[name="Who hears of it"] >> role=switch[name="ops"]`
	p.Click(told)
	p.Until(`document.querySelector('input[role=switch]').checked`)
	h.andon("block", task, "which colour?")
	receiver.hears(t, "which colour?")
	p.Reload()
	p.Until(`document.querySelector('input[role=switch]')?.checked`)
	p.Click(told)
	until(t, "nobody is subscribed", func() bool {
		var subs struct{ Items []struct{ Task string } }
		h.ask(&subs, "notify", "list")
		return len(subs.Items) == 0
	})
}

// What could not be delivered is shown with the reason, and goes out once its receiver
// is mended: one message, or all.
func TestParkedMessagesAreSentAgain(t *testing.T) {
	receiver := newHook(t, http.StatusGone)
	h := newHome(t, lanesWith(receiver))
	h.andon("notify", "subscribe", "--sink", "ops", "--kinds", "completed")
	first := ""
	for _, title := range []string{"three", "two", "one"} {
		first = h.add("paint number "+title, "--lane", "quick")
		h.reaches(first, "done")
	}
	p := h.browse()
	p.Open("/notifications")
	p.Eventually("3 messages could not be delivered")
	p.Eventually("answered 410 Gone")
	receiver.answer(http.StatusOK)
	p.Count(3, `role=button[name^="Send again: completed"]`)
	p.Click(`role=button[name="Send again: completed ` + first + `"]`)
	p.Eventually("2 messages could not be delivered")
	p.Click(`role=button[name="Send all again"]`)
	p.Gone(`role=region[name*="could not be delivered"]`)
	for _, title := range []string{"one", "two", "three"} {
		receiver.hears(t, "paint number "+title)
	}
}

// Without a sink one learns how to name one.
func TestWithoutASinkOneLearnsHow(t *testing.T) {
	h := newHome(t, lanes)
	h.add("anything", "--lane", "ours")
	p := h.browse()
	p.Open("/notifications")
	p.Eventually("ops: {type: webhook")
	p.Gone(`role=button[name="Subscribe"]`)
}
