#!/bin/sh
# Law: the same seed gives the same draws, bit for bit, on any number of ranks and threads. The
# whole program: simulate, sample, and one SHA-256 over everything that was drawn.
set -eu
. "$srcdir/tests/laws/lib.sh"

simulate ppca --size N=1301 --size D=2 --size K=1
simulate logistic --size N=1500 --size P=33
simulate hierarchical --size N=1400 --size G=60
simulate eight_schools --size J=8

all="1x2 2x1 2x2 3x1 3x2 5x1 5x2"
short="--warmup 50 --draws 40 --save-warmup --seed 7"
law "$all" ppca "$dir/ppca.h5" $short
law "$all" logistic "$dir/logistic.h5" $short
law "$all" hierarchical "$dir/hierarchical.h5" $short
law "2x1 1x2" eight_schools "$dir/eight_schools.h5" $short

# other numbers of chains and lanes, other metrics, latents as moments
few="2x1 3x2"
law "$few" ppca "$dir/ppca.h5" $short --chains 1 --latents moments
law "$few" ppca "$dir/ppca.h5" $short --chains 3 --metric diag-var --warmup 60
law "$few" ppca "$dir/ppca.h5" $short --chains 10 --lanes 4 --no-pool
law "$few" ppca "$dir/ppca.h5" $short --chains 64 --warmup 20 --draws 5 --latents none
law "$few" logistic "$dir/logistic.h5" $short --chains 5 --lanes 1 --metric unit --max-depth 5
law "$few" hierarchical "$dir/hierarchical.h5" $short --chains 5 --lanes 16 --warmup 40

# metrics of the globals that are no diagonal; two batches, one of them with a lane that rests
law "2x1 1x2 3x2" hierarchical "$dir/hierarchical.h5" $short --metric dense
law "$few" logistic "$dir/logistic.h5" $short --metric lowrank --chains 7 --lanes 4
law "$few" ppca "$dir/ppca.h5" $short --metric dense --chains 3 --warmup 20
law "3x1" logistic "$dir/logistic.h5" $short --metric auto
law "1x2 3x1" ppca "$dir/ppca.h5" $short --metric dense --init mode
law "2x1" hierarchical "$dir/hierarchical.h5" $short --metric auto --init mode

# rotations, under each kind of metric
law "2x1 3x2" ppca "$dir/ppca.h5" $short --sampler rotation
law "1x2 3x1" logistic "$dir/logistic.h5" $short --sampler auto --metric dense --chains 7 --lanes 4
law "2x1" hierarchical "$dir/hierarchical.h5" $short --sampler rotation --metric lowrank

# matrices that are spread over the ranks, of more than one tile; one tile and two batches; learnt by the best
"$MASTING" simulate logistic --size N=600 --size P=200 --seed 42 -o "$dir/wide.h5" --force 2>/dev/null
"$MASTING" simulate linear --size N=500 --size P=70 --seed 42 -o "$dir/linear.h5" --force 2>/dev/null
spread="--metric-spread always --seed 7 --warmup 40 --draws 20"
law "2x1 1x2 3x1 4x2" logistic "$dir/wide.h5" $spread --metric dense
law "2x2 4x1" linear "$dir/linear.h5" $spread --metric dense --chains 7 --lanes 4
law "3x1" ppca "$dir/ppca.h5" $spread --metric auto --chains 3 --max-depth 5
law "2x1 3x2 4x1" logistic "$dir/wide.h5" $spread --metric dense --init mode

# the SIMD level that every machine has
law "$few" ppca "$dir/ppca.h5" $short --isa base --chains 5
law "$few" logistic "$dir/logistic.h5" $short --isa base --warmup 20

# fewer rows than ranks, one row, one more than a block
for n in 1 2 257; do
  "$MASTING" simulate ppca --size N=$n --size D=2 --seed 1 -o "$dir/few.h5" --force 2>/dev/null
  law "$few" ppca "$dir/few.h5" $short
done

# and it is the seed that decides
another_seed draws ppca "$dir/few.h5" $short
exit $failed
