/* lang/check/check_expr.c -- expressions: types, operators, indices. See check_impl.h. */
#include <string.h>

#include "lang/check/check_impl.h"

bool mst_check_data(const check_state *k, const ast_expr *e) {
  return e->data_only || e->type.base == LANG_INT || k->block == AST_IN_GENERATED;
}

void mst_check_int(check_state *k, ast_expr *e, const char *what) {
  mst_check_expr(k, e);
  if (!mst_type_is(e->type, LANG_INT))
    CHECK_FAIL(k, e, "%s; expected int, got %s", what, CHECK_SHOW(k, e->type));
}

/* ---- operators ---- */

static const struct {
  const char *text, *function[2];
} operator_of[] = {
    [AST_ADD] = {"+", {"add"}},
    [AST_SUB] = {"-", {"subtract"}},
    [AST_MUL] = {"*", {"multiply"}},
    [AST_DIV] = {"/", {"divide", "mdivide_right"}},
    [AST_INT_DIV] = {"%/%", {"modulus"}},
    [AST_MOD] = {"%", {"modulus"}},
    [AST_LEFT_DIV] = {"\\", {"mdivide_left"}},
    [AST_POW] = {"^", {"pow"}},
    [AST_ELT_MUL] = {".*", {"elt_multiply"}},
    [AST_ELT_DIV] = {"./", {"elt_divide"}},
    [AST_ELT_POW] = {".^", {"pow"}},
    [AST_OR] = {"||", {"logical_or"}},
    [AST_AND] = {"&&", {"logical_and"}},
    [AST_EQ] = {"==", {"logical_eq"}},
    [AST_NE] = {"!=", {"logical_neq"}},
    [AST_LT] = {"<", {"logical_lt"}},
    [AST_LE] = {"<=", {"logical_lte"}},
    [AST_GT] = {">", {"logical_gt"}},
    [AST_GE] = {">=", {"logical_gte"}},
    [AST_NOT] = {"!", {"logical_negation"}},
    [AST_NEG] = {"-", {"minus"}},
    [AST_PLUS] = {"+", {"plus"}},
    [AST_TRANSPOSE] = {"'", {"transpose"}},
};

const char *mst_check_op_text(ast_op op) { return operator_of[op].text; }

static lang_match match_operator(check_state *k, ast_op op, const lang_type *argument, int count) {
  lang_match best = {.cost = -1};
  for (int i = 0; i < 2 && operator_of[op].function[i] != NULL; i++) {
    const lang_signature *s = mst_signature_find(operator_of[op].function[i]);
    lang_match match = mst_signature_match(k->c, s, argument, count);
    if (match.cost >= 0 && (best.cost < 0 || match.cost < best.cost)) best = match;
  }
  return best;
}

bool mst_check_operator(check_state *k, ast_op op, lang_type left, lang_type right,
                        lang_type *result) {
  lang_match match = match_operator(k, op, (lang_type[]){left, right}, 2);
  *result = match.result;
  return match.cost >= 0;
}

/* What the writer may have meant by operands that do not go together; "" when we cannot tell. */
static const char *operator_hint(ast_op op, lang_type a, lang_type b) {
  bool vectors = mst_type_is(a, LANG_VECTOR) && mst_type_is(b, LANG_VECTOR);
  bool rows = mst_type_is(a, LANG_ROW_VECTOR) && mst_type_is(b, LANG_ROW_VECTOR);
  if (op >= AST_OR && op <= AST_NOT)
    return op == AST_OR || op == AST_AND || op == AST_NOT ? "; expected int, as comparisons give"
                                                          : "; expected int or real";
  if (a.arrays > 0 || b.arrays > 0)
    return "; arrays have no arithmetic; try to_vector(...), or an expression for each element";
  if (op == AST_MUL && (vectors || rows))
    return "; try .* for the product of elements, dot_product(a, b) for their sum";
  if (op == AST_DIV && mst_type_container(b)) return "; try ./ for the quotient of elements";
  if ((op == AST_MOD || op == AST_INT_DIV) && (a.base == LANG_REAL || b.base == LANG_REAL))
    return "; expected int and int; try fmod(a, b) or floor(a / b)";
  if ((a.base == LANG_VECTOR && b.base == LANG_ROW_VECTOR) ||
      (a.base == LANG_ROW_VECTOR && b.base == LANG_VECTOR))
    return "; one is a row, the other a column; try to transpose one with '";
  return "";
}

