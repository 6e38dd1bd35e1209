#!/bin/sh
# scripts/check.sh [--quick] -- everything that must hold, from a fresh checkout or an unpacked release.
#
# Installs what is missing, then: the layout of the sources; builds with gcc and runs all tests; clang-tidy;
# builds with clang and runs the unit tests; builds with the address and undefined-behaviour sanitizers and
# runs unit and MPI tests; makes the release and checks it. docs/testing.md says what each step is for, why it
# does no more, and how long it takes.
# --quick: the layout, the gcc build, its unit and command-line tests.
#
# Builds and logs are kept under build-check/. ccache is used where it is there. The last line counts tests:
# each cmocka test, each script, each step here. Exit status: 0 when nothing failed.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
quick=
case ${1-} in
'') ;;
--quick) quick=yes ;;
*) die "usage: check.sh [--quick]" ;;
esac

work=$top/build-check
# Of the release: that it builds, and the program and its data as a user meets them.
release_programs='tests/unit/test_base tests/mpi/test_agree'
release_tests="$release_programs tests/cli/test_info.sh tests/cli/test_usage.sh \
tests/cli/test_data_files.sh tests/cli/test_models_in_c.sh"
logs=$work/logs
passed=0 failed=0 skipped=0
finish() {
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" = 0 ]
  exit
}
stop() { # stop TEXT: nothing further can be checked
  echo "$1" >&2
  failed=$((failed + 1))
  finish
}

# step NAME COMMAND: runs it with its output in a log, counts it as one check.
step() {
  check=$1
  shift
  start=$(date +%s)
  if "$@" >"$logs/$check.log" 2>&1 </dev/null; then
    passed=$((passed + 1)) verdict=ok
  else
    failed=$((failed + 1)) verdict=FAILED
  fi
  printf '%-34s %-6s %4d s\n' "$check" "$verdict" $(($(date +%s) - start))
  [ $verdict = ok ] && return 0
  tail -n 40 "$logs/$check.log"
  return 1
}

# run_tests NAME DIR KINDS: make check in DIR with the kinds of tests named, '' for all; counts each test.
run_tests() {
  start=$(date +%s)
  find "$2" -name '*.trs' -delete
  (cd "$2" && MASTING_TEST_KINDS=$3 make -k -j"$tests_at_once" check) >"$logs/$1.log" 2>&1 </dev/null
  counts=$(sh "$top/scripts/count_tests.sh" "$2" "$logs/$1.log")
  # shellcheck disable=SC2086  # three numbers
  set -- "$1" $counts
  passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
  printf '%-34s %d passed, %d failed, %d skipped %4d s\n' "$1" "$2" "$3" "$4" $(($(date +%s) - start))
  [ "$3" = 0 ] || grep -A40 '^# failed' "$logs/$1.log"
}

# slowest DIR: CPU and wall seconds of the tests that took most, and of all
slowest() { sh "$top/scripts/slowest.sh" "$1" 10; }

build() { # build NAME OPTIONS: configures and builds programs and tests
  name=$1
  shift
  step "configure-$name" configure_build "$work/$name" "$@" &&
    step "build-$name" make -C "$work/$name" -k -j"$(jobs)" check TESTS=
}

main() {
  mkdir -p "$logs"
  (install_packages run test) || stop "packages could not be installed"
  step make-configure bootstrap || finish
  tests_at_once=$(jobs)
  [ "$tests_at_once" -le 4 ] || tests_at_once=4
  step python-packages sh "$top/scripts/make_venv.sh" "$work/venv" &&
    export MASTING_PYTHON="$work/venv/bin/python"

  step format sh "$top/scripts/check_format.sh"
  find_ccache
  gcc=${OMPI_CC:-${ccache}gcc}
  export OMPI_CC="$gcc"
  if [ -n "$quick" ]; then
    build gcc --enable-werror && run_tests tests-gcc "$work/gcc" 'unit cli'
    finish
  fi
  build gcc --enable-werror && {
    run_tests tests-gcc "$work/gcc" ''
    slowest "$work/gcc"
    step tidy sh "$top/scripts/tidy.sh" "$work/gcc"
  }
  # What clang has to say, and its code where no rank or script is needed: -O1 is enough for both.
  OMPI_CC=$ccache${MASTING_CLANG:-clang-14}
  build clang --enable-werror CFLAGS=-O1 && run_tests tests-clang "$work/clang" unit
  OMPI_CC=$gcc
  # Warnings that only instrumented code draws are mostly false: they are printed, not fatal. On 3 ranks the
  # shard of a rank has neighbours on none, one and both sides; 1 and 2 ranks are the gcc build's.
  build sanitizers --enable-sanitizers --disable-isa-variants CFLAGS='-g -O1' && {
    MASTING_TEST_RANKS=3 && export MASTING_TEST_RANKS
    run_tests tests-sanitizers "$work/sanitizers" 'unit mpi'
    unset MASTING_TEST_RANKS
    slowest "$work/sanitizers"
  }
  # The release: every file is in it, it builds out of a tree that cannot be written, installs, runs, uninstalls.
  step release-files sh "$top/scripts/check_release.sh" "$work/gcc"
  step distcheck make -C "$work/gcc" -j"$(jobs)" distcheck \
    DISTCHECK_CONFIGURE_FLAGS='--disable-isa-variants CFLAGS=-O1' \
    check_PROGRAMS="$release_programs" TESTS="$release_tests"
  finish
}
main
