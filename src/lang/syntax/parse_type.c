/* lang/syntax/parse_type.c -- types: with sizes and constraints for variables, without for
 * functions. */
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "lang/syntax/parse_impl.h"

/* A word that begins a type, what it is, and how many sizes of its own it takes. */
static const struct type_word {
  lang_token_kind token;
  lang_base base;
  ast_constraint constraint;
  int least, most;
  const char *sizes; /* as one would write them */
} type_words[] = {
    {LANG_TOKEN_INT_TYPE, LANG_INT, AST_UNCONSTRAINED, 0, 0, ""},
    {LANG_TOKEN_REAL_TYPE, LANG_REAL, AST_UNCONSTRAINED, 0, 0, ""},
    {LANG_TOKEN_COMPLEX, LANG_COMPLEX, AST_UNCONSTRAINED, 0, 0, ""},
    {LANG_TOKEN_VECTOR, LANG_VECTOR, AST_UNCONSTRAINED, 1, 1, "[N]"},
    {LANG_TOKEN_ROW_VECTOR, LANG_ROW_VECTOR, AST_UNCONSTRAINED, 1, 1, "[N]"},
    {LANG_TOKEN_MATRIX, LANG_MATRIX, AST_UNCONSTRAINED, 2, 2, "[N, M]"},
    {LANG_TOKEN_COMPLEX_VECTOR, LANG_COMPLEX_VECTOR, AST_UNCONSTRAINED, 1, 1, "[N]"},
    {LANG_TOKEN_COMPLEX_ROW_VECTOR, LANG_COMPLEX_ROW_VECTOR, AST_UNCONSTRAINED, 1, 1, "[N]"},
    {LANG_TOKEN_COMPLEX_MATRIX, LANG_COMPLEX_MATRIX, AST_UNCONSTRAINED, 2, 2, "[N, M]"},
    {LANG_TOKEN_SIMPLEX, LANG_VECTOR, AST_SIMPLEX, 1, 1, "[K]"},
    {LANG_TOKEN_ORDERED, LANG_VECTOR, AST_ORDERED, 1, 1, "[K]"},
    {LANG_TOKEN_POSITIVE_ORDERED, LANG_VECTOR, AST_POSITIVE_ORDERED, 1, 1, "[K]"},
    {LANG_TOKEN_UNIT_VECTOR, LANG_VECTOR, AST_UNIT_VECTOR, 1, 1, "[K]"},
    {LANG_TOKEN_SUM_TO_ZERO_VECTOR, LANG_VECTOR, AST_SUM_TO_ZERO, 1, 1, "[K]"},
    {LANG_TOKEN_SUM_TO_ZERO_MATRIX, LANG_MATRIX, AST_SUM_TO_ZERO, 2, 2, "[N, M]"},
    {LANG_TOKEN_CHOLESKY_CORR, LANG_MATRIX, AST_CHOLESKY_CORR, 1, 1, "[K]"},
    {LANG_TOKEN_CHOLESKY_COV, LANG_MATRIX, AST_CHOLESKY_COV, 1, 2, "[K]"},
    {LANG_TOKEN_CORR, LANG_MATRIX, AST_CORR, 1, 1, "[K]"},
    {LANG_TOKEN_COV, LANG_MATRIX, AST_COV, 1, 1, "[K]"},
    {LANG_TOKEN_STOCHASTIC_COLUMN, LANG_MATRIX, AST_STOCHASTIC_COLUMN, 2, 2, "[N, M]"},
    {LANG_TOKEN_STOCHASTIC_ROW, LANG_MATRIX, AST_STOCHASTIC_ROW, 2, 2, "[N, M]"}};
#define TYPE_WORDS (sizeof type_words / sizeof *type_words)

static const struct type_word *type_word_of(lang_token_kind kind) {
  for (size_t i = 0; i < TYPE_WORDS; i++)
    if (type_words[i].token == kind) return &type_words[i];
  return NULL;
}

/* Types of other languages, and what they are here. */
static const char *const others[][2] = {
    {"float", "real"}, {"double", "real"}, {"numeric", "real"},         {"integer", "int"},
    {"bool", "int"},   {"long", "int"},    {"rowvector", "row_vector"}, {"list", "array"}};
#define OTHERS (sizeof others / sizeof *others)

const char *mst_parse_type_meant(lang_parser *p, const lang_token *t) {
  const char *names[TYPE_WORDS + OTHERS + 3];
  size_t n = 0;
  for (size_t i = 0; i < TYPE_WORDS; i++) names[n++] = mst_token_spelling(type_words[i].token);
  for (size_t i = 0; i < OTHERS; i++) names[n++] = others[i][0];
  names[n++] = "array";
  names[n++] = "tuple";
  names[n] = NULL;
  const char *near = mst_nearest(mst_parse_text(p, t), names);
  for (size_t i = 0; near && i < OTHERS; i++)
    if (strcmp(others[i][0], near) == 0) return others[i][1];
  return near;
}