static void check_unary(check_state *k, ast_expr *e) {
  ast_expr *a = e->arg[0];
  mst_check_expr(k, a);
  lang_match match = match_operator(k, e->op, &a->type, 1);
  if (match.cost < 0)
    CHECK_FAIL(k, e, "operator %s does not take %s%s", mst_check_op_text(e->op),
               CHECK_SHOW(k, a->type), operator_hint(e->op, a->type, a->type));
  e->type = match.result;
  e->data_only = a->data_only;
}

static void check_binary(check_state *k, ast_expr *e) {
  ast_expr *a = e->arg[0], *b = e->arg[1];
  mst_check_expr(k, a);
  mst_check_expr(k, b);
  if (!mst_check_operator(k, e->op, a->type, b->type, &e->type)) {
    lang_loc at = e->op_loc.line > 0 ? e->op_loc : e->loc;
    mst_lang_fail(k->c, at, (int)strlen(mst_check_op_text(e->op)),
                  "operator %s does not take %s and %s%s", mst_check_op_text(e->op),
                  CHECK_SHOW(k, a->type), CHECK_SHOW(k, b->type),
                  operator_hint(e->op, a->type, b->type));
  }
  if (e->type.base != LANG_INT && !(e->op >= AST_OR && e->op <= AST_GE)) {
    mst_warn_int_division(k, a);
    mst_warn_int_division(k, b);
  }
  e->data_only = a->data_only && b->data_only;
}

static void check_ternary(check_state *k, ast_expr *e) {
  mst_check_int(k, e->arg[0], "condition of ?:");
  ast_expr *a = e->arg[1], *b = e->arg[2];
  mst_check_expr(k, a);
  mst_check_expr(k, b);
  if (!mst_type_common(k->c, a->type, b->type, &e->type))
    CHECK_FAIL(k, e, "the two values of ?: have different types; expected %s, got %s",
               CHECK_SHOW(k, a->type), CHECK_SHOW(k, b->type));
  if (e->type.base != LANG_INT) {
    mst_warn_int_division(k, a);
    mst_warn_int_division(k, b);
  }
  e->data_only = e->arg[0]->data_only && a->data_only && b->data_only;
}

/* ---- indices ---- */

static void check_one_index(check_state *k, ast_index *index, bool *data_only) {
  if (index->kind == AST_INDEX_SINGLE || index->kind == AST_INDEX_MULTI) {
    mst_check_expr(k, index->low);
    lang_type type = index->low->type;
    if (type.base != LANG_INT || type.arrays > 1)
      CHECK_FAIL(k, index->low, "index; expected int or array[] int, got %s", CHECK_SHOW(k, type));
    index->kind = type.arrays == 1 ? AST_INDEX_MULTI : AST_INDEX_SINGLE;
    *data_only &= index->low->data_only;
    return;
  }
  if (index->low != NULL) {
    mst_check_int(k, index->low, "first of a range of indices");
    *data_only &= index->low->data_only;
  }
  if (index->high != NULL) {
    mst_check_int(k, index->high, "last of a range of indices");
    *data_only &= index->high->data_only;
  }
}

/* A vector, row_vector or matrix under what is left of the indices. */
static bool index_base(lang_base base, const ast_index *index, int left, lang_type *type) {
  if (left == 0) {
    type->base = base;
    return true;
  }
  bool single = index[0].kind == AST_INDEX_SINGLE;
  if (base == LANG_VECTOR || base == LANG_ROW_VECTOR) {
    type->base = single ? LANG_REAL : base;
    return left == 1;
  }
  if (base != LANG_MATRIX || left > 2) return false;
  if (left == 1)
    type->base = single ? LANG_ROW_VECTOR : LANG_MATRIX;
  else if (index[1].kind == AST_INDEX_SINGLE)
    type->base = single ? LANG_REAL : LANG_VECTOR;
  else
    type->base = single ? LANG_ROW_VECTOR : LANG_MATRIX;
  return true;
}

