# src/store: sources of this room
libmasting_a_SOURCES += src/store/drawfile.c src/store/drawfile.h src/store/lock.c \
  src/store/lock.h src/store/plan.c src/store/plan.h src/store/skeleton.c src/store/skeleton.h \
  src/store/globals.c src/store/globals.h src/store/locals.c src/store/locals.h \
  src/store/point.c src/store/point.h src/store/whole.c src/store/whole.h
libmasting_a_SOURCES += src/store/metricfile.c src/store/metricfile.h src/store/metricfile_impl.h \
  src/store/metricfile_matrix.c src/store/metricfile_json.c src/store/metricfile_h5.c
libmasting_a_SOURCES += src/store/drawfile_impl.h src/store/reopen.c src/store/move.c
