#!/bin/sh
# `masting scaling` with a launcher that makes up times, T = 20 us + 30 ns N/R + 5 us log2 R: the points
# that are run, the efficiencies, the fit, the CSV and the script of the picture.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
die() { echo "FAIL $*"; exit 1; }

cat >fake <<'END'
#!/bin/sh
# fake RANKS PROGRAM COMMAND ...: what masting would print
ranks=$1 command=$3
echo "$@" >>calls
for word; do
  case $word in --out=*) out=${word#--out=} ;; --max-steps=*) steps=${word#--max-steps=} ;; esac
done
if [ "$command" = simulate ]; then : >"$out"; exit; fi
[ -e "$5" ] || exit 9
n=${5##*N=}
echo "${n%%-*} $ranks $steps" | awk '{ t = 20e-6 + 30e-9 * $1 / $2 + 5e-6 * log($2) / log(2)
  printf "{\"step_seconds\": %.9g, \"steps\": %d, \"warmup_seconds\": 1.5, \"sampling_seconds\": 0.0,", t, $3
  printf " \"gradients\": %d, \"collectives\": %d, \"collective_bytes\": %d}\n", 8 * $3, $3, 2048 * $3 }'
END
chmod +x fake
TMPDIR=$dir "$MASTING" scaling ppca --ranks 4,1 --sizes 1e4,1e3 --size D=3 --repeat 2 --launcher './fake {ranks}' \
  --plot s.png >out 2>err || { cat err; die "status $?"; }
cat >want <<'END'
ppca, 8 chains, 1 thread a rank; median of 2 runs

             N  ranks          step   spread   gradients/s     message    strong      weak
         1,000      1         50 us      0 %          160k     2.0 KiB     100 %     100 %
         1,000      4       37.5 us      0 %          213k     2.0 KiB      33 %         -

         4,000      4         60 us      0 %          133k     2.0 KiB         -      83 %

        10,000      1        320 us      0 %         25.0k     2.0 KiB     100 %     100 %
        10,000      4        105 us      0 %         76.2k     2.0 KiB      76 %         -

        40,000      4        330 us      0 %         24.2k     2.0 KiB         -      97 %

fit: T = 20 us + 30 ns x N/R + 5 us x log2 R, off by at most 0 %
END
diff want out || die "the table"
cat >want <<'END'
model,ranks,threads,n,chains,steps,repeats,step_seconds,step_seconds_least,step_seconds_most,gradients_per_second,message_bytes,strong_efficiency,weak_efficiency
ppca,1,1,1000,8,20000,2,5e-05,5e-05,5e-05,160000,2048,1,1
ppca,4,1,1000,8,20000,2,3.75e-05,3.75e-05,3.75e-05,213333,2048,0.333333,
ppca,4,1,4000,8,16667,2,6e-05,6e-05,6e-05,133333,2048,,0.833333
ppca,1,1,10000,8,3125,2,0.00032,0.00032,0.00032,25000,2048,1,1
ppca,4,1,10000,8,3125,2,0.000105,0.000105,0.000105,76190.5,2048,0.761905,
ppca,4,1,40000,8,3030,2,0.00033,0.00033,0.00033,24242.4,2048,,0.969697
END
diff want scaling.csv || die "the CSV"
grep -q -- 'simulate ppca --size D=3 --size N=1000 --seed=1' calls || die "sizes for the simulator"
[ "$(grep -c ' sample ' calls)" = 18 ] || die "$(grep -c ' sample ' calls) runs, expected 6 pilots and 12"
ls -d "$dir"/masting-scaling.* 2>/dev/null && die "data sets were left behind"
[ -s s.gp ] || die "no script of the picture"
if command -v gnuplot >/dev/null; then
  grep -q '^masting: wrote s.png (from s.gp)$' err || { cat err; die "gnuplot does not take the script"; }
  [ "$(head -c 4 s.png | tail -c 3)" = PNG ] || die "s.png is no picture"
fi
# Without gnuplot: a warning, the CSV and the script.
rm -f s.png
mkdir bin && ln -s "$(command -v awk)" "$(command -v sh)" bin/
PATH=$dir/bin "$MASTING" scaling ppca --ranks 1 --sizes 1e3 --mode n --repeat 1 --launcher './fake {ranks}' \
  --plot t.png >out 2>err || die "without gnuplot: status $?"
grep -q '^masting: warning: no picture: gnuplot: cannot be run: No such file or directory; try installing gnuplot, then: gnuplot t.gp$' err ||
  { cat err; die "without gnuplot: the message"; }
[ -s t.gp ] && [ ! -e t.png ] || die "without gnuplot: the files"
# A run that fails, or prints nothing.
"$MASTING" scaling ppca --ranks 1 --sizes 1e3 --launcher 'false {ranks}' >out 2>err
[ $? = 2 ] && [ "$(tail -n 1 err)" = "masting: error: scaling: simulating N = 1000 ended with status 1; its messages are above; try --launcher with what starts ranks here, got 'false'" ] ||
  { cat err; die "a launcher that fails"; }
mkdir kept && : >'kept/ppca-N=1000-seed=1.h5'
"$MASTING" scaling ppca --ranks 1 --sizes 1e3 --data-dir kept --launcher 'true {ranks}' >out 2>err
[ $? = 65 ] && [ "$(cat err)" = "masting: error: scaling: sampling N = 1000 on 1 ranks printed no result; expected a JSON object with step_seconds" ] ||
  { cat err; die "a run without a result"; }
[ -e 'kept/ppca-N=1000-seed=1.h5' ] || die "--data-dir was not kept"