/* Refuses a number as index that the declared size, a number too, does not have. */
static void check_bounds(check_state *k, const ast_expr *e) {
  const ast_expr *of = e->arg[0];
  if (of->kind != AST_VAR || of->decl == NULL) return;
  for (int i = 0; i < e->nindices && i < of->decl->ndims; i++) {
    const ast_expr *low = e->index[i].low, *size = of->decl->dims[i];
    if (e->index[i].kind != AST_INDEX_SINGLE || low->kind != AST_INT) continue;
    const char *which = of->decl->ndims > 1 ? mst_lang_format(k->c, " in dimension %d", i + 1) : "";
    if (low->integer < 1)
      CHECK_FAIL(k, low, "index %lld%s of '%s'; indices begin with 1", (long long)low->integer,
                 which, of->name);
    if (size->kind == AST_INT && low->integer > size->integer)
      CHECK_FAIL(k, low, "index %lld%s of '%s', whose size is %lld", (long long)low->integer, which,
                 of->name, (long long)size->integer);
  }
}

static void check_index(check_state *k, ast_expr *e) {
  ast_expr *of = e->arg[0];
  mst_check_expr(k, of);
  e->data_only = of->data_only;
  for (int i = 0; i < e->nindices; i++) check_one_index(k, &e->index[i], &e->data_only);
  lang_type type = of->type;
  int used = 0;
  type.arrays = 0;
  for (; used < of->type.arrays && used < e->nindices; used++)
    type.arrays += e->index[used].kind != AST_INDEX_SINGLE;
  int untouched = of->type.arrays - used;
  if (!index_base(of->type.base, e->index + used, e->nindices - used, &type))
    CHECK_FAIL(k, e, "%d %s, but %s has %d dimension%s", e->nindices,
               e->nindices == 1 ? "index" : "indices", CHECK_SHOW(k, of->type),
               mst_type_rank(of->type), mst_type_rank(of->type) == 1 ? "" : "s");
  type.arrays += untouched;
  e->type = type;
  check_bounds(k, e);
}

/* ---- values made of values ---- */

static void check_array(check_state *k, ast_expr *e) {
  lang_type type = {0};
  e->data_only = true;
  for (int i = 0; i < e->nargs; i++) {
    ast_expr *a = e->arg[i];
    mst_check_expr(k, a);
    e->data_only &= a->data_only;
    if (!mst_type_value(a->type))
      CHECK_FAIL(k, a, "element of an array; expected a value, got %s", CHECK_SHOW(k, a->type));
    if (i == 0)
      type = a->type;
    else if (!mst_type_common(k->c, type, a->type, &type))
      CHECK_FAIL(k, a, "elements of an array have one type; expected %s, got %s",
                 CHECK_SHOW(k, type), CHECK_SHOW(k, a->type));
    if (a->kind == AST_ARRAY && e->arg[0]->kind == AST_ARRAY && a->nargs != e->arg[0]->nargs)
      CHECK_FAIL(k, a, "arrays in an array have one size; expected %d elements, got %d",
                 e->arg[0]->nargs, a->nargs);
  }
  if (e->nargs == 0) CHECK_FAIL(k, e, "an array needs at least one element; try rep_array(0, 0)");
  type.arrays++;
  e->type = type;
}

static void check_row(check_state *k, ast_expr *e) {
  bool rows = false;
  e->data_only = true;
  for (int i = 0; i < e->nargs; i++) {
    ast_expr *a = e->arg[i];
    mst_check_expr(k, a);
    e->data_only &= a->data_only;
    bool row = mst_type_is(a->type, LANG_ROW_VECTOR);
    if (i == 0) rows = row;
    if (rows ? !row : !mst_type_is(a->type, LANG_INT) && !mst_type_is(a->type, LANG_REAL))
      CHECK_FAIL(k, a, "element of [...]; expected %s, got %s",
                 rows     ? "row_vector, as the first"
                 : i == 0 ? "int, real or row_vector"
                          : "int or real",
                 CHECK_SHOW(k, a->type));
    if (a->kind == AST_ROW && e->arg[0]->kind == AST_ROW && a->nargs != e->arg[0]->nargs)
      CHECK_FAIL(k, a, "rows of a matrix have one length; expected %d elements, got %d",
                 e->arg[0]->nargs, a->nargs);
    mst_warn_int_division(k, a);
  }
  e->type = mst_type(rows ? LANG_MATRIX : LANG_ROW_VECTOR, 0);
}