/* ---- constraints ---- */

static ast_expr **bound_slot(lang_parser *p, ast_decl *d, const lang_token *t) {
  switch (t->kind) {
  case LANG_TOKEN_LOWER:
    return &d->lower;
  case LANG_TOKEN_UPPER:
    return &d->upper;
  case LANG_TOKEN_OFFSET:
    return &d->offset;
  case LANG_TOKEN_MULTIPLIER:
    return &d->multiplier;
  default:
    break;
  }
  static const char *const names[] = {"lower", "upper", "offset", "multiplier", NULL};
  const char *near = t->kind == LANG_TOKEN_NAME ? mst_nearest(mst_parse_text(p, t), names) : NULL;
  mst_parse_unexpected(p, near ? "an unknown constraint" : "a constraint without its name",
                       "lower=, upper=, offset= or multiplier=", near ? near : "<lower=0>");
}

static void bounds(lang_parser *p, ast_decl *d, const lang_token *type) {
  const lang_token *opener = mst_parse_take(p);
  do {
    const lang_token *t = mst_parse_peek(p, 0);
    ast_expr **slot = bound_slot(p, d, t);
    if (*slot)
      mst_lang_fail(p->c, t->loc, t->length, "'%.*s' is given twice; expected it once", t->length,
                    t->text);
    mst_parse_take(p);
    if (!mst_parse_accept(p, LANG_TOKEN_SET))
      mst_parse_unexpected(p, mst_lang_format(p->c, "'%.*s' without its value", t->length, t->text),
                           "'='", mst_lang_format(p->c, "%.*s=0", t->length, t->text));
    *slot = mst_parse_bound(p);
    bool scale = t->kind == LANG_TOKEN_OFFSET || t->kind == LANG_TOKEN_MULTIPLIER;
    if (scale && d->type.base == LANG_INT)
      mst_lang_fail(p->c, t->loc, t->length, "'%.*s' on an int; expected lower or upper", t->length,
                    t->text);
    d->constraint = scale ? AST_OFFSET_MULTIPLIER : AST_BOUNDS;
    if ((d->lower || d->upper) && (d->offset || d->multiplier))
      mst_lang_fail(p->c, t->loc, t->length,
                    "bounds and offset or multiplier together; expected one of "
                    "the two kinds, got both; try to scale in transformed parameters");
  } while (mst_parse_accept(p, LANG_TOKEN_COMMA));
  (void)type;
  mst_parse_close(p, LANG_TOKEN_GT, opener, "',' or ");
}

static void constraint(lang_parser *p, ast_decl *d, const struct type_word *w,
                       const lang_token *type, bool top) {
  if (w->constraint != AST_UNCONSTRAINED) {
    const char *plain = w->base == LANG_VECTOR ? "vector" : "matrix";
    if (!top)
      mst_lang_fail(p->c, type->loc, type->length,
                    "local variables have no constraints; expected '%s', "
                    "got '%.*s'; try %s",
                    plain, type->length, type->text, plain);
    d->constraint = w->constraint;
    if (mst_parse_kind(p, 0) == LANG_TOKEN_LT)
      mst_parse_unexpected(
          p, mst_lang_format(p->c, "'%.*s' takes no bounds", type->length, type->text),
          mst_lang_format(p->c, "'[' and its size"), NULL);
  }
  if (mst_parse_kind(p, 0) != LANG_TOKEN_LT) return;
  if (!top)
    mst_parse_unexpected(p, "local variables have no constraints",
                         w->most ? "'[' and the size" : "a name", "to delete '<...>'");
  bounds(p, d, type);
}

/* ---- types with sizes ---- */

static void add_dim(lang_parser *p, ast_decl *d, ast_expr *size) {
  MST_LANG_PUSH(p->c, d->dims, d->ndims, size);
}

