# tests/mpi
if HAVE_CMOCKA
check_PROGRAMS += tests/mpi/test_drawfile
TESTS += tests/mpi/test_drawfile
endif
tests_mpi_test_drawfile_SOURCES = tests/mpi/test_drawfile.c tests/mpi/draws_model.h
tests_mpi_test_drawfile_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_drawfile_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)

# src/par
if HAVE_CMOCKA
check_PROGRAMS += tests/mpi/test_archive
TESTS += tests/mpi/test_archive
endif
tests_mpi_test_archive_SOURCES = tests/mpi/test_archive.c
tests_mpi_test_archive_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_archive_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
if HAVE_CMOCKA
check_PROGRAMS += tests/mpi/test_agree
TESTS += tests/mpi/test_agree
tests_mpi_test_agree_SOURCES = tests/mpi/test_agree.c
tests_mpi_test_agree_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_agree_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif
check_PROGRAMS += tests/mpi/write_draws
tests_mpi_write_draws_SOURCES = tests/mpi/write_draws.c tests/mpi/draws_model.h
tests_mpi_write_draws_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi
tests_mpi_write_draws_LDADD = $(MASTING_LDADD)

# src/target
if HAVE_CMOCKA
check_PROGRAMS += tests/mpi/test_target
TESTS += tests/mpi/test_target
endif
tests_mpi_test_target_SOURCES = tests/mpi/test_target.c tests/mpi/fixture.c tests/mpi/fixture.h \
  tests/unit/gallery_reference.c tests/unit/gallery_reference.h
tests_mpi_test_target_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/mpi \
  $(CMOCKA_CFLAGS)
tests_mpi_test_target_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += tests/mpi/test_batch
TESTS += tests/mpi/test_batch
endif
tests_mpi_test_batch_SOURCES = tests/mpi/test_batch.c tests/mpi/fixture.c tests/mpi/fixture.h
tests_mpi_test_batch_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_batch_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += tests/mpi/test_process
TESTS += tests/mpi/test_process
endif
tests_mpi_test_process_SOURCES = tests/mpi/test_process.c tests/mpi/process_model.c \
  tests/mpi/process_model.h tests/mpi/fixture.c tests/mpi/fixture.h \
  tests/mpi/drive.c tests/mpi/drive.h tests/mpi/count_calls.c tests/mpi/count_calls.h
tests_mpi_test_process_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/mpi \
  $(CMOCKA_CFLAGS)
tests_mpi_test_process_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)

# src/optim
if HAVE_CMOCKA
check_PROGRAMS += tests/mpi/test_hessian tests/mpi/test_gauss tests/mpi/test_marginal
TESTS += tests/mpi/test_hessian tests/mpi/test_gauss tests/mpi/test_marginal
endif
tests_mpi_test_marginal_SOURCES = tests/mpi/test_marginal.c tests/mpi/counts_model.c \
  tests/mpi/counts_model.h tests/mpi/fixture.c tests/mpi/fixture.h
tests_mpi_test_marginal_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_marginal_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_gauss_SOURCES = tests/mpi/test_gauss.c tests/mpi/rows_model.c \
  tests/mpi/counts_model.c tests/mpi/counts_model.h \
  tests/mpi/rows_model.h tests/stat/gaussian_model.c tests/stat/gaussian_model.h \
  tests/mpi/fixture.c tests/mpi/fixture.h
tests_mpi_test_gauss_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/mpi \
  $(CMOCKA_CFLAGS)
tests_mpi_test_gauss_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_hessian_SOURCES = tests/mpi/test_hessian.c tests/mpi/rows_model.c \
  tests/mpi/rows_model.h tests/mpi/fixture.c tests/mpi/fixture.h
tests_mpi_test_hessian_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_hessian_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)

# src/data: reading, refusing and simulating data
if HAVE_CMOCKA
data_tests = tests/mpi/test_dataset tests/mpi/test_dataset_bad tests/mpi/test_dataset_simulate \
  tests/mpi/test_dataset_json tests/mpi/test_dataset_csv
check_PROGRAMS += $(data_tests)
TESTS += $(data_tests)
tests_mpi_test_dataset_SOURCES = tests/mpi/test_dataset.c tests/mpi/dataset_toy.c \
  tests/mpi/dataset_toy.h
