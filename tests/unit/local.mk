# tests/unit

# src/model: layouts, transforms at several lane widths, the gallery against densities written again
if HAVE_CMOCKA
model_tests = tests/unit/test_layout tests/unit/test_transform_w1 tests/unit/test_transform_w4 \
  tests/unit/test_transform_w8 tests/unit/test_gallery
check_PROGRAMS += $(model_tests)
TESTS += $(model_tests)
tests_unit_test_layout_SOURCES = tests/unit/test_layout.c
tests_unit_test_layout_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_layout_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_transform_w1_SOURCES = tests/unit/test_transform.c
tests_unit_test_transform_w1_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_transform_w1_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_transform_w1_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=1
tests_unit_test_transform_w4_SOURCES = tests/unit/test_transform.c
tests_unit_test_transform_w4_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_transform_w4_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_transform_w4_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=4
tests_unit_test_transform_w8_SOURCES = tests/unit/test_transform.c
tests_unit_test_transform_w8_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_transform_w8_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_transform_w8_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=8
tests_unit_test_gallery_SOURCES = tests/unit/test_gallery.c tests/unit/gallery_reference.c \
  tests/unit/gallery_reference.h
tests_unit_test_gallery_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_gallery_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif

# src/base, src/par
if HAVE_CMOCKA
base_tests = tests/unit/test_base tests/unit/test_shard
check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)
tests_unit_test_base_SOURCES = tests/unit/test_base.c
tests_unit_test_base_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_base_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_shard_SOURCES = tests/unit/test_shard.c
tests_unit_test_shard_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_shard_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif

# src/model: opening a model by name or file
check_PROGRAMS += tests/unit/open_model
tests_unit_open_model_SOURCES = tests/unit/open_model.c
tests_unit_open_model_LDADD = $(MASTING_LDADD)
EXTRA_DIST += tests/unit/test_open_model.sh tests/models/poisson.c tests/models/broken.c
TESTS += tests/unit/test_open_model.sh

# src/par: exact sums at every lane width and SIMD level
EXACT_KERNELS = tests/unit/exact_lanes_body.h tests/unit/exact_kernels.h tests/unit/exact_w1.c \
  tests/unit/exact_w2.c tests/unit/exact_w4.c tests/unit/exact_w8.c tests/unit/exact_w16.c
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_exact
TESTS += tests/unit/test_exact
check_LIBRARIES += tests/unit/libexact_base.a
tests_unit_libexact_base_a_SOURCES = $(EXACT_KERNELS)
tests_unit_libexact_base_a_CFLAGS = $(libhot_base_a_CFLAGS)
tests_unit_libexact_base_a_CPPFLAGS = $(libhot_base_a_CPPFLAGS)
tests_unit_test_exact_SOURCES = tests/unit/test_exact.c
tests_unit_test_exact_LDADD = tests/unit/libexact_base.a
tests_unit_test_exact_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
if ISA_VARIANTS
check_LIBRARIES += tests/unit/libexact_v3.a tests/unit/libexact_v4.a
tests_unit_libexact_v3_a_SOURCES = $(EXACT_KERNELS)
tests_unit_libexact_v3_a_CFLAGS = $(libhot_v3_a_CFLAGS)
tests_unit_libexact_v3_a_CPPFLAGS = $(libhot_v3_a_CPPFLAGS)
tests_unit_libexact_v4_a_SOURCES = $(EXACT_KERNELS)
tests_unit_libexact_v4_a_CFLAGS = $(libhot_v4_a_CFLAGS)
tests_unit_libexact_v4_a_CPPFLAGS = $(libhot_v4_a_CPPFLAGS)
tests_unit_test_exact_LDADD += tests/unit/libexact_v3.a tests/unit/libexact_v4.a
endif
tests_unit_test_exact_LDADD += $(MASTING_LDADD) $(CMOCKA_LIBS)
endif

# src/par: exact sums at any scale
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_longsum
TESTS += tests/unit/test_longsum
tests_unit_test_longsum_SOURCES = tests/unit/test_longsum.c
tests_unit_test_longsum_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_longsum_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif

# src/nuts: the tree against a recursion written from its description
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_tree
TESTS += tests/unit/test_tree
tests_unit_test_tree_SOURCES = tests/unit/test_tree.c tests/unit/tree_reference.c \
  tests/unit/tree_reference.h
tests_unit_test_tree_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_tree_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_diag
TESTS += tests/unit/test_diag
tests_unit_test_diag_SOURCES = tests/unit/test_diag.c
tests_unit_test_diag_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_diag_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif

# src/run/progress, src/base/show
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_progress
TESTS += tests/unit/test_progress
tests_unit_test_progress_SOURCES = tests/unit/test_progress.c
tests_unit_test_progress_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_progress_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif

# src/data: random numbers of simulators
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_simrng
TESTS += tests/unit/test_simrng
tests_unit_test_simrng_SOURCES = tests/unit/test_simrng.c
tests_unit_test_simrng_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_simrng_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif

