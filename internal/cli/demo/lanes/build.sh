# builder: writes one feature and its test into its own worktree.
set -e
feature=${1##* }
mkdir -p lib test
case $feature in
greet)
    printf 'greet() { echo "hello, $1"; }\n' >lib/greet.sh
    printf '. lib/greet.sh\n[ "$(greet ada)" = "hello, ada" ]\n' >test/greet.sh
    if [ "$ANDON_ATTEMPT" = 1 ]; then
        echo "working on greet ..."
        sleep 60 # the demo kills this attempt
    fi
    ;;
sum)
    if ! grep -q '^> yes' "$ANDON_CONTEXT"; then
        andon block --kind needs_input "Should sum accept more than two numbers?"
        exit 0
    fi
    printf 'sum() { t=0; for n in "$@"; do t=$((t + n)); done; echo "$t"; }\n' >lib/sum.sh
    printf '. lib/sum.sh\n[ "$(sum 1 2 3)" = 6 ]\n' >test/sum.sh
    ;;
esac
sh "test/$feature.sh"
echo "built $feature and tested it"
