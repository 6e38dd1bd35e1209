libmasting_a_SOURCES += src/lang/context.c src/lang/context.h src/lang/ast.h src/lang/check.h \
  src/lang/parse.h
libmasting_a_SOURCES += src/lang/ir.h src/lang/ir_build.c src/lang/ir_names.c src/lang/ir_print.c
