libmasting_a_SOURCES += src/lang/context.c src/lang/context.h src/lang/ast.h src/lang/check.h \
  src/lang/parse.h
