# src/model: layouts, transforms, opening models, and the gallery.
libmasting_a_SOURCES += src/model/cc.c src/model/cc.h src/model/cc_fault.c src/model/cc_fault.h src/model/build.c src/model/build.h src/model/cache.c src/model/cache.h \
  src/model/check.c src/model/layout.c src/model/model.h src/model/names.c src/model/open.c \
  src/model/transform.c src/model/transform.h src/model/transform_lanes.h \
  src/model/gallery/gallery.c src/model/gallery/gallery.h src/model/gallery/tables.h
ISA_SOURCES += src/model/gallery/unit_w1.c src/model/gallery/unit_w2.c \
  src/model/gallery/unit_w4.c src/model/gallery/unit_w8.c src/model/gallery/unit_w16.c
# Included by the units, not compiled alone.
EXTRA_DIST += src/model/gallery/unit.h src/model/gallery/glm.h src/model/gallery/wide.h \
  src/model/gallery/schools.h src/model/gallery/ppca.c src/model/gallery/linear.c \
  src/model/gallery/logistic.c src/model/gallery/hierarchical.c \
  src/model/gallery/eight_schools.c src/model/gallery/eight_schools_centered.c
