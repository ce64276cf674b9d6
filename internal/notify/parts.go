package notify

import "sync"

// Parts remembers messages whose text was sent and whose files were not all, so
// that a file that fails does not send the text again. The zero value is ready.
type Parts struct {
	mu   sync.Mutex
	sent map[string]parts
}

type parts struct {
	ref   string
	files int
}

const maxParts = 1000 // messages that are remembered

// Send sends what is missing of the message with a key: its text, which text
// returns the Ref of, then its files, one call of file each.
func (p *Parts) Send(key string, files []File, text func() (ref string, err error), file func(ref string, f File) error) (Receipt, error) {
	p.mu.Lock()
	done, begun := p.sent[key]
	p.mu.Unlock()
	if !begun {
		var err error
		if done.ref, err = text(); err != nil {
			return Receipt{}, err
		}
	}
	for ; done.files < len(files); done.files++ {
		if err := file(done.ref, files[done.files]); err != nil {
			p.keep(key, done)
			return Receipt{}, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sent, key)
	return Receipt{Ref: done.ref}, nil
}

func (p *Parts) keep(key string, done parts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sent == nil || len(p.sent) >= maxParts {
		p.sent = map[string]parts{}
	}
	p.sent[key] = done
}
