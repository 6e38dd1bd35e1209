# src/lang: the compiler, a folder a stage (docs/compiler.md); a file a line.
# Context, scanner and parser: also built with sanitizers, for tests/fuzz.
LANG_PARSE_SOURCES = \
  src/lang/context.c \
  src/lang/context.h \
  src/lang/options.h \
  src/lang/syntax/ast.h \
  src/lang/syntax/ast_show.c \
  src/lang/syntax/parse.c \
  src/lang/syntax/parse.h \
  src/lang/syntax/parse_decl.c \
  src/lang/syntax/parse_effect.c \
  src/lang/syntax/parse_expr.c \
  src/lang/syntax/parse_impl.h \
  src/lang/syntax/parse_node.c \
  src/lang/syntax/parse_primary.c \
  src/lang/syntax/parse_stmt.c \
  src/lang/syntax/parse_type.c \
  src/lang/syntax/parse_words.c \
  src/lang/syntax/scan.c \
  src/lang/syntax/scan.h
libmasting_a_SOURCES += $(LANG_PARSE_SOURCES)
libmasting_a_SOURCES += \
  src/lang/compile.c \
  src/lang/compile.h \
  src/lang/pointers.c \
  src/lang/pointers.h
libmasting_a_SOURCES += \
  src/lang/check/check.c \
  src/lang/check/check.h \
  src/lang/check/check_call.c \
  src/lang/check/check_decl.c \
  src/lang/check/check_expr.c \
  src/lang/check/check_higher.c \
  src/lang/check/check_impl.h \
  src/lang/check/check_names.c \
  src/lang/check/check_scope.c \
  src/lang/check/check_stmt.c \
  src/lang/check/check_tilde.c \
  src/lang/check/check_warn.c \
  src/lang/check/signatures.c \
  src/lang/check/signatures.def \
  src/lang/check/signatures.h \
  src/lang/check/signatures_text.c \
  src/lang/check/types.c \
  src/lang/check/types.h
libmasting_a_SOURCES += \
  src/lang/ir/ir.h \
  src/lang/ir/ir_build.c \
  src/lang/ir/ir_edit.c \
  src/lang/ir/ir_edit.h \
  src/lang/ir/ir_names.c \
  src/lang/ir/ir_ode.h \
  src/lang/ir/ir_once.c \
  src/lang/ir/ir_print.c \
  src/lang/ir/ir_print.h \
  src/lang/ir/ir_print_program.c \
  src/lang/ir/ir_table.c \
  src/lang/ir/ir_table.h \
  src/lang/ir/ir_unset.c \
  src/lang/ir/ir_verify.c \
  src/lang/ir/ir_verify.h \
  src/lang/ir/ir_verify_impl.h \
  src/lang/ir/ir_verify_scope.c \
  src/lang/ir/ir_verify_type.c \
  src/lang/ir/ir_uses.c \
  src/lang/ir/ir_uses.h \
  src/lang/ir/ir_walk.c \
  src/lang/ir/ir_walk.h \
  src/lang/ir/linear.c \
  src/lang/ir/linear.h
libmasting_a_SOURCES += \
  src/lang/lower/lower.c \
  src/lang/lower/lower.h \
  src/lang/lower/lower_assign.c \
  src/lang/lower/lower_call.c \
  src/lang/lower/lower_check.c \
  src/lang/lower/lower_choose.c \
  src/lang/lower/lower_covariance.c \
  src/lang/lower/lower_data.c \
  src/lang/lower/lower_decl.c \
  src/lang/lower/lower_density.c \
  src/lang/lower/lower_equation.c \
  src/lang/lower/lower_equation.h \
  src/lang/lower/lower_expr.c \
  src/lang/lower/lower_impl.h \
  src/lang/lower/lower_library.c \
  src/lang/lower/lower_map.c \
  src/lang/lower/lower_multi.c \
  src/lang/lower/lower_ode.c \
  src/lang/lower/lower_param.c \
  src/lang/lower/lower_recursion.c \
  src/lang/lower/lower_routine.c \
  src/lang/lower/lower_scope.c \
  src/lang/lower/lower_solve.c \
  src/lang/lower/lower_stmt.c \
  src/lang/lower/lower_transform.c \
  src/lang/lower/lower_value.c
