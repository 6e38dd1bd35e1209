# src/optim: modes, curvature, and what is drawn from them
libmasting_a_SOURCES += src/optim/hessian.c src/optim/hessian.h src/optim/blocks.c \
  src/optim/blocks.h src/optim/curvature.c src/optim/curvature.h src/optim/gauss.c src/optim/gauss.h
