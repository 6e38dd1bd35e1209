/* lang/lower_multi.c -- distributions of which an outcome or a parameter is a vector or a
 * matrix: vectorised over arrays of them, what does not change from outcome to outcome prepared
 * once; generalised linear models.
 */
#include <string.h>

#include "lang/lower_internal.h"

/* ---- one element of an array, or of a vector of reals */

static ir_expr *row_element(lower *l, const low_value *v, ir_expr *const *index) {
  ir_expr *at[LOW_DIMS];
  at[0] = mst_low_copy(l, v->e[0]);
  for (int i = 0; i < v->ndims; i++) at[i + 1] = index[i];
  return mst_low_at(l, v->a, at);
}

static bool one_vector(const low_value *a) {
  return a->type.arrays == 0 && (a->type.base == LANG_VECTOR || a->type.base == LANG_ROW_VECTOR);
}

/* The type of an element: of vectors, real. */
static lang_type element_type(const low_value *a) {
  if (one_vector(a)) return mst_low_type(LANG_REAL, 0);
  lang_type t = a->type;
  t.arrays--;
  return t;
}

const low_value *mst_low_element(lower *l, const low_value *a, const ir_expr *i) {
  low_value *v = mst_low_new(l, element_type(a));
  v->ndims = a->ndims - 1;
  for (int d = 0; d < v->ndims; d++) v->dim[d] = a->dim[d + 1];
  v->a = a;
  v->e[0] = mst_low_copy(l, i);
  v->cheap = a->cheap;
  v->element = row_element;
  if (v->ndims == 0) return mst_low_scalar(l, mst_low_at(l, v, NULL), v->type.base);
  return v;
}

const ast_function *mst_low_prelude_each(lower *l, const char *name, const low_value *const *arg,
                                         int n, bool *loops) {
  const low_value *one[12];
  if (n > 8) return NULL;
  for (int mask = 1; mask < 1 << n; mask++) {
    bool possible = true;
    for (int i = 0; i < n && possible; i++) {
      loops[i] = mask >> i & 1;
      possible = !loops[i] || arg[i]->type.arrays > 0 || one_vector(arg[i]);
      one[i] = loops[i] && possible ? mst_low_retype(l, arg[i], element_type(arg[i])) : arg[i];
    }
    const ast_function *f = possible ? mst_low_prelude(l, name, one, n) : NULL;
    if (f) return f;
  }
  return NULL;
}

/* Parameters that are turned into something once before the loop over outcomes. */
static const struct prepared {
  const char *name;
  int arg;
  const char *by, *then;
} prepared[] = {{"multi_normal_lpdf", 2, "factor__", "multi_normal_cholesky_lpdf"},
                {"multi_normal_prec_lpdf", 2, "factor__", "multi_normal_prec_cholesky__lpdf"},
                {"multi_student_t_lpdf", 3, "factor__", "multi_student_t_cholesky_lpdf"},
                {"categorical_lpmf", 1, "logs__", "categorical_log__lpmf"},
                {"categorical_logit_lpmf", 1, "log_softmax__", "categorical_log__lpmf"}};

static const char *prepare(lower *l, const char *name, const low_value **arg, const bool *loops,
                           const void *site) {
  for (size_t i = 0; i < sizeof prepared / sizeof *prepared; i++) {
    int k = prepared[i].arg;
    if (strcmp(prepared[i].name, name) != 0 || loops[k]) continue;
    const ast_function *f = mst_low_prelude(l, prepared[i].by, &arg[k], 1);
    if (!f) return name;
    arg[k] = mst_low_whole_any(l, mst_low_inline(l, f, &arg[k], site));
    return prepared[i].then;
  }
  return name;
}

