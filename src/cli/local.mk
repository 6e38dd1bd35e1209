# src/cli: the program, and what its subcommands share (in the library, so that tests link it)
libmasting_a_SOURCES += src/cli/options.c src/cli/parse.c src/cli/options.h src/cli/config.c src/cli/number.c \
  src/cli/number.h src/cli/ascent_view.c src/cli/ascent_view.h src/cli/directions_view.c \
  src/cli/directions_view.h src/cli/command.c src/cli/command.h \
  src/cli/manual.c src/cli/manual.h src/cli/completion.c src/cli/completion.h src/cli/foreign.c src/cli/foreign.h \
  src/cli/job.c src/cli/job.h src/cli/jobmodel.c src/cli/affinity.c src/cli/sizes.c src/cli/sample.c \
  src/cli/sample.h src/cli/gradcheck.c src/cli/gradcheck.h src/cli/checkat.c src/cli/checkat.h \
  src/cli/scaling.h src/cli/scaling_run.c \
  src/cli/scaling_table.c src/cli/scaling_plot.c
bin_PROGRAMS += masting
masting_SOURCES = src/cli/main.c src/cli/cmd.h
masting_SOURCES += src/cli/cmd_check.c
masting_SOURCES += src/cli/cmd_compile.c
masting_SOURCES += src/cli/cmd_convert.c
masting_SOURCES += src/cli/cmd_diagnose.c
masting_SOURCES += src/cli/cmd_info.c
masting_SOURCES += src/cli/cmd_laplace.c
masting_SOURCES += src/cli/cmd_loo.c
masting_SOURCES += src/cli/cmd_optimize.c
masting_SOURCES += src/cli/cmd_pathfinder.c
masting_SOURCES += src/cli/cmd_recover.c
masting_SOURCES += src/cli/cmd_sample.c
masting_SOURCES += src/cli/cmd_scaling.c
masting_SOURCES += src/cli/cmd_simulate.c
masting_SOURCES += src/cli/cmd_status.c
masting_SOURCES += src/cli/cmd_summary.c
masting_SOURCES += src/cli/resume.c
masting_SOURCES += src/cli/resume.h
masting_LDADD = $(MASTING_LDADD)
# What `masting info` knows of this build.
masting_CPPFLAGS = $(AM_CPPFLAGS) -DMASTING_BUILD_FLAGS='"$(CFLAGS) $(MASTING_FP) $(MASTING_MODE)"'
# Man pages and completions, printed by the program.
EXTRA_DIST += scripts/make_man.sh
CLEANFILES += man/*.1 man/masting.bash man/_masting man/masting.fish man/stamp
man/stamp: masting$(EXEEXT) $(top_srcdir)/scripts/make_man.sh
	$(AM_V_GEN)ASAN_OPTIONS=detect_leaks=0 $(SHELL) $(top_srcdir)/scripts/make_man.sh ./masting$(EXEEXT) man
all-local: man/stamp
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
fishcompdir = $(datadir)/fish/vendor_completions.d
install-data-local: man/stamp
	$(MKDIR_P) "$(DESTDIR)$(mandir)/man1" "$(DESTDIR)$(bashcompdir)" "$(DESTDIR)$(zshcompdir)" "$(DESTDIR)$(fishcompdir)"
	$(INSTALL_DATA) man/*.1 "$(DESTDIR)$(mandir)/man1"
	$(INSTALL_DATA) man/masting.bash "$(DESTDIR)$(bashcompdir)/masting"
	$(INSTALL_DATA) man/_masting "$(DESTDIR)$(zshcompdir)/_masting"
	$(INSTALL_DATA) man/masting.fish "$(DESTDIR)$(fishcompdir)/masting.fish"
uninstall-local:
	rm -f "$(DESTDIR)$(mandir)"/man1/masting.1 "$(DESTDIR)$(mandir)"/man1/masting-*.1 \
	  "$(DESTDIR)$(bashcompdir)/masting" "$(DESTDIR)$(zshcompdir)/_masting" "$(DESTDIR)$(fishcompdir)/masting.fish"