libmasting_a_SOURCES += \
  src/lang/shard/shard.c \
  src/lang/shard/shard.h \
  src/lang/shard/shard_constant.c \
  src/lang/shard/shard_copies.c \
  src/lang/shard/shard_expand.c \
  src/lang/shard/shard_impl.h \
  src/lang/shard/shard_load.c \
  src/lang/shard/shard_loop.c \
  src/lang/shard/shard_order.c \
  src/lang/shard/shard_phases.c \
  src/lang/shard/shard_report.c \
  src/lang/shard/shard_rows.c \
  src/lang/shard/shard_shared.c \
  src/lang/shard/shard_split.c \
  src/lang/shard/shard_sums.c \
  src/lang/shard/shard_whole.c
libmasting_a_SOURCES += \
  src/lang/covariance/covariance.c \
  src/lang/covariance/covariance.h \
  src/lang/covariance/covariance_element.c \
  src/lang/covariance/covariance_impl.h \
  src/lang/covariance/covariance_iteration.c \
  src/lang/covariance/covariance_iteration.h \
  src/lang/covariance/covariance_rewrite.c \
  src/lang/covariance/covariance_rewrite.h
libmasting_a_SOURCES += \
  src/lang/optimise/optimise.c \
  src/lang/optimise/optimise.h \
  src/lang/optimise/optimise_hoist.c \
  src/lang/optimise/optimise_impl.h \
  src/lang/optimise/optimise_share.c \
  src/lang/optimise/optimise_sink.c \
  src/lang/optimise/optimise_unswitch.c
libmasting_a_SOURCES += \
  src/lang/diff/diff.c \
  src/lang/diff/diff.h \
  src/lang/diff/diff_active.c \
  src/lang/diff/diff_back.c \
  src/lang/diff/diff_impl.h \
  src/lang/diff/diff_need.c \
  src/lang/diff/diff_program.c \
  src/lang/diff/diff_rules.c \
  src/lang/diff/diff_rules.h \
  src/lang/diff/diff_split.c \
  src/lang/diff/diff_tile.c
libmasting_a_SOURCES += \
  src/lang/emit/emit.c \
  src/lang/emit/emit.h \
  src/lang/emit/emit_covariance.c \
  src/lang/emit/emit_density.c \
  src/lang/emit/emit_expr.c \
  src/lang/emit/emit_frame.c \
  src/lang/emit/emit_gather.c \
  src/lang/emit/emit_generate.c \
  src/lang/emit/emit_impl.h \
  src/lang/emit/emit_index.c \
  src/lang/emit/emit_known.c \
  src/lang/emit/emit_ode.c \
  src/lang/emit/emit_ode_call.c \
  src/lang/emit/emit_rows.c \
  src/lang/emit/emit_setup.c \
  src/lang/emit/emit_stmt.c \
  src/lang/emit/emit_table.c \
  src/lang/emit/emit_table_write.c \
  src/lang/emit/emit_text.c
libmasting_a_SOURCES += \
  src/lang/prelude/prelude.c \
  src/lang/prelude/prelude.h
# The prelude: Stan text, built into the program.
PRELUDE = \
  src/lang/prelude/unbounded.stan \
  src/lang/prelude/positive.stan \
  src/lang/prelude/bounded.stan \
  src/lang/prelude/discrete.stan \
  src/lang/prelude/categories.stan \
  src/lang/prelude/multivariate.stan \
  src/lang/prelude/random.stan \
  src/lang/prelude/random_multi.stan \
  src/lang/prelude/library.stan \
  src/lang/prelude/matrices.stan \
  src/lang/prelude/covariance.stan \
  src/lang/prelude/wiener.stan \
  src/lang/prelude/constraints.stan \
  src/lang/prelude/transforms.stan
nodist_libmasting_a_SOURCES = src/lang/prelude/prelude_text.inc
BUILT_SOURCES = src/lang/prelude/prelude_text.inc
CLEANFILES += src/lang/prelude/prelude_text.inc
EXTRA_DIST += $(PRELUDE) scripts/embed.sh
src/lang/prelude/prelude_text.inc: $(PRELUDE) scripts/embed.sh
	$(AM_V_GEN)mkdir -p src/lang/prelude && (cd $(top_srcdir) && sh scripts/embed.sh $(PRELUDE)) >$@.tmp && mv $@.tmp $@