static void check_tuple(check_state *k, ast_expr *e) {
  lang_type *element = MST_LANG_ARRAY(k->c, lang_type, e->nargs + 1);
  e->data_only = true;
  for (int i = 0; i < e->nargs; i++) {
    mst_check_expr(k, e->arg[i]);
    element[i] = e->arg[i]->type;
    e->data_only &= e->arg[i]->data_only;
  }
  e->type = mst_type_tuple(k->c, element, e->nargs);
}

static void check_tuple_get(check_state *k, ast_expr *e) {
  ast_expr *a = e->arg[0];
  mst_check_expr(k, a);
  if (!mst_type_is(a->type, LANG_TUPLE))
    CHECK_FAIL(k, e, ".%lld; expected a tuple, got %s", (long long)e->integer,
               CHECK_SHOW(k, a->type));
  if (e->integer < 1 || e->integer > a->type.nelements)
    CHECK_FAIL(k, e, ".%lld of %s, which has %d elements", (long long)e->integer,
               CHECK_SHOW(k, a->type), a->type.nelements);
  e->type = a->type.element[e->integer - 1];
  e->data_only = a->data_only;
}

/* ---- variables ---- */

static bool decl_is_data(const ast_decl *d) {
  switch (d->block) {
  case AST_IN_DATA:
  case AST_IN_TDATA:
    return true;
  case AST_IN_FUNCTION:
    return d->data_only_arg || d->type.base == LANG_INT;
  case AST_IN_GENERATED:
    return d->loop_variable && d->type.base == LANG_INT;
  default:
    return d->type.base == LANG_INT;
  }
}

static void check_var(check_state *k, ast_expr *e) {
  const check_name *name = mst_check_lookup(k, e->name);
  if (name == NULL) {
    if (mst_check_is_function(k, e->name))
      CHECK_FAIL(k, e, "'%s' is a function; expected a variable; try %s(...)", e->name, e->name);
    mst_check_unknown(k, e);
  }
  ast_decl *d = name->decl;
  if (k->sizes && d->top && d->block >= AST_IN_PARAMETERS)
    CHECK_FAIL(k, e, "sizes of program variables are known from data; '%s' is declared in %s",
               e->name, mst_check_block_name(d->block));
  d->read = true;
  e->decl = d;
  e->type = d->type;
  e->data_only = decl_is_data(d);
}

void mst_check_expr(check_state *k, ast_expr *e) {
  switch (e->kind) {
  case AST_INT:
    e->type = mst_type(LANG_INT, 0);
    e->data_only = true;
    return;
  case AST_REAL:
    e->type = mst_type(LANG_REAL, 0);
    e->data_only = true;
    return;
  case AST_IMAG:
    CHECK_FAIL(k, e, "complex numbers are not supported here; see docs/stan-language.md");
  case AST_STRING:
    CHECK_FAIL(k, e, "a string stands in print, reject and fatal_error only");
  case AST_VAR:
    check_var(k, e);
    return;
  case AST_UNARY:
    check_unary(k, e);
    return;
  case AST_BINARY:
    check_binary(k, e);
    return;
  case AST_TERNARY:
    check_ternary(k, e);
    return;
  case AST_INDEX:
    check_index(k, e);
    return;
  case AST_CALL:
    mst_check_call(k, e, false);
    return;
  case AST_ARRAY:
    check_array(k, e);
    return;
  case AST_ROW:
    check_row(k, e);
    return;
  case AST_TUPLE:
    check_tuple(k, e);
    return;
  case AST_TUPLE_GET:
    check_tuple_get(k, e);
    return;
  }
}
