# tests/stat: draws against posteriors that are known otherwise
if HAVE_CMOCKA
stat_tests = tests/stat/test_gaussian tests/stat/test_schools tests/stat/test_ppca \
  tests/stat/test_regression tests/stat/test_hierarchical \
  tests/stat/test_warmup tests/stat/test_modes tests/stat/test_pathfinder
check_PROGRAMS += $(stat_tests)
TESTS += $(stat_tests)
endif
# Large: by hand, tests/stat/large_gaussian.sh BUILD
EXTRA_DIST += tests/stat/large_gaussian.sh
EXTRA_PROGRAMS += tests/stat/large_gaussian
CLEANFILES += tests/stat/large_gaussian$(EXEEXT)
tests_stat_large_gaussian_SOURCES = tests/stat/large_gaussian.c tests/mpi/fixture.c tests/mpi/fixture.h
tests_stat_large_gaussian_CPPFLAGS = $(ORACLE_CPPFLAGS)
tests_stat_large_gaussian_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
ORACLE = tests/stat/oracle.c tests/stat/oracle.h tests/mpi/fixture.c tests/mpi/fixture.h
ORACLE_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_stat_test_gaussian_SOURCES = tests/stat/test_gaussian.c tests/stat/gaussian_model.c \
  tests/stat/gaussian_model.h $(ORACLE)
tests_stat_test_gaussian_CPPFLAGS = $(ORACLE_CPPFLAGS)
tests_stat_test_gaussian_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_stat_test_schools_SOURCES = tests/stat/test_schools.c $(ORACLE)
tests_stat_test_schools_CPPFLAGS = $(ORACLE_CPPFLAGS)
tests_stat_test_schools_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_stat_test_ppca_SOURCES = tests/stat/test_ppca.c $(ORACLE)
tests_stat_test_ppca_CPPFLAGS = $(ORACLE_CPPFLAGS)
tests_stat_test_ppca_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_stat_test_regression_SOURCES = tests/stat/test_regression.c $(ORACLE)
tests_stat_test_regression_CPPFLAGS = $(ORACLE_CPPFLAGS)
tests_stat_test_regression_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_stat_test_hierarchical_SOURCES = tests/stat/test_hierarchical.c $(ORACLE)
tests_stat_test_hierarchical_CPPFLAGS = $(ORACLE_CPPFLAGS)
tests_stat_test_hierarchical_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_stat_test_warmup_SOURCES = tests/stat/test_warmup.c tests/stat/gaussian_model.c \
  tests/stat/gaussian_model.h tests/mpi/fixture.c tests/mpi/fixture.h tests/mpi/drive.c tests/mpi/drive.h
tests_stat_test_warmup_CPPFLAGS = $(ORACLE_CPPFLAGS)
tests_stat_test_warmup_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_stat_test_modes_SOURCES = tests/stat/test_modes.c $(ORACLE)
tests_stat_test_modes_CPPFLAGS = $(ORACLE_CPPFLAGS)
tests_stat_test_modes_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_stat_test_pathfinder_SOURCES = tests/stat/test_pathfinder.c tests/stat/gaussian_model.c \
  tests/stat/gaussian_model.h $(ORACLE)
tests_stat_test_pathfinder_CPPFLAGS = $(ORACLE_CPPFLAGS)
tests_stat_test_pathfinder_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
