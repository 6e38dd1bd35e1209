libmasting_a_SOURCES += src/base/error.c src/base/error.h src/base/file.c src/base/file.h \
  src/base/nearest.c src/base/nearest.h src/base/portable.h src/base/mem.c src/base/mem.h \
  src/base/clock.c src/base/clock.h src/base/finite.h src/base/rng.h src/base/isa.c src/base/isa.h \
  src/base/std_normal.c src/base/std_normal.h
ISA_SOURCES += src/base/std_normal_hot.c
libmasting_a_SOURCES += src/base/show.c src/base/show.h
libmasting_a_SOURCES += src/base/spawn.c src/base/spawn.h
libmasting_a_SOURCES += src/base/fields.c src/base/fields.h
