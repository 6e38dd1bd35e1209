# tests/laws: of the whole program
EXTRA_DIST += tests/laws/lib.sh tests/laws/test_laplace.sh
TESTS += tests/laws/test_laplace.sh
EXTRA_DIST += tests/laws/test_modes.sh tests/models/separable.stan tests/models/free_rows.stan
TESTS += tests/laws/test_modes.sh
EXTRA_DIST += tests/laws/test_same_draws.sh tests/laws/test_desync.sh tests/laws/test_shared.sh \
  tests/models/shared.c tests/laws/test_normals.sh tests/models/process.c
check_PROGRAMS += tests/laws/dump_draws
TESTS += tests/laws/test_same_draws.sh tests/laws/test_shared.sh tests/laws/test_normals.sh
tests_laws_dump_draws_SOURCES = tests/laws/dump_draws.c
tests_laws_dump_draws_LDADD = $(MASTING_LIBS)
if HAVE_CMOCKA
check_PROGRAMS += tests/laws/desync
TESTS += tests/laws/test_desync.sh
endif
tests_laws_desync_SOURCES = tests/laws/desync.c tests/mpi/fixture.c tests/mpi/fixture.h \
  tests/mpi/drive.c tests/mpi/drive.h
tests_laws_desync_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_laws_desync_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)

# matrices spread over the ranks
EXTRA_DIST += tests/laws/test_linalg.sh
check_PROGRAMS += tests/laws/dump_linalg
TESTS += tests/laws/test_linalg.sh
tests_laws_dump_linalg_SOURCES = tests/laws/dump_linalg.c tests/mpi/dist_kit.h
tests_laws_dump_linalg_LDADD = $(MASTING_LDADD)

# draws whose generated quantities are rejected, and programs that have nothing else
EXTRA_DIST += tests/laws/test_rejected.sh tests/models/rejected.stan tests/models/rejected_rows.stan \
  tests/models/fixed.stan
TESTS += tests/laws/test_rejected.sh

# random numbers in transformed data
EXTRA_DIST += tests/laws/test_random_data.sh tests/models/random_data.stan
TESTS += tests/laws/test_random_data.sh

# sums and metrics of any scale
EXTRA_DIST += tests/laws/test_scales.sh tests/models/two_scales.stan tests/models/far_data.stan \
  tests/models/far_rates.stan
TESTS += tests/laws/test_scales.sh

# runs that are killed and resumed
EXTRA_DIST += tests/laws/test_resume.py tests/models/random_quantities.stan
TESTS += tests/laws/test_resume.py
