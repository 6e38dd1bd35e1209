libmasting_a_SOURCES += src/adapt/dual_average.c src/adapt/dual_average.h src/adapt/schedule.c \
  src/adapt/schedule.h src/adapt/warmup.c src/adapt/warmup.h src/adapt/step_fit.c src/adapt/step_fit.h src/adapt/rotation.c src/adapt/rotation.h \
  src/adapt/window.c src/adapt/window.h src/adapt/metric_fit.c src/adapt/metric_fit.h \
  src/adapt/window_dist.c src/adapt/window_dist.h src/adapt/metric_fit_dist.c src/adapt/metric_fit_dist.h
libmasting_a_SOURCES += src/adapt/warmup_fields.c src/adapt/warmup_fields.h
