libmasting_a_SOURCES += src/nuts/tree.c src/nuts/tree.h src/nuts/draw_stats.h src/nuts/instruction.h src/nuts/state.h src/nuts/metric.h \
  src/nuts/pass.c src/nuts/pass.h src/nuts/pass_lanes.h src/nuts/span_lanes.h src/nuts/metric_lanes.h \
  src/nuts/rotate_lanes.h src/nuts/rotate_metric_lanes.h
ISA_SOURCES += src/nuts/pass_w1.c src/nuts/pass_w2.c src/nuts/pass_w4.c src/nuts/pass_w8.c \
  src/nuts/pass_w16.c
libmasting_a_SOURCES += src/nuts/tree_fields.c src/nuts/tree_fields.h
