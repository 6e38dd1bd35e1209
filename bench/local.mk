# bench: what this folder adds to the build and the tarball
# Kernels alone, without MPI: make bench/kernel
EXTRA_PROGRAMS += bench/kernel
bench_kernel_SOURCES = bench/kernel.c
bench_kernel_LDADD = $(MASTING_LDADD)
CLEANFILES += bench/kernel$(EXEEXT)
# Exact against plain sums on the same steps: make bench/reductions
EXTRA_PROGRAMS += bench/reductions
bench_reductions_SOURCES = bench/reductions.c
bench_reductions_LDADD = $(MASTING_LDADD)
CLEANFILES += bench/reductions$(EXEEXT)
# A factorisation over ranks, or by threads: make bench/cholesky
EXTRA_PROGRAMS += bench/cholesky
bench_cholesky_SOURCES = bench/cholesky.c
bench_cholesky_LDADD = $(MASTING_LDADD)
CLEANFILES += bench/cholesky$(EXEEXT)
# A dense metric whole on every rank, or spread: make bench/metric_dist, then bench/metric_dist.py
EXTRA_PROGRAMS += bench/metric_dist
bench_metric_dist_SOURCES = bench/metric_dist.c
bench_metric_dist_LDADD = $(MASTING_LDADD)
CLEANFILES += bench/metric_dist$(EXEEXT)
# make bench: the table of bench/bench.py; make bench BENCH_FLAGS="--row start"
EXTRA_PROGRAMS += bench/empty_mpi
bench_empty_mpi_SOURCES = bench/empty_mpi.c
EXTRA_DIST += bench/bench.py bench/peers.py bench/warmup.py bench/metrics.py bench/metric_dist.py \
  bench/stan/hierarchical.stan bench/stan/logistic.stan bench/stan/process.stan \
  bench/stan_gradients.py bench/stan/gradient.cpp
CLEANFILES += bench/empty_mpi$(EXEEXT) bench.json
bench: masting$(EXEEXT) bench/kernel$(EXEEXT) bench/reductions$(EXEEXT) bench/empty_mpi$(EXEEXT) \
  bench/cholesky$(EXEEXT)
	python3 $(top_srcdir)/bench/bench.py $(BENCH_FLAGS) .
.PHONY: bench
