libmasting_a_SOURCES += src/target/target.c src/target/target.h src/target/bind.c src/target/bind.h src/target/eval.c \
  src/target/batch.c src/target/batch.h src/target/gather.c src/target/gather.h \
  src/target/normal.c src/target/normal.h \
  src/target/range.c src/target/range.h \
  src/target/reduce.c src/target/reduce.h src/target/pass.h src/target/hot.h src/target/hot_lanes.h src/target/sweep_lanes.h
ISA_SOURCES += src/target/hot_w1.c src/target/hot_w2.c src/target/hot_w4.c src/target/hot_w8.c \
  src/target/hot_w16.c
