/* lang/check/check_decl.c -- declarations: names, scopes, sizes, constraints. See check_impl.h. */
#include <string.h>

#include "lang/check/check_impl.h"

/* ---- sizes ---- */

static void check_sizes(check_state *k, const ast_decl *d, const char *name) {
  bool was = k->sizes;
  k->sizes = d->top && d->block != AST_IN_MODEL;
  for (int i = 0; i < d->ndims; i++) {
    mst_check_int(k, d->dims[i], mst_lang_format(k->c, "size of '%s'", name));
    if (k->sizes && !d->dims[i]->data_only && k->block != AST_IN_GENERATED)
      CHECK_FAIL(k, d->dims[i], "size of '%s'; expected what is known from data", name);
    if (d->dims[i]->kind == AST_UNARY && d->dims[i]->op == AST_NEG &&
        d->dims[i]->arg[0]->kind == AST_INT && d->dims[i]->arg[0]->integer > 0)
      CHECK_FAIL(k, d->dims[i], "size of '%s'; expected 0 or more, got -%lld", name,
                 (long long)d->dims[i]->arg[0]->integer);
  }
  for (int i = 0; d->type.base == LANG_TUPLE && d->element != NULL && i < d->type.nelements; i++) {
    d->element[i]->block = d->block;
    d->element[i]->top = d->top;
    check_sizes(k, d->element[i], name);
  }
  k->sizes = was;
}

/* ---- constraints ---- */

static void check_bound(check_state *k, const ast_decl *d, ast_expr *e, const char *what,
                        const char *name) {
  if (e == NULL) return;
  mst_check_expr(k, e);
  bool fits = mst_type_is(e->type, LANG_INT) || mst_type_is(e->type, LANG_REAL) ||
              mst_type_promotes(e->type, d->type);
  if (d->type.base == LANG_INT && e->type.base != LANG_INT)
    CHECK_FAIL(k, e, "%s of '%s', which is an int; expected int, got %s", what, name,
               CHECK_SHOW(k, e->type));
  if (!fits)
    CHECK_FAIL(k, e, "%s of '%s'; expected int%s%s, got %s", what, name,
               mst_type_container(d->type) ? ", real or " : " or ",
               mst_type_container(d->type) ? CHECK_SHOW(k, d->type) : "real",
               CHECK_SHOW(k, e->type));
  if (d->type.base != LANG_INT) mst_warn_int_division(k, e);
}

static void check_order(check_state *k, const ast_decl *d, const char *name) {
  const ast_expr *a = d->lower, *b = d->upper;
  if (a == NULL || b == NULL || (a->kind != AST_INT && a->kind != AST_REAL) ||
      (b->kind != AST_INT && b->kind != AST_REAL))
    return;
  double low = a->kind == AST_INT ? (double)a->integer : a->real;
  double high = b->kind == AST_INT ? (double)b->integer : b->real;
  if (low > high)
    CHECK_FAIL(k, b, "upper bound of '%s'; expected at least the lower bound %g, got %g", name, low,
               high);
}

static void check_constraint(check_state *k, const ast_decl *d, const char *name) {
  for (int i = 0; d->type.base == LANG_TUPLE && d->element != NULL && i < d->type.nelements; i++)
    check_constraint(k, d->element[i], name);
  if (d->constraint == AST_UNCONSTRAINED) return;
  if (!d->top || d->block == AST_IN_MODEL || d->block == AST_IN_FUNCTION)
    mst_lang_fail(k->c, d->loc, (int)strlen(name),
                  "'%s' is a local variable; only variables of the program have constraints", name);
  if (d->constraint == AST_OFFSET_MULTIPLIER && d->type.base == LANG_INT)
    mst_lang_fail(k->c, d->loc, (int)strlen(name),
                  "'%s' is an int; offset and multiplier need a real", name);
  check_bound(k, d, d->lower, "lower bound", name);
  check_bound(k, d, d->upper, "upper bound", name);
  check_bound(k, d, d->offset, "offset", name);
  check_bound(k, d, d->multiplier, "multiplier", name);
  check_order(k, d, name);
}

