# src/data: sources of this room
libmasting_a_SOURCES += src/data/h5.c src/data/h5.h src/data/h5_layout.c src/data/h5_layout.h \
  src/data/text.c src/data/text.h src/data/numbers.c \
  src/data/numbers.h src/data/json.c src/data/json.h src/data/csv.c src/data/csv.h \
  src/data/csv_names.c src/data/csv_names.h \
  src/data/source.c src/data/source_open.c src/data/source.h src/data/schema.c src/data/schema.h src/data/check.c \
  src/data/check.h src/data/read.c src/data/read.h src/data/memory.c src/data/memory.h \
  src/data/dataset.c src/data/dataset.h src/data/simrng.c \
  src/data/simrng.h src/data/simulate.c src/data/convert.c src/data/convert.h