static void own_sizes(lang_parser *p, ast_decl *d, const struct type_word *w,
                      const lang_token *type) {
  const char *word = mst_parse_text(p, type);
  lang_token_kind k = mst_parse_kind(p, 0);
  if (w->most == 0) {
    if (k == LANG_TOKEN_OPEN_SQUARE)
      mst_parse_unexpected(p, mst_lang_format(p->c, "'%s' has no size of its own", word), "a name",
                           mst_lang_format(p->c, "array[N] %s for an array", word));
    return;
  }
  const char *model = mst_lang_format(p->c, "%s%s", word, w->sizes);
  if (k != LANG_TOKEN_OPEN_SQUARE)
    mst_parse_unexpected(p, mst_lang_format(p->c, "'%s' needs its size", word), "'['", model);
  const lang_token *opener = mst_parse_take(p);
  int n = 0;
  if (mst_parse_kind(p, 0) == LANG_TOKEN_CLOSE_SQUARE)
    mst_parse_unexpected(p, mst_lang_format(p->c, "'%s' needs its size", word), "a size", model);
  do {
    if (n == w->most)
      mst_lang_fail(p->c, mst_parse_last(p)->loc, 1,
                    "'%s' has %d size%s; expected ']'; try array[...] %s "
                    "for an array",
                    word, w->most, w->most > 1 ? "s" : "", model);
    add_dim(p, d, mst_parse_expr(p));
    n++;
  } while (mst_parse_accept(p, LANG_TOKEN_COMMA));
  if (n < w->least && mst_parse_kind(p, 0) == LANG_TOKEN_CLOSE_SQUARE)
    mst_parse_unexpected(p, mst_lang_format(p->c, "'%s' has %d sizes", word, w->least),
                         "',' and another size", model);
  mst_parse_close(p, LANG_TOKEN_CLOSE_SQUARE, opener, n < w->most ? "',' or " : NULL);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_LT)
    mst_parse_unexpected(p, "a constraint after the size", "a name",
                         mst_lang_format(p->c, "%s<...>%s", word, w->sizes));
}

static void array_sizes(lang_parser *p, ast_decl *d) {
  mst_parse_take(p);
  const lang_token *opener = mst_parse_open(p, LANG_TOKEN_OPEN_SQUARE, "'array' needs its sizes");
  lang_token_kind k = mst_parse_kind(p, 0);
  if (k == LANG_TOKEN_CLOSE_SQUARE || k == LANG_TOKEN_COMMA)
    mst_parse_unexpected(p, "an array variable needs its sizes", "a size", "array[N]");
  do add_dim(p, d, mst_parse_expr(p));
  while (mst_parse_accept(p, LANG_TOKEN_COMMA));
  mst_parse_close(p, LANG_TOKEN_CLOSE_SQUARE, opener, "',' or ");
  d->type.arrays = d->ndims;
  if (mst_parse_kind(p, 0) == LANG_TOKEN_ARRAY)
    mst_parse_unexpected(p, "an array of arrays", "the type of the elements",
                         "array[N, M] for two dimensions");
  if (mst_parse_kind(p, 0) == LANG_TOKEN_LT)
    mst_parse_unexpected(p, "a constraint on an array", "the type of the elements",
                         "array[N] real<lower=0>");
}

/* Tuples of one element have a comma too, as in (x,). */
static void check_elements(lang_parser *p, int count) {
  if (count == 1 && mst_parse_kind(p, 0) == LANG_TOKEN_CLOSE &&
      mst_parse_last(p)->kind != LANG_TOKEN_COMMA)
    mst_parse_unexpected(p, "a tuple of one element", "',' and another type", NULL);
}

static void tuple_elements(lang_parser *p, ast_decl *d, bool top) {
  mst_parse_take(p);
  const lang_token *opener =
      mst_parse_open(p, LANG_TOKEN_OPEN, "'tuple' needs the types of its elements");
  lang_type *types = NULL;
  int ntypes = 0;
  do {
    if (d->type.nelements && mst_parse_kind(p, 0) == LANG_TOKEN_CLOSE) break; /* tuple(real,) */
    ast_decl *element = mst_parse_sized(p, top);
    MST_LANG_PUSH(p->c, d->element, d->type.nelements, element);
    MST_LANG_PUSH(p->c, types, ntypes, element->type);
  } while (mst_parse_accept(p, LANG_TOKEN_COMMA));
  check_elements(p, ntypes);
  d->type.base = LANG_TUPLE;
  d->type.element = types;
  mst_parse_close(p, LANG_TOKEN_CLOSE, opener, "',' or ");
}

static _Noreturn void no_type(lang_parser *p, const char *what) {
  const lang_token *t = mst_parse_peek(p, 0);
  const char *near = t->kind == LANG_TOKEN_NAME ? mst_parse_type_meant(p, t) : NULL;
  mst_parse_unexpected(p, what, "a type such as int, real or vector", near);
}

ast_decl *mst_parse_sized(lang_parser *p, bool top) {
  mst_parse_deeper(p);
  ast_decl *d = MST_LANG_NEW(p->c, ast_decl);
  d->block = p->block;
  d->top = top;
  d->loc = mst_parse_peek(p, 0)->loc;
  if (mst_parse_kind(p, 0) == LANG_TOKEN_ARRAY) array_sizes(p, d);
  const lang_token *type = mst_parse_peek(p, 0);
  if (type->kind == LANG_TOKEN_TUPLE) {
    tuple_elements(p, d, top);
  } else {
    const struct type_word *w = type_word_of(type->kind);
    if (type->kind == LANG_TOKEN_VOID)
      mst_parse_unexpected(p, "a variable of type void", "a type such as int, real or vector",
                           "void for functions that return nothing");
    if (!w) no_type(p, "a type is missing");
    mst_parse_take(p);
    d->type.base = w->base;
    constraint(p, d, w, type, top);
    own_sizes(p, d, w, type);
  }
  mst_parse_back(p);
  return d;
}

