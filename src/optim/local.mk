# src/optim: modes, curvature, and what is drawn from them
libmasting_a_SOURCES += src/optim/hessian.c src/optim/hessian.h src/optim/blocks.c \
  src/optim/blocks.h src/optim/curvature.c src/optim/curvature.h src/optim/gauss.c src/optim/gauss.h \
  src/optim/marginal.c src/optim/marginal.h src/optim/directions.c src/optim/directions.h
libmasting_a_SOURCES += src/optim/approx.c src/optim/approx.h src/optim/path.c src/optim/path.h \
  src/optim/pathfinder.c src/optim/pathfinder.h src/optim/psis.c src/optim/psis.h \
  src/optim/ascent.c src/optim/ascent.h src/optim/history.c src/optim/history.h src/optim/line_search.c \
  src/optim/line_search.h src/optim/allocate.c src/optim/optim.c src/optim/optim.h src/optim/outcome.c \
  src/optim/span.c src/optim/span.h src/optim/span_lanes.h
ISA_SOURCES += src/optim/span_w1.c src/optim/span_w2.c src/optim/span_w4.c src/optim/span_w8.c \
  src/optim/span_w16.c
libmasting_a_SOURCES += src/optim/curvature_dist.c src/optim/curvature_dist.h
