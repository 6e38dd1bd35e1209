# Context, scanner and parser: also built with sanitizers, for tests/fuzz.
LANG_PARSE_SOURCES = src/lang/context.c src/lang/context.h src/lang/ast.h src/lang/ast_show.c \
  src/lang/parse.h src/lang/parse_impl.h src/lang/parse.c src/lang/parse_decl.c \
  src/lang/parse_effect.c src/lang/parse_expr.c src/lang/parse_primary.c src/lang/parse_stmt.c \
  src/lang/parse_type.c src/lang/parse_words.c src/lang/scan.c src/lang/scan.h
libmasting_a_SOURCES += $(LANG_PARSE_SOURCES)
libmasting_a_SOURCES += src/lang/ir.h src/lang/ir_build.c src/lang/ir_names.c src/lang/ir_print.c
libmasting_a_SOURCES += src/lang/types.c src/lang/types.h src/lang/signatures.c src/lang/signatures.h \
  src/lang/check.h   src/lang/signatures.def src/lang/signatures_text.c src/lang/check.c src/lang/check_state.h \
  src/lang/check_call.c src/lang/check_decl.c src/lang/check_expr.c src/lang/check_higher.c \
  src/lang/check_stmt.c src/lang/check_tilde.c src/lang/check_warn.c
libmasting_a_SOURCES += src/lang/lower.h src/lang/lower_internal.h src/lang/lower.c src/lang/lower_choose.c \
  src/lang/lower_call.c src/lang/lower_density.c src/lang/lower_expr.c src/lang/lower_library.c \
  src/lang/lower_multi.c src/lang/lower_ode.c src/lang/ode.h src/lang/lower_param.c src/lang/lower_routine.c src/lang/lower_stmt.c \
  src/lang/lower_map.c src/lang/lower_transform.c src/lang/lower_value.c
libmasting_a_SOURCES += src/lang/shard.h src/lang/shard_internal.h src/lang/shard.c \
  src/lang/shard_constant.c src/lang/shard_copies.c src/lang/shard_expand.c src/lang/shard_load.c src/lang/shard_order.c src/lang/shard_phases.c \
  src/lang/shard_split.c src/lang/shard_sums.c src/lang/shard_whole.c
# The prelude: Stan text, built into the program.
PRELUDE = src/lang/prelude/unbounded.stan src/lang/prelude/positive.stan \
  src/lang/prelude/bounded.stan src/lang/prelude/discrete.stan src/lang/prelude/categories.stan \
  src/lang/prelude/multivariate.stan src/lang/prelude/random.stan \
  src/lang/prelude/random_multi.stan src/lang/prelude/library.stan src/lang/prelude/matrices.stan \
  src/lang/prelude/covariance.stan src/lang/prelude/wiener.stan src/lang/prelude/transforms.stan
libmasting_a_SOURCES += src/lang/prelude.h src/lang/prelude.c
nodist_libmasting_a_SOURCES = src/lang/prelude_text.inc
BUILT_SOURCES = src/lang/prelude_text.inc
CLEANFILES += src/lang/prelude_text.inc
EXTRA_DIST += $(PRELUDE) scripts/embed.sh
src/lang/prelude_text.inc: $(PRELUDE) scripts/embed.sh
	$(AM_V_GEN)mkdir -p src/lang && (cd $(top_srcdir) && sh scripts/embed.sh $(PRELUDE)) >$@.tmp && mv $@.tmp $@
libmasting_a_SOURCES += src/lang/linear.c src/lang/linear.h src/lang/lower_normal.c src/lang/spread.c src/lang/spread.h \
  src/lang/spread_element.c src/lang/spread_internal.h src/lang/spread_map.c src/lang/spread_map.h \
  src/lang/spread_turn.c src/lang/spread_turn.h src/lang/emit_normal.c
libmasting_a_SOURCES += src/lang/compile.c src/lang/compile.h
libmasting_a_SOURCES += src/lang/ir_walk.c src/lang/ir_walk.h src/lang/diff.c src/lang/diff.h \
  src/lang/diff_local.h src/lang/diff_active.c src/lang/diff_split.c src/lang/diff_back.c \
  src/lang/diff_need.c src/lang/diff_tile.c src/lang/diff_rules.c src/lang/diff_rules.h
libmasting_a_SOURCES += src/lang/emit.c src/lang/emit.h src/lang/emit_local.h src/lang/emit_text.c \
  src/lang/emit_expr.c src/lang/emit_stmt.c src/lang/emit_frame.c src/lang/emit_rows.c src/lang/emit_table.c \
  src/lang/emit_gather.c src/lang/emit_ode.c src/lang/emit_setup.c src/lang/emit_density.c src/lang/emit_generate.c
libmasting_a_SOURCES += src/lang/optimise.c src/lang/optimise.h src/lang/optimise_local.h \
  src/lang/optimise_sink.c src/lang/optimise_unswitch.c src/lang/optimise_hoist.c src/lang/optimise_share.c
