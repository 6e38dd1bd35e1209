libmasting_a_SOURCES += src/adapt/dual_average.c src/adapt/dual_average.h src/adapt/schedule.c \
  src/adapt/schedule.h src/adapt/warmup.c src/adapt/warmup.h src/adapt/step_fit.c src/adapt/step_fit.h \
  src/adapt/window.c src/adapt/window.h src/adapt/shape_fit.c src/adapt/shape_fit.h \
  src/adapt/dealt_window.c src/adapt/dealt_window.h src/adapt/spread_fit.c src/adapt/spread_fit.h \
  src/adapt/spread_curvature.c src/adapt/spread_curvature.h
