# tests/laws/lib.sh -- for tests of laws, sourced: a folder of their own in $dir, and what the program draws as one SHA-256.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0
command=sample # which subcommand hash and law run

# hash RANKS THREADS MODEL DATA [OPTIONS] -> SHA-256 of all that is in the draws file
hash() {
  ranks=$1 threads=$2
  shift 2
  if ! OMP_NUM_THREADS=$threads sh "$RUN_MPI" "$ranks" "$MASTING" $command "$@" \
    -o "$dir/draws.h5" --force --progress none >"$dir/log" 2>&1; then
    cat "$dir/log" >&2
    return 1
  fi
  "$builddir/tests/laws/dump_draws" "$dir/draws.h5" >"$dir/bytes" || return 1
  sha256sum <"$dir/bytes" | cut -c1-64
}

# law "RANKSxTHREADS ..." MODEL DATA [OPTIONS]: each gives what one rank with one thread gives
law() {
  how=$1
  shift
  want=$(hash 1 1 "$@") || failed=1
  for way in $how; do
    got=$(hash "${way%x*}" "${way#*x}" "$@") || failed=1
    if [ "$got" != "$want" ]; then
      echo "FAIL: $way ranks x threads: $got, 1x1: $want: $command $*"
      failed=1
    fi
  done
  echo "$want $*"
}

# another_seed WHAT MODEL DATA [OPTIONS]: fails when --seed 8 draws the same
another_seed() {
  what=$1
  shift
  one=$(hash 1 1 "$@") || failed=1
  other=$(hash 1 1 "$@" --seed 8) || failed=1
  if [ "$one" = "$other" ]; then
    echo "FAIL: another seed, the same $what"
    failed=1
  fi
}

simulate() { "$MASTING" simulate "$@" --seed 42 -o "$dir/$1.h5" --force 2>/dev/null; }