# src/adapt: step size fitted to draws
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_step_fit
TESTS += tests/unit/test_step_fit
tests_unit_test_step_fit_SOURCES = tests/unit/test_step_fit.c
tests_unit_test_step_fit_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_step_fit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif

# src/base, src/adapt: normals by address; dual averaging and schedules
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_std_normal tests/unit/test_adapt
TESTS += tests/unit/test_std_normal tests/unit/test_adapt
endif
tests_unit_test_std_normal_SOURCES = tests/unit/test_std_normal.c
tests_unit_test_std_normal_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_std_normal_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_adapt_SOURCES = tests/unit/test_adapt.c
tests_unit_test_adapt_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_adapt_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

# include/masting/stan: matrices of generated models, at two lane widths
EXTRA_DIST += tests/unit/linalg_cases.h tests/unit/linalg_identities.h
if HAVE_CMOCKA
linalg_tests = tests/unit/test_linalg_w1 tests/unit/test_linalg_w8 tests/unit/test_linalg_adj_w1 \
  tests/unit/test_linalg_adj_w8 tests/unit/test_linalg_spectra_w1 \
  tests/unit/test_linalg_spectra_w8
check_PROGRAMS += $(linalg_tests)
TESTS += $(linalg_tests)
endif
tests_unit_test_linalg_w1_SOURCES = tests/unit/test_linalg.c
tests_unit_test_linalg_w1_LDADD = $(SLEEF_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_linalg_w1_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_linalg_w1_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=1
tests_unit_test_linalg_w8_SOURCES = tests/unit/test_linalg.c
tests_unit_test_linalg_w8_LDADD = $(SLEEF_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_linalg_w8_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_linalg_w8_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=8
tests_unit_test_linalg_adj_w1_SOURCES = tests/unit/test_linalg_adj.c
tests_unit_test_linalg_adj_w1_LDADD = $(SLEEF_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_linalg_adj_w1_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_linalg_adj_w1_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=1
tests_unit_test_linalg_adj_w8_SOURCES = tests/unit/test_linalg_adj.c
tests_unit_test_linalg_adj_w8_LDADD = $(SLEEF_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_linalg_adj_w8_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_linalg_adj_w8_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=8
tests_unit_test_linalg_spectra_w1_SOURCES = tests/unit/test_linalg_spectra.c
tests_unit_test_linalg_spectra_w1_LDADD = $(SLEEF_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_linalg_spectra_w1_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_linalg_spectra_w1_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=1
tests_unit_test_linalg_spectra_w8_SOURCES = tests/unit/test_linalg_spectra.c
tests_unit_test_linalg_spectra_w8_LDADD = $(SLEEF_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_linalg_spectra_w8_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_linalg_spectra_w8_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=8

# include/masting/stan/special.h at several lane widths
if HAVE_CMOCKA
special_tests = tests/unit/test_special_w1 tests/unit/test_special_w4 tests/unit/test_special_w8
check_PROGRAMS += $(special_tests)
TESTS += $(special_tests)
endif
EXTRA_DIST += tests/unit/special_values.py
SPECIAL_TEST = tests/unit/test_special.c tests/unit/special_values.h
tests_unit_test_special_w1_SOURCES = $(SPECIAL_TEST)
tests_unit_test_special_w1_LDADD = $(MASTING_LIBS) $(CMOCKA_LIBS)
tests_unit_test_special_w1_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_special_w1_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=1
tests_unit_test_special_w4_SOURCES = $(SPECIAL_TEST)
tests_unit_test_special_w4_LDADD = $(MASTING_LIBS) $(CMOCKA_LIBS)
tests_unit_test_special_w4_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_special_w4_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=4
tests_unit_test_special_w8_SOURCES = $(SPECIAL_TEST)
tests_unit_test_special_w8_LDADD = $(MASTING_LIBS) $(CMOCKA_LIBS)
tests_unit_test_special_w8_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_special_w8_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=8

# src/lang: the checker
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_check
TESTS += tests/unit/test_check
EXTRA_DIST += tests/unit/check_cases.h
tests_unit_test_check_SOURCES = tests/unit/test_check.c
tests_unit_test_check_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_check_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif

# src/lang: the parser
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_parse tests/unit/test_parse_messages tests/unit/test_compile
TESTS += tests/unit/test_parse tests/unit/test_parse_messages tests/unit/test_compile
tests_unit_test_compile_SOURCES = tests/unit/test_compile.c
tests_unit_test_compile_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_compile_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_parse_SOURCES = tests/unit/test_parse.c
tests_unit_test_parse_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_parse_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_parse_messages_SOURCES = tests/unit/test_parse_messages.c
tests_unit_test_parse_messages_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_parse_messages_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif

# src/lang: differentiation, optimiser and emitter
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_ir tests/unit/test_verify
TESTS += tests/unit/test_ir tests/unit/test_verify
endif
tests_unit_test_verify_SOURCES = tests/unit/test_verify.c tests/unit/ir_kit.c tests/unit/ir_kit.h
tests_unit_test_verify_LDADD = $(tests_unit_test_ir_LDADD)
tests_unit_test_verify_CFLAGS = $(tests_unit_test_ir_CFLAGS)
tests_unit_test_verify_CPPFLAGS = $(tests_unit_test_ir_CPPFLAGS)
tests_unit_test_ir_SOURCES = tests/unit/test_ir.c tests/unit/ir_kit.c tests/unit/ir_kit.h
tests_unit_test_ir_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS) -ldl
tests_unit_test_ir_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ir_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=4 \
  -DTEST_CC='"gcc"' -DTEST_INCLUDE='"$(abs_top_srcdir)/include"' \
  -DTEST_SLEEF_CFLAGS='"$(SLEEF_CFLAGS)"' -DTEST_SLEEF_LIBS='"$(SLEEF_LIBS)"'

# include/masting/stan/ode.h: differential equations, at two lane widths
if HAVE_CMOCKA
ode_tests = tests/unit/test_ode_w1 tests/unit/test_ode_w8
check_PROGRAMS += $(ode_tests)
TESTS += $(ode_tests)
endif
tests_unit_test_ode_w1_SOURCES = tests/unit/test_ode.c
tests_unit_test_ode_w1_LDADD = $(SUNDIALS_LIBS) $(SLEEF_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_ode_w1_CFLAGS = $(AM_CFLAGS) $(SUNDIALS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ode_w1_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=1
tests_unit_test_ode_w8_SOURCES = tests/unit/test_ode.c
tests_unit_test_ode_w8_LDADD = $(SUNDIALS_LIBS) $(SLEEF_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_ode_w8_CFLAGS = $(AM_CFLAGS) $(SUNDIALS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ode_w8_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=8

# src/lang/prelude: distributions against values by mpmath, random numbers against distributions
EXTRA_DIST += tests/unit/test_prelude.py tests/unit/prelude_values.py tests/unit/prelude_values.txt \
  tests/unit/test_prelude_random.py tests/unit/prelude_random.stan
TESTS += tests/unit/test_prelude.py tests/unit/test_prelude_random.py
# the same and functions at extremes; its errors are docs/accuracy.md
EXTRA_DIST += tests/unit/test_extremes.py tests/unit/extreme_values.py tests/unit/extreme_values.txt
TESTS += tests/unit/test_extremes.py
EXTRA_DIST += tests/unit/test_transforms.py
TESTS += tests/unit/test_transforms.py

# src/linalg: matrices of one process
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_lapack
TESTS += tests/unit/test_lapack
endif
tests_unit_test_lapack_SOURCES = tests/unit/test_lapack.c
tests_unit_test_lapack_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_lapack_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

# src/optim: line search, directions against dense BFGS, climbs
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_optim
TESTS += tests/unit/test_optim
endif
tests_unit_test_optim_SOURCES = tests/unit/test_optim.c
tests_unit_test_optim_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_optim_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

# src/adapt: metrics with a shape
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_metric_fit
TESTS += tests/unit/test_metric_fit
endif
tests_unit_test_metric_fit_SOURCES = tests/unit/test_metric_fit.c
tests_unit_test_metric_fit_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_metric_fit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

# src/optim: Gaussians of L-BFGS's pairs, smoothed weights
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_approx
TESTS += tests/unit/test_approx
endif
tests_unit_test_approx_SOURCES = tests/unit/test_approx.c
tests_unit_test_approx_LDADD = $(MASTING_LDADD) $(CMOCKA_LIBS)
tests_unit_test_approx_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
# extreme arguments
EXTRA_DIST += tests/unit/test_extremes.py tests/unit/extreme_values.py

# include/masting/stan/quadrature.h, root.h: integrals and roots, at two lane widths
if HAVE_CMOCKA
solve_tests = tests/unit/test_solve_w1 tests/unit/test_solve_w8
check_PROGRAMS += $(solve_tests)
TESTS += $(solve_tests)
endif
tests_unit_test_solve_w1_SOURCES = tests/unit/test_solve.c
tests_unit_test_solve_w1_LDADD = -lsundials_kinsol $(SUNDIALS_LIBS) $(SLEEF_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_solve_w1_CFLAGS = $(AM_CFLAGS) $(SUNDIALS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_solve_w1_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=1
tests_unit_test_solve_w8_SOURCES = tests/unit/test_solve.c
tests_unit_test_solve_w8_LDADD = -lsundials_kinsol $(SUNDIALS_LIBS) $(SLEEF_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_solve_w8_CFLAGS = $(AM_CFLAGS) $(SUNDIALS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_solve_w8_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=8

# include/masting/stan/hypergeometric.h
EXTRA_DIST += tests/unit/hypergeometric_values.py
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_hypergeometric
TESTS += tests/unit/test_hypergeometric
endif
tests_unit_test_hypergeometric_SOURCES = tests/unit/test_hypergeometric.c tests/unit/hypergeometric_values.h
tests_unit_test_hypergeometric_LDADD = $(SLEEF_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_hypergeometric_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_hypergeometric_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_LANES=4
