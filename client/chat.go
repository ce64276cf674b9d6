package client

import (
	"context"
	"net/http"
	"time"
)

// Chat is who speaks to Andon in chats, and how that stands.
type Chat struct {
	Connections []ChatConnection `json:"connections"`
	Guests      []ChatGuest      `json:"guests"`
	Waiting     []ChatWaiting    `json:"waiting" doc:"who asked to come in and was not approved yet"`
}

// ChatConnection is one bot's.
type ChatConnection struct {
	Sink    string    `json:"sink" doc:"its sink in andon.yaml"`
	Trouble string    `json:"trouble,omitempty" doc:"why it receives nothing"`
	Since   time.Time `json:"since"`
}

// ChatGuest is somebody who may come in from a chat.
type ChatGuest struct {
	Name  string    `json:"name" doc:"what events call them"`
	Sink  string    `json:"sink"`
	User  string    `json:"user" doc:"the platform's id"`
	Shown string    `json:"shown,omitempty" doc:"as the platform showed them"`
	Role  string    `json:"role" doc:"read, comment, operate or admin"`
	Home  string    `json:"home,omitempty" doc:"the chat that their own messages go to"`
	By    string    `json:"by" doc:"who let them in"`
	Since time.Time `json:"since"`
}

// ChatWaiting is somebody who asked to come in.
type ChatWaiting struct {
	Sink  string    `json:"sink"`
	User  string    `json:"user"`
	Shown string    `json:"shown,omitempty"`
	Until time.Time `json:"until" doc:"their code is valid until then"`
}

// ChatApproval lets in who was given a code.
type ChatApproval struct {
	Code string `json:"code"`
	Name string `json:"name,omitempty" doc:"absent: as the platform shows them"`
	Role string `json:"role" doc:"read, comment, operate or admin"`
}

// ChatRole is what a guest may do from now on.
type ChatRole struct {
	Role string `json:"role" doc:"read, comment, operate or admin"`
}

// ChatConnect asks for a bot to be connected.
type ChatConnect struct {
	Type     string `json:"type" enum:"telegram,slack"`
	Name     string `json:"name,omitempty" doc:"of its sink in andon.yaml; absent: as the type"`
	Token    string `json:"token" doc:"of the bot"`
	AppToken string `json:"app_token,omitempty" doc:"of the app, which slack needs to listen"`
	Chat     string `json:"chat,omitempty" doc:"where messages go that name no chat"`
	API      string `json:"api,omitempty" doc:"of the platform, if not its own"`
}

// ChatConnected is a bot that was connected.
type ChatConnected struct {
	Sink string `json:"sink"`
	Bot  string `json:"bot" doc:"as the platform calls it"`
	URL  string `json:"url,omitempty" doc:"where people write to it"`
}

// ConnectChat connects a bot: its tokens are checked and kept, and its sink is
// written into andon.yaml.
func (c *Client) ConnectChat(ctx context.Context, o ChatConnect) (ChatConnected, error) {
	return call[ChatConnected](ctx, c, post("chat", "connections").with(o))
}

// Chat tells who speaks to Andon in chats.
func (c *Client) Chat(ctx context.Context) (Chat, error) { return call[Chat](ctx, c, get("chat")) }

// ApproveGuest lets in who was given a code.
func (c *Client) ApproveGuest(ctx context.Context, a ChatApproval) (ChatGuest, error) {
	return call[ChatGuest](ctx, c, post("chat", "guests").with(a))
}

// SetGuestRole changes what a guest may do.
func (c *Client) SetGuestRole(ctx context.Context, name, role string) (ChatGuest, error) {
	r := request{method: http.MethodPatch, path: path("chat", "guests", name)}
	return call[ChatGuest](ctx, c, r.with(ChatRole{role}))
}

// RemoveGuest shows a guest the door.
func (c *Client) RemoveGuest(ctx context.Context, name string) error {
	return c.do(ctx, del("chat", "guests", name))
}
