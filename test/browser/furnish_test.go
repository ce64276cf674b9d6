package browser

import (
	"os"
	"os/exec"
	"path/filepath"
)

// team is a fleet at work on a small project, with something of all there is.
const team = `
dispatch: {max_attempts: 1, stop_grace: 200ms, backoff: {initial: 10ms, max: 50ms}, min_free: 0, pause_after: 0}
accounts: {claude-max: {max_parallel: 4}}
lanes:
  planner: {description: writes tasks out, command: [sh, -c, 'echo written out']}
  builder:
    description: builds and tests Go code
    account: claude-max
    max_parallel: 2
    done_when: reported
    command: [sh, work.sh]
  reviewer: {description: reads what others wrote, preset: external}
  docs: {description: writes for people, max_parallel: 1, done_when: reported, command: [sh, work.sh]}
  broken: {description: cannot do anything yet, command: [sh, -c, 'echo "error: no compiler found" >&2; exit 3']}
`

// work does what the text of its task says.
const work = `
say() { printf '%s\n' "$@"; }
say "reading the task" "\033[36m==>\033[0m go test ./..."
case $(cat "$ANDON_CONTEXT") in
*ask-first*) grep -q UTC "$ANDON_CONTEXT" || exec andon block "Which time zone should the report use?" ;;
*hand-in*) echo "retries: 3" >notes.md; git add notes.md 2>/dev/null; exec andon review --summary "The client retries three times, with a pause that doubles. Two tests cover it." --artifact notes.md ;;
*take-long*)
	say "\033[32mok\033[0m   ./parser  0.21s" "\033[32mok\033[0m   ./client  1.04s" "running ./server (41 of 58)"
	exec sleep 600 ;;
esac
andon complete --summary "Done, and tested."
`

// furnish puts a project on the board and waits until all is where it will stay.
func (h *home) furnish() (tasks map[string]string) {
	h.Helper()
	repo := filepath.Join(h.dir, "project")
	if err := os.MkdirAll(repo, 0o755); err != nil {
		h.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(repo, "work.sh"), []byte(work), 0o600); err != nil {
		h.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "."}, {"commit", "-q", "-m", "begin"}} {
		git := exec.Command("git", args...)
		git.Dir, git.Env = repo, h.environ()
		if out, err := git.CombinedOutput(); err != nil {
			h.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	at := []string{"--workspace", "worktree", "--repo", repo}
	add := func(title string, flags ...string) string { return h.add(title, append(flags, at...)...) }

	t := map[string]string{}
	t["spec"] = add("Write down what the API answers", "--lane", "builder", "--tenant", "acme")
	h.reaches(t["spec"], "done")
	t["review"] = add("Retry failed requests in the client", "--lane", "builder", "--tenant", "acme", "--label", "bug,client", "--priority", "10", "--parent", t["spec"], "--body", "hand-in: *three* attempts, then give up.\n\n- [ ] a test for a slow server\n- [ ] a test for a dead one")
	h.reaches(t["review"], "review")
	t["question"] = add("Nightly report by e-mail", "--lane", "docs", "--tenant", "globex", "--label", "mail", "--body", "ask-first\n\nOne mail a night, with a table.")
	h.reaches(t["question"], "blocked")
	t["failed"] = add("Port the parser to the new grammar", "--lane", "broken")
	h.reaches(t["failed"], "blocked")
	t["running"] = add("Make the server's tests pass under load", "--lane", "builder", "--priority", "20", "--body", "take-long")
	t["busy"] = add("Move the settings to one file", "--lane", "builder", "--tenant", "acme", "--body", "take-long")
	h.reaches(t["running"], "running")
	h.reaches(t["busy"], "running")
	t["capped"] = add("Drop support for the old protocol", "--lane", "builder", "--label", "client", "--priority", "5")
	t["waits"] = add("Release 1.4", "--lane", "docs", "--parent", t["review"], "--parent", t["running"])
	t["after"] = add("Tell the customers", "--lane", "docs", "--parent", t["waits"], "--tenant", "globex")
	t["later"] = add("Renew the certificate", "--lane", "docs", "--until", "+30h")
	t["idea"] = add("A dark theme for the mails?", "--triage")
	t["free"] = add("Read the pull requests of the week", "--lane", "reviewer")
	h.andon("comment", t["review"], "Please keep the old signature.")
	return t
}
