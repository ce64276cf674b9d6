package guests

import "slices"

// maxNames bounds how many names of chats are known; the oldest are forgotten.
const maxNames = 1000

// name is what a chat is called beside its id: the #name of a channel, or the id
// that a group had before it became a supergroup.
type name struct {
	Sink string `json:"sink"`
	Name string `json:"name"`
	Chat string `json:"chat"` // the platform's id of it now
}

// Call notes which chat a name stands for now, as its platform says. What was said
// of that name and of its threads holds of the chat.
func (b *Book) Call(sink, called, chat string) error {
	c, err := b.read()
	if err != nil {
		return err
	}
	if slices.Contains(c.Names, name{sink, called, chat}) || called == chat {
		return nil
	}
	return b.change(func(c *content) error {
		c.call(sink, called, chat)
		return nil
	})
}

func (c *content) call(sink, called, chat string) {
	c.Names = slices.DeleteFunc(c.Names, func(n name) bool {
		return n.Sink == sink && (n.Name == called || n.Name == chat) // an id that it has is no name
	})
	for i := range c.Names {
		if n := &c.Names[i]; n.Sink == sink && n.Chat == called {
			n.Chat = chat
		}
	}
	c.Names = append(c.Names, name{sink, called, chat})
	c.Names = c.Names[max(0, len(c.Names)-maxNames):]
	for i := range c.Guests {
		if g := &c.Guests[i]; g.Sink == sink && g.Home != nil && g.Home.Chat == called {
			g.Home = &Place{Chat: chat, Thread: g.Home.Thread}
		}
	}
	c.moveSettings(sink, called, chat)
}

// moveSettings leaves what was said under the new id already, but for a limit that
// was stricter under the old one.
func (c *content) moveSettings(sink, from, to string) {
	old := func(s Setting) bool { return s.Sink == sink && s.Place.Chat == from }
	for _, s := range c.Settings {
		if !old(s) {
			continue
		}
		s.Place.Chat = to
		i := slices.IndexFunc(c.Settings, func(o Setting) bool { return o.Sink == sink && o.Place == s.Place })
		if i < 0 {
			c.Settings = append(c.Settings, s)
			continue
		}
		c.Settings[i].AtMost = Stricter(c.Settings[i].AtMost, s.AtMost)
	}
	c.Settings = slices.DeleteFunc(c.Settings, old)
}

// Names are the id of the chat that a name stands for, as far as that is known, and
// all other names of it.
func (b *Book) Names(sink, called string) ([]string, error) {
	c, err := b.read()
	if err != nil {
		return nil, err
	}
	names := []string{called}
	if i := slices.IndexFunc(c.Names, func(n name) bool { return n.Sink == sink && n.Name == called }); i >= 0 {
		names[0] = c.Names[i].Chat
	}
	for _, n := range c.Names {
		if n.Sink == sink && n.Chat == names[0] {
			names = append(names, n.Name)
		}
	}
	return names, nil
}
