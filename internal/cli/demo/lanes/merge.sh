# merger: merges what was approved into the project's main branch.
set -e
git merge -q --no-ff -m "Merge greet and sum" "$(cat "$ANDON_HOME/demo/approved")"
git log --oneline -1
