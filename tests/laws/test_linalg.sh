#!/bin/sh
# Law: what matrices spread over the ranks give has the same bits on any number of ranks and threads: also on five ranks, of
# which one stands outside the grid, and seven.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0
for n in 63 200 700; do
  want=
  for way in 1x1 2x1 3x1 4x1 5x1 7x1 1x3 2x2; do
    OMP_NUM_THREADS=${way#*x} sh "$RUN_MPI" "${way%x*}" "$builddir/tests/laws/dump_linalg" "$n" >"$dir/bytes"
    [ "$(wc -c <"$dir/bytes")" -ge $((n * n * 32)) ] || { echo "FAIL: n = $n, $way: too few bytes"; exit 1; }
    got=$(sha256sum <"$dir/bytes" | cut -c1-64)
    : "${want:=$got}"
    [ "$got" = "$want" ] || { echo "FAIL: n = $n, $way ranks x threads: $got, 1x1: $want"; failed=1; }
  done
  echo "$want n = $n"
done
exit $failed