/* ---- tuples ---- */

static void make_parts(check_state *k, ast_decl *d) {
  if (d->type.base != LANG_TUPLE || !d->element) return;
  d->part = MST_LANG_ARRAY(k->c, ast_decl *, d->type.nelements);
  for (int i = 0; i < d->type.nelements; i++) {
    const ast_decl *e = d->element[i];
    ast_decl *p = d->part[i] = MST_LANG_NEW(k->c, ast_decl);
    *p = *e;
    p->name = mst_lang_format(k->c, "%s:%d", d->name, i + 1);
    p->loc = d->loc;
    p->block = d->block;
    p->top = d->top;
    p->type.arrays += d->type.arrays;
    p->ndims = d->ndims + e->ndims;
    p->dims = MST_LANG_ARRAY(k->c, ast_expr *, p->ndims + 1);
    for (int j = 0; j < d->ndims; j++) p->dims[j] = d->dims[j];
    for (int j = 0; j < e->ndims; j++) p->dims[d->ndims + j] = e->dims[j];
    make_parts(k, p);
  }
}

/* ---- a declaration ---- */

static bool has_complex(lang_type type) {
  if (mst_type_complex(type)) return true;
  for (int i = 0; type.base == LANG_TUPLE && i < type.nelements; i++)
    if (has_complex(type.element[i])) return true;
  return false;
}

static void check_init(check_state *k, ast_decl *d) {
  ast_expr *e = d->init;
  int width = (int)strlen(d->name);
  if (d->block == AST_IN_DATA || d->block == AST_IN_PARAMETERS)
    mst_lang_fail(k->c, d->loc, width, "variables of %s take no value here; try %s",
                  mst_check_block_name(d->block),
                  d->block == AST_IN_DATA ? "transformed data" : "transformed parameters");
  mst_check_expr(k, e);
  if (!mst_type_promotes(e->type, d->type))
    CHECK_FAIL(k, e, "value of '%s'; expected %s, got %s%s", d->name, CHECK_SHOW(k, d->type),
               CHECK_SHOW(k, e->type),
               d->type.base == LANG_INT && e->type.base == LANG_REAL ? "; try to_int(...)" : "");
  if (d->type.base != LANG_INT) mst_warn_int_division(k, e);
  bool literal = e->kind == AST_ARRAY || (e->kind == AST_ROW && d->ndims > 0);
  if (literal && d->ndims > 0 && d->dims[0]->kind == AST_INT && d->dims[0]->integer != e->nargs)
    CHECK_FAIL(k, e, "value of '%s'; expected %lld elements, got %d", d->name,
               (long long)d->dims[0]->integer, e->nargs);
}

void mst_check_decl(check_state *k, ast_decl *d) {
  int width = (int)strlen(d->name);
  if (has_complex(d->type))
    mst_lang_fail(k->c, d->loc, width,
                  "'%s' is %s; complex numbers are not supported here; see docs/stan-language.md",
                  d->name, CHECK_SHOW(k, d->type));
  bool parameter = d->top && (d->block == AST_IN_PARAMETERS || d->block == AST_IN_TPARAMETERS);
  if (parameter && mst_type_has_int(d->type))
    mst_lang_fail(k->c, d->loc, width, "'%s' in %s; expected a real type, got %s; try %s", d->name,
                  mst_check_block_name(d->block), CHECK_SHOW(k, d->type),
                  d->block == AST_IN_PARAMETERS ? "to sum the integer out of the model"
                                                : "a local variable, or transformed data");
  check_sizes(k, d, d->name);
  check_constraint(k, d, d->name);
  if (d->init != NULL) check_init(k, d);
  make_parts(k, d);
  mst_check_push(k, d, false);
}
