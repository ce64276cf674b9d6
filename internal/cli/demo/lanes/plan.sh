# planner: writes what is to be built.
set -e
mkdir -p test
printf '# Plan\n\n- greet: say hello to a name\n- sum: add numbers\n' >PLAN.md
echo "two features, one branch each"
