/* lang/lower/lower_multi.c -- distributions of which an outcome or a parameter is a vector or a
 * matrix: vectorised over arrays of them, what does not change from outcome to outcome prepared
 * once; generalised linear models.
 */
#include <string.h>

#include "lang/lower/lower_impl.h"

/* ---- one element of an array, or of a vector of reals */

static ir_expr *row_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *at[LOWER_DIMS];
  at[0] = mst_lower_copy(l, v->e[0]);
  for (int i = 0; i < v->ndims; i++) at[i + 1] = index[i];
  return mst_lower_at(l, v->a, at);
}

static bool one_vector(const lower_value *a) {
  return a->type.arrays == 0 && (a->type.base == LANG_VECTOR || a->type.base == LANG_ROW_VECTOR);
}

/* The type of an element: of vectors, real. */
static lang_type element_type(const lower_value *a) {
  if (one_vector(a)) return mst_lower_type(LANG_REAL, 0);
  lang_type t = a->type;
  t.arrays--;
  return t;
}

const lower_value *mst_lower_element(lower_state *l, const lower_value *a, const ir_expr *i) {
  lower_value *v = mst_lower_new(l, element_type(a));
  v->ndims = a->ndims - 1;
  for (int d = 0; d < v->ndims; d++) v->dim[d] = a->dim[d + 1];
  v->a = a;
  v->e[0] = mst_lower_copy(l, i);
  v->cheap = a->cheap;
  v->element = row_element;
  if (v->ndims == 0) return mst_lower_scalar(l, mst_lower_at(l, v, NULL), v->type.base);
  return v;
}

const ast_function *mst_lower_prelude_each(lower_state *l, const char *name,
                                           const lower_value *const *arg, int n, bool *loops) {
  const lower_value *one[12];
  if (n > 8) return NULL;
  for (int mask = 1; mask < 1 << n; mask++) {
    bool possible = true;
    for (int i = 0; i < n && possible; i++) {
      loops[i] = mask >> i & 1;
      possible = !loops[i] || arg[i]->type.arrays > 0 || one_vector(arg[i]);
      one[i] = loops[i] && possible ? mst_lower_retype(l, arg[i], element_type(arg[i])) : arg[i];
    }
    const ast_function *f = possible ? mst_lower_prelude(l, name, one, n) : NULL;
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

static const char *prepare(lower_state *l, const char *name, const lower_value **arg,
                           const bool *loops, const void *site) {
  for (size_t i = 0; i < sizeof prepared / sizeof *prepared; i++) {
    int k = prepared[i].arg;
    if (strcmp(prepared[i].name, name) != 0 || loops[k]) continue;
    const ast_function *f = mst_lower_prelude(l, prepared[i].by, &arg[k], 1);
    if (!f) return name;
    arg[k] = mst_lower_whole_any(l, mst_lower_inline(l, f, &arg[k], site));
    return prepared[i].then;
  }
  return name;
}

const lower_value *mst_lower_multivariate(lower_state *l, const char *name,
                                          const lower_value *const *given, int n, bool propto,
                                          bool target, bool negative, const void *site,
                                          lang_loc loc) {
  const lower_value *arg[12], *result = mst_lower_scalar(l, mst_ir_real(l->c, 0), LANG_REAL);
  bool loops[12] = {false};
  if (mst_lower_mark_normal(l, name, given, n, propto, target, negative, loc)) return result;
  for (int i = 0; i < n; i++) arg[i] = given[i];
  const ast_function *f = mst_lower_prelude(l, name, arg, n);
  if (f) {
    ir_expr *e = mst_lower_at(l, mst_lower_inline(l, f, arg, site), NULL);
    if (target || (propto && l->lanes)) {
      ir_var *sum = target ? NULL : mst_lower_sum_begin(l);
      mst_lower_term(l, e, sum, propto, negative);
      return sum ? mst_lower_scalar(l, mst_ir_scalar(l->c, sum), LANG_REAL) : result;
    }
    return mst_lower_scalar(l, e, LANG_REAL);
  }
  if (!mst_lower_prelude_each(l, name, arg, n, loops)) return NULL;
  name = prepare(l, name, arg, loops, site);
  f = mst_lower_prelude_each(l, name, arg, n, loops);
  int first = 0;
  while (!loops[first]) first++;
  for (int i = 0; i < n; i++) {
    arg[i] = mst_lower_cheap(l, arg[i]);
    if (loops[i]) mst_lower_match(l, name, arg[first]->dim[0], arg[i]->dim[0], loc);
  }
  ir_var *sum = target ? NULL : mst_lower_sum_begin(l);
  ir_block *saved;
  ir_expr *i = mst_ir_scalar(l->c, mst_lower_loop_begin(l, arg[first]->dim[0], "n", &saved));
  for (int k = 0; k < n; k++)
    if (loops[k]) arg[k] = mst_lower_element(l, arg[k], i);
  mst_lower_term(l, mst_lower_at(l, mst_lower_inline(l, f, arg, site), NULL), sum, propto,
                 negative);
  mst_lower_loop_end(l, saved);
  return sum ? mst_lower_scalar(l, mst_ir_scalar(l->c, sum), LANG_REAL) : result;
}

/* ---- generalised linear models */

/* categorical_logit_glm: the matrix of covariates is taken as an array of its rows. */
static const lower_value *categorical_glm(lower_state *l, const lower_value *const *given, int n,
                                          bool propto, bool target, bool negative,
                                          const ast_expr *site, lang_loc loc) {
  const lower_value *arg[4] = {given[0], given[1], given[2], given[3]};
  if (arg[1]->type.base == LANG_MATRIX)
    arg[1] = mst_lower_retype(l, mst_lower_cheap(l, arg[1]), mst_lower_type(LANG_ROW_VECTOR, 1));
  return mst_lower_multivariate(l, "categorical_logit_glm_lpmf", arg, n, propto, target, negative,
                                site, loc);
}

/* foo_glm(y | X, alpha, beta, ...) is foo(y | alpha + X * beta, ...). */
const lower_value *mst_lower_glm(lower_state *l, const char *name, const lower_value *const *arg,
                                 int n, bool propto, bool target, bool negative,
                                 const ast_expr *site, lang_loc loc) {
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
    const lower_value *plain[8], *X = arg[x], *alpha = ordered ? NULL : arg[x + 1];
    const lower_value *beta = arg[ordered ? x + 1 : x + 2];
    lang_type vector = mst_lower_type(LANG_VECTOR, 0);
    const lower_value *eta = mst_lower_multiply(
        l, X, beta, X->type.base == LANG_MATRIX ? vector : mst_lower_type(LANG_REAL, 0));
    if (alpha) eta = mst_lower_binary(l, IR_ADD, alpha, eta, eta->ndims ? vector : alpha->type);
    int m = 0;
    for (int k = 0; k < x; k++) plain[m++] = arg[k];
    plain[m++] = eta;
    for (int k = ordered ? x + 2 : x + 3; k < n; k++) plain[m++] = arg[k];
    return mst_lower_density(l, table[i].plain, plain, m, propto, target, negative, site, loc);
  }
  return NULL;
}
