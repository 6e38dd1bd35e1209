libmasting_a_SOURCES += src/linalg/fortran.h src/linalg/lapack.c src/linalg/lapack.h \
  src/linalg/blas.c src/linalg/blas.h
