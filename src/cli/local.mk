bin_PROGRAMS += masting
masting_SOURCES = src/cli/main.c
masting_LDADD = $(MASTING_LDADD)
