libmasting_a_SOURCES += src/linalg/fortran.h src/linalg/lapack.c src/linalg/lapack.h \
  src/linalg/blas.c src/linalg/blas.h src/linalg/grid.c src/linalg/grid.h src/linalg/dist.c \
  src/linalg/dist.h src/linalg/dist_impl.h src/linalg/dist_panel.c src/linalg/dist_panel.h \
  src/linalg/dist_factor.c src/linalg/dist_covariance.c src/linalg/dist_move.c \
  src/linalg/dist_spectrum.c src/linalg/dist_square.c src/linalg/dist_square.h \
  src/linalg/dist_symmetric.c src/linalg/dist_symmetric.h src/linalg/scalapack.h src/linalg/rowwise.c src/linalg/rowwise.h \
  src/linalg/rowwise_impl.h src/linalg/rowwise_move.c src/linalg/rowwise_hot.h \
  src/linalg/normal.c src/linalg/normal.h
ISA_SOURCES += src/linalg/rowwise_hot.c
libmasting_a_SOURCES += src/linalg/dist_mean.c src/linalg/dist_mean.h
