#!/bin/sh
# Law: what ABI 2 adds (shared values, phases, gathers of wider groups, row-derived quantities, trouble)
# gives the same draws on any number of ranks and threads, and the density of a model without any of it.
# See tests/models/shared.c.
set -u
. "$srcdir/tests/laws/lib.sh"
cd "$dir" || exit 1
bad() { echo "FAIL: $*"; failed=1; }

# compile NAME SED-SCRIPT: NAME.so from the model, changed
compile() {
  sed "$2" "$srcdir/tests/models/shared.c" >"$1.c"
  "$MASTING" compile "$1.c" >log 2>&1 || { cat log; exit 1; }
}
compile shared ''
compile plain 's/#define PLAIN 0/#define PLAIN 1/'
"$MASTING" simulate ./plain.so --size N=1400 --size J=20 --seed 3 -o data.h5 2>log || { cat log; exit 1; }

# --- the same density and gradient, and the gradient is its slope
for ranks in 1 3; do
  sh "$RUN_MPI" $ranks "$MASTING" check ./shared.so data.h5 --most-local 10 >log 2>&1 ||
    { cat log; bad "gradient on $ranks ranks"; }
done
"$MASTING" check ./shared.so data.h5 --chains 1 --lanes 1 2>&1 | grep -q 'message *1.1 KiB' ||
  bad "message: expected 1 + 41 sums of 24 bytes and 4 words"
awk 'BEGIN { srand(5); printf "{\"points\": ["
  for (p = 0; p < 5; p++) {
    printf p ? "], [" : "["
    for (i = 0; i < 2 + 1400 + 1 + 40 + 1400 + 1; i++) printf "%s%.3f", i ? ", " : "", rand() - 0.5
  }
  print "]]}" }' >points.json
for m in shared plain; do # several batches of lanes: each has its own shared values
  sh "$RUN_MPI" 2 "$MASTING" check ./$m.so data.h5 --chains 5 --lanes 2 --at points.json --json 2>log |
    tr -c '0-9.eE+-' '\n' | grep '[0-9]' >$m.numbers || { cat log; bad "--at of $m"; }
done
[ "$(wc -l <plain.numbers)" = 14225 ] || bad "--at: expected 5 times 2845 numbers"
paste plain.numbers shared.numbers |
  awk '{ d = $1 - $2; if (d < 0) d = -d; s = $1 < 0 ? -$1 : $1
         if (!(d <= 1e-9 * (1 + s)) || NF != 2) { print NR ": " $0; exit 1 } }' ||
  bad "density or gradient differs from the plain model's"

# --- the same draws
short="./shared.so data.h5 --seed 7 --warmup 30 --draws 20"
ways="2x1 1x2 3x2"
law "$ways" $short --save-warmup --chains 8
law "$ways" $short --save-warmup --chains 5 --lanes 2
law "$ways" $short --latents moments --chains 3

# --- what is stored: nothing hidden; whole numbers as such; numbers of their distributions
hash 2 1 $short --chains 4 >/dev/null || failed=1
"$MASTING" summary draws.h5 --all --var eff,sigma,noise,rolls,hits,y_rep >summary 2>log ||
  { cat log; bad "summary"; }
