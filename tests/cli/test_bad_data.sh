#!/bin/sh
# Bad data through the program: one message, printed once, the right exit status, nothing left
# behind, on 1 and 3 ranks; and simulated files with the same SHA-256 on 1, 2, 3 and 5.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
fail() { echo "FAIL: $*"; exit 1; }

run() { # run RANKS ARGS: status in $status, messages of masting's own in file err
  ranks=$1
  shift
  sh "$RUN_MPI" "$ranks" "$MASTING" "$@" >out 2>all
  status=$?
  grep '^masting: error: ' all >err
}

refused() { # refused STATUS MESSAGE ARGS: on 1 and on 3 ranks
  want=$1 message=$2
  shift 2
  for ranks in 1 3; do
    run "$ranks" "$@"
    [ "$status" = "$want" ] || { cat all; fail "$ranks ranks: status $status, not $want: $*"; }
    printf 'masting: error: %s\n' "$message" | cmp -s - err ||
      { cat all; fail "$ranks ranks: expected once: $message"; }
    [ ! -e draws.h5 ] && [ ! -e draws.h5.partial ] || fail "output was left: $*"
  done
}

for ranks in 1 2 3 5; do
  run "$ranks" simulate ppca --size N=5000 --size D=2 --size K=1 --seed 42 -o "ppca-$ranks.h5"
  [ "$status" = 0 ] || { cat all; fail "simulate at $ranks ranks: status $status"; }
done
[ "$(sha256sum ppca-*.h5 | cut -d' ' -f1 | sort -u | wc -l)" = 1 ] || fail "bytes depend on ranks"

refused 2 'gone.h5: No such file or directory; expected a data file' sample ppca gone.h5 -o draws.h5
mkdir folder.h5
refused 2 'folder.h5: it is a directory; expected a data file' sample ppca folder.h5 -o draws.h5
printf 'a,b\n1,2\n' >text.h5
refused 65 'text.h5: not a data file; expected HDF5, JSON or CSV, got text that begins with "a,b"; if it is CSV, try the suffix .csv' \
  sample ppca text.h5 -o draws.h5
head -c 3000 ppca-1.h5 >short.h5
refused 65 "short.h5: the HDF5 file is truncated; expected $(wc -c <ppca-1.h5) bytes, got 3000; try copying it again" \
  sample ppca short.h5 -o draws.h5
refused 65 "ppca-1.h5: there is no dataset 'X'; expected X[N,P], got D, K, N, x; did you mean 'x' (case matters)?" \
  sample linear ppca-1.h5 -o draws.h5
refused 65 "ppca-1.h5: x: wrong shape; expected x[D,N] with N = 4000 since --size N=4000, got [2, 5000]; try leaving --size out" \
  sample ppca ppca-1.h5 --size N=4000 -o draws.h5
refused 2 '--size M: model ppca has no such size; expected one of N, D, K' \
  sample ppca ppca-1.h5 --size M=4 -o draws.h5
