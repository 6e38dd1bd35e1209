libmasting_a_SOURCES += src/lang/context.c src/lang/context.h src/lang/ast.h src/lang/check.h
libmasting_a_SOURCES += src/lang/parse.h src/lang/parse_impl.h src/lang/parse.c \
  src/lang/parse_decl.c src/lang/parse_expr.c src/lang/parse_stmt.c src/lang/parse_type.c \
  src/lang/parse_words.c src/lang/scan.c src/lang/scan.h src/lang/ast_show.c
libmasting_a_SOURCES += src/lang/ir.h src/lang/ir_build.c src/lang/ir_names.c src/lang/ir_print.c
libmasting_a_SOURCES += src/lang/types.c src/lang/types.h src/lang/signatures.c src/lang/signatures.h \
  src/lang/signatures.def src/lang/signatures_text.c src/lang/check.c src/lang/check_state.h \
  src/lang/check_call.c src/lang/check_decl.c src/lang/check_expr.c src/lang/check_higher.c \
  src/lang/check_stmt.c src/lang/check_tilde.c src/lang/check_warn.c
