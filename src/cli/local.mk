# src/cli: the program, and what its subcommands share (in the library, so that tests link it)
libmasting_a_SOURCES += src/cli/options.c src/cli/parse.c src/cli/options.h src/cli/config.c src/cli/number.c \
  src/cli/number.h src/cli/ascent_view.c src/cli/ascent_view.h src/cli/directions_view.c \
  src/cli/directions_view.h src/cli/command.c src/cli/command.h \
  src/cli/job.c src/cli/job.h src/cli/jobmodel.c src/cli/affinity.c src/cli/sizes.c src/cli/sample.c \
  src/cli/sample.h src/cli/gradcheck.c src/cli/gradcheck.h src/cli/checkat.c src/cli/checkat.h \
  src/cli/scaling.h src/cli/scaling_run.c \
  src/cli/scaling_table.c src/cli/scaling_plot.c
bin_PROGRAMS += masting
masting_SOURCES = src/cli/main.c src/cli/cmd.h src/cli/cmd_sample.c src/cli/cmd_optimize.c src/cli/cmd_pathfinder.c src/cli/cmd_laplace.c src/cli/cmd_simulate.c src/cli/cmd_convert.c \
  src/cli/cmd_check.c src/cli/cmd_summary.c src/cli/cmd_diagnose.c src/cli/cmd_compile.c src/cli/cmd_info.c \
  src/cli/cmd_scaling.c
masting_LDADD = $(MASTING_LDADD)
# What `masting info` knows of this build.
masting_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_BUILD_FLAGS='"$(CFLAGS) $(MASTING_FP) $(MASTING_MODE)"'
