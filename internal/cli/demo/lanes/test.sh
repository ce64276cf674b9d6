# tester: brings the parents' branches together and runs every test.
set -e
for branch in $(sed -n 's/^Branch: \(andon\/t_.*\)$/\1/p' "$ANDON_CONTEXT" | sort -u); do
    [ "$branch" = "$ANDON_BRANCH" ] || git merge -q --no-edit "$branch"
done
for t in test/*.sh; do
    sh "$t"
    echo "ok $t"
done
echo "$(ls test | wc -l) tests passed on both features together"
