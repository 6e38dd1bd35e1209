# tests/interp: the plain interpreter of Stan programs that generated programs are held against
check_PROGRAMS += tests/interp/interp
tests_interp_interp_SOURCES = \
  tests/interp/call.c \
  tests/interp/constraint.c \
  tests/interp/density.c \
  tests/interp/eval.c \
  tests/interp/interp.h \
  tests/interp/library.c \
  tests/interp/linear.c \
  tests/interp/main.c \
  tests/interp/multi.c \
  tests/interp/reshape.c \
  tests/interp/run.c \
  tests/interp/scalar.c \
  tests/interp/setup.c \
  tests/interp/special.c \
  tests/interp/transform.c \
  tests/interp/value.c \
  tests/interp/value.h
tests_interp_interp_LDADD = $(MASTING_LDADD)
EXTRA_DIST += tests/interp/oracle.py tests/interp/test_interp.py
TESTS += tests/interp/test_interp.py

# generated programs, compiled in all ways, against it
check_PROGRAMS += tests/interp/variants
tests_interp_variants_SOURCES = tests/interp/variants.c
tests_interp_variants_LDADD = $(MASTING_LDADD)
EXTRA_DIST += tests/interp/expressions.py tests/interp/programs.py tests/interp/test_programs.py \
  tests/interp/test_cases.py
EXTRA_DIST += \
  tests/interp/cases/constraints.stan \
  tests/interp/cases/condition_on_one_row.stan \
  tests/interp/cases/flat.stan \
  tests/interp/cases/foreach_that_writes.stan \
  tests/interp/cases/ints_that_change.stan \
  tests/interp/cases/log_mix_at_ends.stan \
  tests/interp/cases/phases_of_loops.stan \
  tests/interp/cases/read_then_changed.stan \
  tests/interp/cases/return_of_choice.stan \
  tests/interp/cases/rows_add_nothing.stan \
  tests/interp/cases/rows_of_data.stan \
  tests/interp/cases/sums_on_one_lane.stan \
  tests/interp/cases/tuples.stan
EXTRA_DIST += tests/interp/test_tuples.py tests/models/tuples.stan
TESTS += tests/interp/test_programs.py tests/interp/test_cases.py tests/interp/test_tuples.py
