# src/diag: sources of this room
libmasting_a_SOURCES += src/diag/normal_quantile.c src/diag/normal_quantile.h src/diag/order.c \
  src/diag/order.h src/diag/ess.c src/diag/ess.h src/diag/element.c src/diag/element.h
