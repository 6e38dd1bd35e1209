# src/data: sources of this room
libmasting_a_SOURCES += src/data/h5.c src/data/h5.h src/data/layfile.c src/data/layfile.h
