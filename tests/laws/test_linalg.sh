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

# The same with other kernels of the BLAS, where it has some; ranks that have different ones are told.
kernels() { "$MASTING" info | sed -n 's/^BLAS .*, \(.*\) kernels$/\1/p'; }
mine=$(kernels) other=$(OPENBLAS_CORETYPE=Nehalem kernels)
if [ "$mine" != "$other" ]; then
  export OPENBLAS_CORETYPE=Nehalem
  for ranks in 1 3; do sh "$RUN_MPI" $ranks "$builddir/tests/laws/dump_linalg" 200 >"$dir/$ranks"; done
  cmp "$dir/1" "$dir/3" || { echo "FAIL: $other kernels"; failed=1; }
  unset OPENBLAS_CORETYPE
  status=0
  # shellcheck disable=SC2016  # of each rank
  sh "$RUN_MPI" 2 sh -c '[ "$OMPI_COMM_WORLD_RANK" = 0 ] || export OPENBLAS_CORETYPE=Nehalem; exec "$0" 200' \
    "$builddir/tests/laws/dump_linalg" >"$dir/out" 2>"$dir/err" || status=$?
  want="masting: error: BLAS: this rank's processor makes OpenBLAS choose $other kernels, rank 0's $mine; they round"
  want="$want differently; try OPENBLAS_CORETYPE=$mine for all ranks, or the older of the two"
  if [ $status != 2 ] || ! grep -qxF "$want" "$dir/err"; then
    echo "FAIL: ranks with different kernels: status $status"
    cat "$dir/err"
    failed=1
  fi
fi
exit $failed
