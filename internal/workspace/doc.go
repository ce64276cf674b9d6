// Package workspace makes the directories that workers work in, keeps what was
// done there, and removes what Andon made.
//
//	kind      where                        made by            removed by
//	scratch   <root>/<task>                Prepare            Remove, after retention
//	worktree  <root>/<task>, or as told    git worktree add   Remove, after retention
//	clone     <root>/<task>                git init           Remove, after retention
//	dir       where the user says          Prepare, if missing  nobody
//
// What a run leaves outlives its directory in three ways:
//
//	Prepare ──▶ the worker works ──▶ its process tree is gone
//	                │ complete                │ any end
//	                ▼                         ▼
//	             Keep: artifacts           Snapshot: refs/andon/<task>/<run>
//	             Commit: the task's branch; of a clone, in its source, too
//
// Remove deletes only what Andon made. The proof is a marker in
// <root>/.andon/<task>.json, written when the directory was made, with the
// identity (inode and time of birth) of that very directory. A directory that
// only has the same name, a link, a copy, or anything without a marker is
// refused. No completion ever removes anything.
//
// Git is the installed one, run without hooks, prompts, pager, editor or
// inherited GIT_ variables. Commands that change a repository's list of work
// trees run one at a time per repository; all else is left to git's own locks,
// which are waited for a moment and then named in the error.
package workspace
