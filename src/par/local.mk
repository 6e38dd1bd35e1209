libmasting_a_SOURCES += src/par/comm.c src/par/comm.h src/par/shard.c src/par/shard.h \
  src/par/exact.h src/par/exact_lanes.h src/par/longsum.c src/par/longsum.h
