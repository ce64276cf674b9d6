package worker

// expendable is for systems with a score of who is killed for want of memory.
func expendable(start func() error) error { return start() }
