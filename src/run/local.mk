# src/run: sources of this room
libmasting_a_SOURCES += src/run/sampler.c src/run/sampler.h src/run/engine.c src/run/engine.h \
  src/run/laplace.c src/run/laplace.h src/run/modes.c src/run/modes.h src/run/record.c src/run/record.h src/run/provenance.c src/run/provenance.h \
  src/run/paths.c src/run/paths.h src/run/starts.c src/run/starts.h
libmasting_a_SOURCES += src/run/spectrum.c src/run/spectrum.h
libmasting_a_SOURCES += src/run/fixed.c src/run/fixed.h
libmasting_a_SOURCES += src/run/progress.c src/run/progress.h
libmasting_a_SOURCES += src/run/metric_update.c src/run/metric_update.h src/run/metric_at_mode.c src/run/metric_at_mode.h
libmasting_a_SOURCES += src/run/metric_dist.c src/run/metric_dist.h
libmasting_a_SOURCES += src/run/metric_input.c src/run/metric_input.h src/run/metric_kind.c src/run/metric_kind.h
libmasting_a_SOURCES += src/run/request.h src/run/stop.c src/run/stop.h
libmasting_a_SOURCES += src/run/request.h src/run/sampler_impl.h src/run/checkpoint.c src/run/checkpoint.h
libmasting_a_SOURCES += src/run/identity.c src/run/identity.h
libmasting_a_SOURCES += src/run/engine_archive.c src/run/engine_archive.h
libmasting_a_SOURCES += src/run/metric_archive.c src/run/metric_archive.h
