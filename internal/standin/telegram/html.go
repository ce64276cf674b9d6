package telegram

import (
	"html"
	"slices"
	"strings"
)

// tags are the documented tags and the entities they make.
var tags = map[string]string{
	"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
	"a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
}

// parseHTML reads Telegram's HTML style, and refuses what Telegram refuses.
func parseHTML(source string) (text string, entities []Entity, refused *refusal) {
	type open struct {
		tag string
		Entity
	}
	var out strings.Builder
	var stack []open
	length := 0
	for at := 0; at < len(source); {
		if source[at] != '<' {
			end := strings.IndexByte(source[at:], '<')
			if end < 0 {
				end = len(source) - at
			}
			plain := html.UnescapeString(source[at : at+end])
			out.WriteString(plain)
			length += units(plain)
			at += end
			continue
		}
		end := strings.IndexByte(source[at:], '>')
		if end < 0 {
			return "", nil, unparsed("Unclosed start tag at byte offset %d", at)
		}
		name, closes := strings.CutPrefix(source[at+1:at+end], "/")
		name, attributes, _ := strings.Cut(strings.TrimSpace(name), " ")
		name = strings.ToLower(name)
		switch {
		case closes && len(stack) == 0:
			return "", nil, unparsed("Unexpected end tag at byte offset %d", at)
		case closes:
			last := stack[len(stack)-1]
			if name != last.tag {
				return "", nil, unparsed(`Unmatched end tag at byte offset %d, expected "</%s>", found "</%s>"`, at, last.tag, name)
			}
			stack = stack[:len(stack)-1]
			if last.Length = length - last.Offset; last.Length > 0 {
				entities = append(entities, last.Entity)
			}
		case tags[name] == "":
			return "", nil, unparsed(`Unsupported start tag "%s" at byte offset %d`, name, at)
		default:
			stack = append(stack, open{name, Entity{Type: tags[name], Offset: length, URL: href(attributes)}})
		}
		at += end + 1
	}
	if len(stack) > 0 {
		return "", nil, unparsed(`Can't find end tag corresponding to start tag "%s"`, stack[len(stack)-1].tag)
	}
	slices.SortStableFunc(entities, func(a, b Entity) int { return a.Offset - b.Offset })
	return out.String(), entities, nil
}

func unparsed(format string, args ...any) *refusal {
	return bad("can't parse entities: "+format, args...)
}

func href(attributes string) string {
	_, value, found := strings.Cut(attributes, `href="`)
	if !found {
		return ""
	}
	value, _, _ = strings.Cut(value, `"`)
	return html.UnescapeString(value)
}
