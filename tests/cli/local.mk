# tests/cli
EXTRA_DIST += tests/cli/test_includes.sh
TESTS += tests/cli/test_includes.sh
# runs that are stopped and go on
EXTRA_DIST += tests/cli/test_checkpoint.sh
TESTS += tests/cli/test_checkpoint.sh
EXTRA_DIST += tests/cli/test_usage.sh tests/cli/test_scaling.sh
TESTS += tests/cli/test_usage.sh tests/cli/test_scaling.sh
EXTRA_DIST += tests/cli/test_arviz.py
TESTS += tests/cli/test_arviz.py
EXTRA_DIST += tests/cli/test_slurm.sh
TESTS += tests/cli/test_slurm.sh
EXTRA_DIST += tests/cli/test_models_in_c.sh
TESTS += tests/cli/test_models_in_c.sh
EXTRA_DIST += tests/cli/test_readme.sh
TESTS += tests/cli/test_readme.sh
EXTRA_DIST += tests/cli/test_check.sh tests/cli/test_info.sh
TESTS += tests/cli/test_check.sh tests/cli/test_info.sh
EXTRA_DIST += tests/cli/test_configure.sh
TESTS += tests/cli/test_configure.sh
EXTRA_DIST += tests/cli/test_convert.sh
TESTS += tests/cli/test_convert.sh
# src/data, data/
EXTRA_DIST += tests/cli/test_bad_data.sh tests/cli/test_data_files.sh
TESTS += tests/cli/test_bad_data.sh tests/cli/test_data_files.sh
# Stan programs
EXTRA_DIST += tests/cli/test_stan.sh tests/models/rows.stan
TESTS += tests/cli/test_stan.sh
EXTRA_DIST += tests/cli/test_constraints.sh tests/models/constraints.stan
TESTS += tests/cli/test_constraints.sh
EXTRA_DIST += tests/cli/test_emit_ir.sh
TESTS += tests/cli/test_emit_ir.sh
# differential equations
EXTRA_DIST += tests/cli/test_ode.sh tests/models/oscillator.stan tests/models/doses.stan \
  tests/models/robertson.stan tests/models/late.stan
TESTS += tests/cli/test_ode.sh
EXTRA_DIST += tests/cli/test_solve.sh tests/models/integrals.stan tests/models/roots.stan
TESTS += tests/cli/test_solve.sh
EXTRA_DIST += tests/cli/test_stan_rows.sh tests/models/families.stan tests/models/effects.stan \
  tests/models/outcomes.stan tests/models/sums.stan tests/models/carried.stan
TESTS += tests/cli/test_stan_rows.sh
EXTRA_DIST += tests/cli/test_stan_whole.sh tests/models/walk.stan tests/models/coupled.stan \
  tests/models/autoregression.stan
TESTS += tests/cli/test_stan_whole.sh
# names, and refusals of the C compiler
EXTRA_DIST += tests/cli/test_stan_names.py
TESTS += tests/cli/test_stan_names.py
# programs of thousands of statements
EXTRA_DIST += tests/cli/test_stan_many.py
TESTS += tests/cli/test_stan_many.py
# conditions, functions, print()
EXTRA_DIST += tests/cli/test_stan_scopes.py
TESTS += tests/cli/test_stan_scopes.py
# the page of functions
EXTRA_DIST += tests/cli/test_stan_functions.py
TESTS += tests/cli/test_stan_functions.py
# metric and step sizes from a file and to one
EXTRA_DIST += tests/cli/test_metric_file.sh
TESTS += tests/cli/test_metric_file.sh
# normals of all rows
EXTRA_DIST += tests/cli/test_stan_normal.py
TESTS += tests/cli/test_stan_normal.py
# what statements mean
EXTRA_DIST += tests/cli/test_stan_semantics.py
TESTS += tests/cli/test_stan_semantics.py
EXTRA_DIST += tests/cli/test_spectrum.sh
TESTS += tests/cli/test_spectrum.sh
# the Python package
EXTRA_DIST += tests/cli/test_python.sh
TESTS += tests/cli/test_python.sh
# what is read off draws
EXTRA_DIST += tests/cli/test_results.py tests/cli/test_diagnose.py
TESTS += tests/cli/test_results.py tests/cli/test_diagnose.py
# man pages, completions
EXTRA_DIST += tests/cli/test_manual.sh
TESTS += tests/cli/test_manual.sh
# signals, times, partial files
EXTRA_DIST += tests/cli/test_ends.py
TESTS += tests/cli/test_ends.py
# the page on R
EXTRA_DIST += tests/cli/test_r.sh
TESTS += tests/cli/test_r.sh
# recipes of packages
EXTRA_DIST += tests/cli/test_packaging.sh
TESTS += tests/cli/test_packaging.sh
# the folder of compiled models
EXTRA_DIST += tests/cli/test_cache.sh
TESTS += tests/cli/test_cache.sh
# scalars that the data lack
EXTRA_DIST += tests/cli/test_given_data.sh
TESTS += tests/cli/test_given_data.sh