"$MASTING" summary draws.h5 --var raw >log 2>&1 && bad "raw is hidden, but stored"
"$MASTING" summary draws.h5 --var v >log 2>&1 && bad "v is hidden, but stored"
"$builddir/tests/laws/dump_draws" draws.h5 >bytes
head='posterior/rolls 4 20' # 80 whole numbers follow
at=$(grep -abo "$head" bytes | cut -d: -f1)
od -An -t d8 -v -j $((${at:-0} + ${#head} + 1)) -N 640 bytes | tr -s ' ' '\n' |
  awk 'NF { n++; if ($1 < 0 || $1 > 30) exit 1 } END { exit n != 80 }' ||
  bad "rolls: expected 80 whole numbers from 0 to 30"
awk '/^ *rolls / { if ($2 > 2.5 && $2 < 4.5) rolls = 1 }
     /^ *hits\[0,/ { few += $3; n++ }
     /^ *hits\[1,/ { many += $3; m++ }
     END { exit !(rolls && n == m && n > 0 && few / n > 1.9 && few / n < 2.1 &&
                  many / m > 0.9999e9 && many / m < 1.0001e9) }' summary ||
  { head -50 summary; bad "derived numbers: expected means of 3.5, 2 and 1e9"; }

# --- as many of all things as a model may have
{
  echo '#include <masting/model_abi.h>'
  echo 'static const masting_size sizes[] = {'
  for i in $(seq 0 127); do echo "{.name = \"s$i\", .fallback = 1},"; done
  echo '}; static const masting_param params[] = {'
  for i in $(seq 0 255); do echo "{.name = \"p$i\", .ndims = 8, .dims = {0, 1, 2, 3, 4, 5, 6, $((i / 2))}},"; done
  echo '}; static const masting_param derived[] = {'
  for i in $(seq 0 255); do echo "{.name = \"d$i\", .integer = $((i % 2))},"; done
  cat <<'END'
};
static void global(void *state, int slot, const int64_t *size, const void *const *data,
                   const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                   vreal *grad, vreal *lp) {
  (void)state, (void)slot, (void)size, (void)data, (void)shared_grad,
      (void)normal_grad;
  for (int i = 0; i < 256; i++) *lp -= 0.5 * theta[i] * theta[i], grad[i] -= theta[i];
}
static void derive(void *state, const int64_t *size, const void *const *data, const double *theta,
                   const masting_derive *at, double *out) {
  (void)state, (void)size, (void)data, (void)at;
  for (int i = 0; i < 256; i++) out[i] = i % 2 ? i : theta[i];
}
MASTING_MODEL(many) = {.abi = MASTING_ABI, .lanes = MASTING_LANES, .name = "many", .sizes = sizes,
                       .nsizes = 128, .shard = MASTING_NO_SIZE, .params = params, .nparams = 256,
                       .global = global, .derived = derived, .nderived = 256, .derive = derive};
END
} >many.c
"$MASTING" compile many.c >log 2>&1 || { cat log; bad "many: compile"; }
sh "$RUN_MPI" 2 "$MASTING" sample ./many.so --warmup 20 --draws 10 --save-warmup -o many.h5 \
  --progress none >log 2>&1 || { cat log; bad "many: sample"; }
"$MASTING" summary many.h5 --var p255,d254,d255 >summary 2>&1 || { cat summary; bad "many: summary"; }
grep -q '^d255  *255' summary && grep -q '^p255' summary || { cat summary; bad "many: d255 is 255"; }

# --- no rows: the priors alone
"$MASTING" simulate ./plain.so --size N=0 --size J=3 -o none.h5 2>log || { cat log; bad "no rows: simulate"; }
sh "$RUN_MPI" 2 "$MASTING" check ./shared.so none.h5 >log 2>&1 || { cat log; bad "no rows: check"; }
sh "$RUN_MPI" 2 "$MASTING" sample ./shared.so none.h5 --warmup 20 --draws 10 -o none-draws.h5 \
  --progress none >log 2>&1 || { cat log; bad "no rows: sample"; }

# --- trouble: told once, on any number of ranks, with the right status, and nothing is left behind
# trouble WHERE STATUS TEXT
trouble() {
  compile trouble "s/#define TROUBLE 0/#define TROUBLE $1/"
  for ranks in 1 2 3; do
    sh "$RUN_MPI" $ranks "$MASTING" sample ./trouble.so data.h5 --warmup 5 --draws 5 \
      -o trouble.h5 --force --progress none >out 2>log
    status=$?
    [ $status = "$2" ] || { cat log; bad "$1 on $ranks ranks: exit status $status, expected $2"; }
    [ "$(grep -c "^masting: error: .*$3" log)" = 1 ] || { cat log; bad "$1: expected once: $3"; }
    [ ! -e trouble.h5 ] || bad "$1: an output was left"
  done
}
trouble IN_SETUP 65 'model shared: w: element 2 is 0; expected another number$'
trouble IN_PHASE 65 'model shared, rank [0-9]: index 12 is out of range$'
trouble IN_PHASE_END 65 'model shared: x: a hopeless case$'
trouble IN_BEGIN 65 'model shared: no room$'
trouble IN_PREPARE 2 'model shared, rank 0: index 12 is out of range$'
trouble IN_ROWS 2 'model shared, rank [0-9]: index 12 is out of range$'
trouble IN_GLOBAL 2 'model shared, rank 0: index 12 is out of range$'
trouble IN_DERIVE 2 'model shared, rank 0: index 12 is out of range$'
trouble IN_DERIVE_ROWS 2 'model shared, rank [0-9]: index 12 is out of range$'
compile trouble "s/#define TROUBLE 0/#define TROUBLE IN_ROWS/"
sh "$RUN_MPI" 3 "$MASTING" check ./trouble.so data.h5 >out 2>log
[ $? = 2 ] || { cat log; bad "check: trouble in rows"; }

# --- an index out of range is a mistake in the data
compile short 's/b->size\[J\] + 1 - group\[n\]/b->size[J] + 1 - group[n] + (b->first_row + n == 1300) * 99/'
sh "$RUN_MPI" 2 "$MASTING" check ./short.so data.h5 >out 2>log
[ $? = 65 ] || bad "a gather's index out of range"
grep -q '^masting: error: mirror\[1301\]: no index of eff; expected 1 to J = 20, got ' log ||
  { cat log; bad "a gather's index out of range: what it says"; }

[ $failed = 0 ]
