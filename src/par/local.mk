libmasting_a_SOURCES += src/par/comm.c src/par/comm.h src/par/shard.c src/par/shard.h \
  src/par/exact.h src/par/exact_lanes.h src/par/longsum.c src/par/longsum.h
libmasting_a_SOURCES += src/par/archive.c src/par/archive.h src/par/archive_impl.h src/par/archive_table.c src/par/archive_write.c
