/* lang/check/check_decl.c -- declarations: names, scopes, sizes, constraints. See check_impl.h. */
#include <string.h>

#include "base/error.h"
#include "lang/check/check_impl.h"

const char *mst_check_block_name(ast_block_kind block) {
  static const char *const name[] = {
      [AST_IN_FUNCTION] = "a function",
      [AST_IN_DATA] = "data",
      [AST_IN_TDATA] = "transformed data",
      [AST_IN_PARAMETERS] = "parameters",
      [AST_IN_TPARAMETERS] = "transformed parameters",
      [AST_IN_MODEL] = "the model block",
      [AST_IN_GENERATED] = "generated quantities",
  };
  return name[block];
}

/* ---- names ---- */

const check_name *mst_check_lookup(const check_state *k, const char *name) {
  for (int i = k->nnames; i-- > 0;)
    if (strcmp(k->name[i].decl->name, name) == 0) return &k->name[i];
  return NULL;
}

void mst_check_push(check_state *k, ast_decl *d, bool readonly) {
  int width = (int)strlen(d->name);
  if (mst_check_suffix(d->name, "_lupdf") || mst_check_suffix(d->name, "_lupmf"))
    mst_lang_fail(k->c, d->loc, width,
                  "'%s' cannot be the name of a variable: names that end in "
                  "_lupdf and _lupmf belong to densities",
                  d->name);
  const check_name *other = mst_check_lookup(k, d->name);
  if (other != NULL)
    mst_lang_fail(k->c, d->loc, width,
                  "'%s' is declared already, in line %d; Stan has no shadowing: try another name",
                  d->name, other->decl->loc.line);
  check_name one = {d, readonly};
  MST_LANG_PUSH(k->c, k->name, k->nnames, one);
}

void mst_check_pop(check_state *k, int mark) {
  while (k->nnames > mark) {
    const check_name *one = &k->name[--k->nnames];
    if (!one->readonly && !k->prelude) mst_warn_name(k, one->decl);
  }
}

/* The declaration of a name among the statements of a block, whether in scope or not. */
static const ast_decl *declared_in(const ast_stmt *block, const char *name) {
  for (int i = 0; block != NULL && i < block->nstmts; i++) {
    const ast_stmt *s = block->stmt[i];
    if (s->kind == AST_DECL && strcmp(s->decl->name, name) == 0) return s->decl;
  }
  return NULL;
}

static const ast_decl *declared_anywhere(const check_state *k, const char *name) {
  const ast_program *p = k->program;
  if (p == NULL) return NULL;
  const ast_stmt *block[] = {p->data,        p->tdata, p->parameters,
                             p->tparameters, p->model, p->generated};
  const ast_decl *found = NULL;
  for (size_t i = 0; i < sizeof block / sizeof *block && found == NULL; i++)
    found = declared_in(block[i], name);
  return found;
}

_Noreturn void mst_check_unknown(check_state *k, const ast_expr *e) {
  const ast_decl *d = declared_anywhere(k, e->name);
  if (d != NULL && k->in != NULL)
    CHECK_FAIL(k, e,
               "functions see their arguments only; '%s' is declared in %s; try to pass it "
               "as an argument",
               e->name, mst_check_block_name(d->block));
  if (d != NULL &&
      (d->loc.line > e->loc.line || (d->loc.line == e->loc.line && d->loc.column > e->loc.column)))
    CHECK_FAIL(k, e, "'%s' is used before it is declared, in line %d", e->name, d->loc.line);
  if (d != NULL && d->block == AST_IN_MODEL && k->block != AST_IN_MODEL)
    CHECK_FAIL(k, e,
               "'%s' is local to the model block; try to declare it in transformed "
               "parameters",
               e->name);
  if (d != NULL) CHECK_FAIL(k, e, "'%s' is used in its own declaration", e->name);
  const char **name = MST_LANG_ARRAY(k->c, const char *, k->nnames + 1);
  for (int i = 0; i < k->nnames; i++) name[i] = k->name[i].decl->name;
  const char *near = mst_nearest(e->name, name);
  CHECK_FAIL(k, e, "unknown variable '%s'%s%s%s", e->name, near != NULL ? "; did you mean '" : "",
             near != NULL ? near : "", near != NULL ? "'?" : "");
}

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
  mst_check_push(k, d, false);
}