const low_value *mst_low_multivariate(lower *l, const char *name, const low_value *const *given,
                                      int n, bool propto, bool target, bool negative,
                                      const void *site, lang_loc loc) {
  const low_value *arg[12], *result = mst_low_scalar(l, mst_ir_real(l->c, 0), LANG_REAL);
  bool loops[12] = {false};
  if (mst_low_mark_normal(l, name, given, n, propto, target, negative, loc)) return result;
  for (int i = 0; i < n; i++) arg[i] = given[i];
  const ast_function *f = mst_low_prelude(l, name, arg, n);
  if (f) {
    ir_expr *e = mst_low_at(l, mst_low_inline(l, f, arg, site), NULL);
    if (target || (propto && l->lanes)) {
      ir_var *sum = target ? NULL : mst_low_sum_begin(l);
      mst_low_term(l, e, sum, propto, negative);
      return sum ? mst_low_scalar(l, mst_ir_scalar(l->c, sum), LANG_REAL) : result;
    }
    return mst_low_scalar(l, e, LANG_REAL);
  }
  if (!mst_low_prelude_each(l, name, arg, n, loops)) return NULL;
  name = prepare(l, name, arg, loops, site);
  f = mst_low_prelude_each(l, name, arg, n, loops);
  int first = 0;
  while (!loops[first]) first++;
  for (int i = 0; i < n; i++) {
    arg[i] = mst_low_cheap(l, arg[i]);
    if (loops[i]) mst_low_match(l, name, arg[first]->dim[0], arg[i]->dim[0], loc);
  }
  ir_var *sum = target ? NULL : mst_low_sum_begin(l);
  ir_block *saved;
  ir_expr *i = mst_ir_scalar(l->c, mst_low_loop_begin(l, arg[first]->dim[0], "n", &saved));
  for (int k = 0; k < n; k++)
    if (loops[k]) arg[k] = mst_low_element(l, arg[k], i);
  mst_low_term(l, mst_low_at(l, mst_low_inline(l, f, arg, site), NULL), sum, propto, negative);
  mst_low_loop_end(l, saved);
  return sum ? mst_low_scalar(l, mst_ir_scalar(l->c, sum), LANG_REAL) : result;
}

/* ---- generalised linear models */

/* categorical_logit_glm: the matrix of covariates is taken as an array of its rows. */
static const low_value *categorical_glm(lower *l, const low_value *const *given, int n, bool propto,
                                        bool target, bool negative, const ast_expr *site,
                                        lang_loc loc) {
  const low_value *arg[4] = {given[0], given[1], given[2], given[3]};
  if (arg[1]->type.base == LANG_MATRIX)
    arg[1] = mst_low_retype(l, mst_low_cheap(l, arg[1]), mst_low_type(LANG_ROW_VECTOR, 1));
  return mst_low_multivariate(l, "categorical_logit_glm_lpmf", arg, n, propto, target, negative,
                              site, loc);
}

/* foo_glm(y | X, alpha, beta, ...) is foo(y | alpha + X * beta, ...). */
const low_value *mst_low_glm(lower *l, const char *name, const low_value *const *arg, int n,
                             bool propto, bool target, bool negative, const ast_expr *site,
                             lang_loc loc) {
  static const struct {
    const char *glm, *plain;
  } table[] = {{"bernoulli_logit_glm_lpmf", "bernoulli_logit_lpmf"},
               {"normal_id_glm_lpdf", "normal_lpdf"},
               {"poisson_log_glm_lpmf", "poisson_log_lpmf"},
               {"neg_binomial_2_log_glm_lpmf", "neg_binomial_2_log_lpmf"},
               {"binomial_logit_glm_lpmf", "binomial_logit_lpmf"},
               {"ordered_logistic_glm_lpmf", "ordered_logistic_lpmf"}};
  if (!strcmp(name, "categorical_logit_glm_lpmf") && n == 4)
    return categorical_glm(l, arg, n, propto, target, negative, site, loc);
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (strcmp(table[i].glm, name) != 0) continue;
    bool binomial = strncmp(name, "binomial", 8) == 0, ordered = strncmp(name, "ordered", 7) == 0;
    int x = binomial ? 2 : 1;
    const low_value *plain[8], *X = arg[x], *alpha = ordered ? NULL : arg[x + 1];
    const low_value *beta = arg[ordered ? x + 1 : x + 2];
    lang_type vector = mst_low_type(LANG_VECTOR, 0);
    const low_value *eta = mst_low_multiply(
        l, X, beta, X->type.base == LANG_MATRIX ? vector : mst_low_type(LANG_REAL, 0));
    if (alpha) eta = mst_low_binary(l, IR_ADD, alpha, eta, eta->ndims ? vector : alpha->type);
    int m = 0;
    for (int k = 0; k < x; k++) plain[m++] = arg[k];
    plain[m++] = eta;
    for (int k = ordered ? x + 2 : x + 3; k < n; k++) plain[m++] = arg[k];
    return mst_low_density(l, table[i].plain, plain, m, propto, target, negative, site, loc);
  }
  return NULL;
}
