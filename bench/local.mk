# bench: what this folder adds to the build and the tarball
# Kernels alone, without MPI: make bench/kernel
EXTRA_PROGRAMS += bench/kernel
bench_kernel_SOURCES = bench/kernel.c
bench_kernel_LDADD = $(MASTING_LDADD)
CLEANFILES += bench/kernel$(EXEEXT)