tests_mpi_test_dataset_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi
tests_mpi_test_dataset_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_mpi_test_dataset_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_dataset_bad_SOURCES = tests/mpi/test_dataset_bad.c tests/mpi/dataset_toy.c \
  tests/mpi/dataset_toy.h
tests_mpi_test_dataset_bad_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi
tests_mpi_test_dataset_bad_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_mpi_test_dataset_bad_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_dataset_json_SOURCES = tests/mpi/test_dataset_json.c tests/mpi/dataset_toy.c \
  tests/mpi/dataset_toy.h
tests_mpi_test_dataset_json_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi
tests_mpi_test_dataset_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_mpi_test_dataset_json_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_dataset_csv_SOURCES = tests/mpi/test_dataset_csv.c tests/mpi/dataset_toy.c \
  tests/mpi/dataset_toy.h
tests_mpi_test_dataset_csv_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi
tests_mpi_test_dataset_csv_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_mpi_test_dataset_csv_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_dataset_simulate_SOURCES = tests/mpi/test_dataset_simulate.c \
  tests/mpi/dataset_toy.c tests/mpi/dataset_toy.h
tests_mpi_test_dataset_simulate_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi
tests_mpi_test_dataset_simulate_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_mpi_test_dataset_simulate_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
endif

# src/nuts, src/run
if HAVE_CMOCKA
check_PROGRAMS += tests/mpi/test_engine tests/mpi/test_metric_dist tests/mpi/test_curvature
TESTS += tests/mpi/test_engine tests/mpi/test_metric_dist tests/mpi/test_curvature
endif
tests_mpi_test_curvature_SOURCES = tests/mpi/test_curvature.c tests/mpi/dist_kit.h tests/mpi/fixture.c tests/mpi/fixture.h
tests_mpi_test_curvature_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_curvature_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_metric_dist_SOURCES = tests/mpi/test_metric_dist.c tests/mpi/fixture.c tests/mpi/fixture.h
tests_mpi_test_metric_dist_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_metric_dist_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_engine_SOURCES = tests/mpi/test_engine.c tests/mpi/fixture.c tests/mpi/fixture.h \
  tests/mpi/drive.c tests/mpi/drive.h tests/mpi/count_calls.c tests/mpi/count_calls.h
tests_mpi_test_engine_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_engine_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)

# src/linalg: matrices spread over the ranks
if HAVE_CMOCKA
dist_tests = tests/mpi/test_dist tests/mpi/test_rowwise tests/mpi/test_normal
check_PROGRAMS += $(dist_tests)
TESTS += $(dist_tests)
endif
tests_mpi_test_dist_SOURCES = tests/mpi/test_dist.c tests/mpi/dist_kit.h
tests_mpi_test_dist_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_dist_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_rowwise_SOURCES = tests/mpi/test_rowwise.c tests/mpi/dist_kit.h \
  tests/mpi/count_calls.c tests/mpi/count_calls.h
tests_mpi_test_rowwise_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_rowwise_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_normal_SOURCES = tests/mpi/test_normal.c tests/mpi/dist_kit.h
tests_mpi_test_normal_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_normal_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)

# src/store: metric files
if HAVE_CMOCKA
check_PROGRAMS += tests/mpi/test_metricfile tests/mpi/test_metricfile_dist
TESTS += tests/mpi/test_metricfile tests/mpi/test_metricfile_dist
endif
tests_mpi_test_metricfile_dist_SOURCES = tests/mpi/test_metricfile_dist.c tests/mpi/draws_model.h
tests_mpi_test_metricfile_dist_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_metricfile_dist_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_mpi_test_metricfile_SOURCES = tests/mpi/test_metricfile.c tests/mpi/draws_model.h
tests_mpi_test_metricfile_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_metricfile_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)

# src/optim: spectra by ScaLAPACK
if HAVE_CMOCKA
check_PROGRAMS += tests/mpi/test_directions
TESTS += tests/mpi/test_directions
endif
tests_mpi_test_directions_SOURCES = tests/mpi/test_directions.c tests/mpi/dist_kit.h
tests_mpi_test_directions_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mpi $(CMOCKA_CFLAGS)
tests_mpi_test_directions_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
