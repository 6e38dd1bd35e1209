# src/run: sources of this room
libmasting_a_SOURCES += src/run/sampler.c src/run/sampler.h src/run/engine.c src/run/engine.h \
  src/run/laplace.c src/run/laplace.h src/run/modes.c src/run/modes.h src/run/record.c src/run/record.h src/run/provenance.c src/run/provenance.h \
  src/run/paths.c src/run/paths.h src/run/starts.c src/run/starts.h
libmasting_a_SOURCES += src/run/progress.c src/run/progress.h
libmasting_a_SOURCES += src/run/shaping.c src/run/shaping.h src/run/curving.c src/run/curving.h
libmasting_a_SOURCES += src/run/spread.c src/run/spread.h
libmasting_a_SOURCES += src/run/given.c src/run/given.h src/run/form.c src/run/form.h
