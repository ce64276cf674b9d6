package worker

import (
	"os"
	"path/filepath"
	"strings"
)

// RunDirOf tells which run's process tree a process, such as the peer of a
// socket, is in. Supervisors knows those that were started and not yet seen to
// end; runsRoot is the parent of all run folders. Ancestry decides: a process
// can forge marks, but it cannot leave its supervisor. The marks count for what
// a killed supervisor left behind, those of the ancestors too.
//
// With ok false, runDir names a run of another home that the process is in, if it
// is in one.
//
// The error wraps ErrGone if the process has ended: who asked is then unknown,
// and must not be taken for a human.
func RunDirOf(pid int, runsRoot string, supervisors func(Identity) (runDir string, ok bool)) (runDir string, ok bool, err error) {
	line, err := ancestry(pid)
	if err != nil {
		return "", false, err
	}
	peer, err := line[0].identity()
	if err != nil {
		return "", false, err
	}
	for _, p := range line {
		id, err := p.identity()
		if err != nil {
			return "", false, err
		}
		if dir, ok := supervisors(id); ok {
			return dir, true, nil
		}
	}
	root := runsRoot
	if resolved, err := filepath.EvalSymlinks(runsRoot); err == nil {
		root = resolved
	}
	elsewhere := ""
	for _, p := range line {
		carried, err := marks(p.pid)
		if err != nil {
			return "", false, err
		}
		for _, dir := range carried {
			if parent := filepath.Dir(dir); parent == root || parent == runsRoot {
				return filepath.Join(runsRoot, filepath.Base(dir)), true, nil
			}
			if isRunDir(dir) {
				elsewhere = dir
			}
		}
		if dir, ok := supervised(p.pid); ok && elsewhere == "" {
			elsewhere = orUnknown(dir)
		}
	}
	return elsewhere, false, peer.verify()
}

func orUnknown(runDir string) string {
	if runDir == "" {
		return "unknown"
	}
	return runDir
}

// InsideRun tells whether the calling process is in the process tree of any
// run, of any home. It looks at its own marks and at those of its ancestors,
// and for an ancestor that is a supervisor, so neither a cleared environment
// nor setsid hides it. runDir is empty if the supervisor does not show it.
func InsideRun() (runDir string, ok bool) {
	if os.Getenv("ANDON_RUN_ID") != "" {
		return strings.TrimSuffix(os.Getenv(ContextVar), "/"+contextFile), true
	}
	line, err := ancestry(os.Getpid())
	if err != nil {
		line = []process{{pid: os.Getpid()}}
	}
	for _, p := range line {
		carried, _ := marks(p.pid) // the gateway looks as well, and refuses when it cannot
		for _, dir := range carried {
			if isRunDir(dir) {
				return dir, true
			}
		}
		if dir, ok := supervised(p.pid); ok {
			return dir, true
		}
	}
	return "", false
}

// supervised reports whether pid is a supervisor, and of which run. One of
// another user shows no descriptors: its command line has to do.
func supervised(pid int) (runDir string, ok bool) {
	argv := cmdline(pid)
	if len(argv) < 2 || argv[1] != "supervise" {
		return "", false
	}
	files, _ := openFiles(pid) // of one that cannot be looked at no more is known, either
	for _, file := range files {
		dir, name := filepath.Split(file.path)
		if name == lockFile && isRunDir(filepath.Clean(dir)) {
			return filepath.Clean(dir), true
		}
	}
	return "", len(files) == 0
}

// isRunDir goes by the layout of a home: andon/runs/ID.
func isRunDir(dir string) bool { return filepath.Base(filepath.Dir(dir)) == "runs" }
