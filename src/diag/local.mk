# src/diag: sources of this room
libmasting_a_SOURCES += src/diag/normal_quantile.c src/diag/normal_quantile.h src/diag/order.c \
  src/diag/order.h src/diag/ess.c src/diag/ess.h src/diag/element.c src/diag/element.h \
  src/diag/reader.c src/diag/reader.h src/diag/many.c src/diag/select.c src/diag/select.h \
  src/diag/columns.c src/diag/columns.h src/diag/rows_csv.c src/diag/diagnose.c \
  src/diag/diagnose.h src/diag/diagnose_impl.h src/diag/diagnose_chains.c src/diag/diagnose_where.c \
  src/diag/diagnose_print.c src/diag/psis_loo.c src/diag/psis_loo.h src/diag/loo.c \
  src/diag/loo.h src/diag/loo_print.c src/diag/loo_compare.c src/diag/axis.c src/diag/axis.h src/diag/summary.c \
  src/diag/summary.h src/diag/verdict.c src/diag/verdict.h src/diag/table.c src/diag/json.c \
  src/diag/lags.c src/diag/lags.h
ISA_SOURCES += src/diag/lags_hot.c