/* ---- types of functions ---- */

static const char *dims_text(lang_parser *p, int dims) {
  char *text = mst_lang_alloc(p->c, (size_t)dims + 2);
  text[0] = '[';
  for (int i = 1; i < dims; i++) text[i] = ',';
  text[dims] = ']';
  return text;
}

/* [,,] after `array`, or after a type as it was written once. */
static int unsized_dims(lang_parser *p, const char *what, const char *word) {
  const lang_token *opener = mst_parse_take(p);
  int dims = 1;
  while (mst_parse_accept(p, LANG_TOKEN_COMMA)) dims++;
  if (mst_parse_kind(p, 0) != LANG_TOKEN_CLOSE_SQUARE)
    mst_parse_unexpected(p, mst_lang_format(p->c, "the type of %s has no sizes", what),
                         "']' or ','", strcmp(word, "array") == 0 ? "array[] or array[,]" : word);
  mst_parse_close(p, LANG_TOKEN_CLOSE_SQUARE, opener, NULL);
  return dims;
}

static void unsized_tuple(lang_parser *p, lang_type *t, const char *what) {
  mst_parse_take(p);
  const lang_token *opener =
      mst_parse_open(p, LANG_TOKEN_OPEN, "'tuple' needs the types of its elements");
  lang_type *types = NULL;
  int n = 0;
  do {
    if (n && mst_parse_kind(p, 0) == LANG_TOKEN_CLOSE) break;
    lang_type element = mst_parse_unsized(p, what);
    MST_LANG_PUSH(p->c, types, n, element);
  } while (mst_parse_accept(p, LANG_TOKEN_COMMA));
  check_elements(p, n);
  t->base = LANG_TUPLE;
  t->nelements = n;
  t->element = types;
  mst_parse_close(p, LANG_TOKEN_CLOSE, opener, "',' or ");
}

static lang_base unsized_base(lang_parser *p, const char *what) {
  const lang_token *t = mst_parse_peek(p, 0);
  const struct type_word *w = type_word_of(t->kind);
  if (t->kind == LANG_TOKEN_VOID)
    mst_parse_unexpected(p, mst_lang_format(p->c, "%s of type void", what), "a type with values",
                         NULL);
  if (!w) no_type(p, mst_lang_format(p->c, "the type of %s is missing", what));
  const char *plain = w->base == LANG_VECTOR ? "vector" : "matrix";
  if (w->constraint != AST_UNCONSTRAINED)
    mst_parse_unexpected(p, mst_lang_format(p->c, "the type of %s has no constraints", what),
                         mst_lang_format(p->c, "'%s'", plain), plain);
  mst_parse_take(p);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_LT)
    mst_parse_unexpected(p, mst_lang_format(p->c, "the type of %s has no constraints", what),
                         "a name", "to delete '<...>'");
  return w->base;
}

lang_type mst_parse_unsized(lang_parser *p, const char *what) {
  lang_type t = {0};
  mst_parse_deeper(p);
  const lang_token *first = mst_parse_peek(p, 0);
  if (mst_parse_accept(p, LANG_TOKEN_ARRAY)) {
    if (mst_parse_kind(p, 0) != LANG_TOKEN_OPEN_SQUARE)
      mst_parse_unexpected(p, "'array' needs its dimensions", "'['", "array[] real");
    t.arrays = unsized_dims(p, what, "array");
  }
  const lang_token *word = mst_parse_peek(p, 0);
  if (word->kind == LANG_TOKEN_TUPLE)
    unsized_tuple(p, &t, what);
  else
    t.base = unsized_base(p, what);
  if (mst_parse_kind(p, 0) == LANG_TOKEN_OPEN_SQUARE) {
    int dims = unsized_dims(p, what, mst_parse_text(p, word));
    if (t.arrays)
      mst_lang_fail(p->c, word->loc, word->length,
                    "brackets before and after the type; expected them "
                    "after 'array' only; try array%s",
                    dims_text(p, t.arrays + dims));
    t.arrays = dims;
    const char *text = mst_lang_format(p->c, "arrays as '%.*s%s' are deprecated; try array%s %.*s",
                                       word->length, word->text, dims_text(p, dims),
                                       dims_text(p, dims), word->length, word->text);
    mst_parse_warn_once(p, &p->warned_array, first, text);
  }
  mst_parse_back(p);
  return t;
}
