/* tests/interp/multi.c -- densities with vectors and matrices, and of linear models. See
 * interp.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "interp.h"

#define LOG_2PI 1.83787706640934548356L
#define MEM (&a->s->mem)
typedef num one_density(const in_args *a); /* of one outcome; a->arg: its own elements */

static num log_inv_logit(num x) { return -sp_log1p_exp(-x); }

/* ---- categories */

static long category(const in_args *a, long K) {
  long y = (long)a->arg[0].x[0];
  if (y < 1 || y > K) interp_fail(a->s, IN_BAD, a->at, "category %ld of %ld", y, K);
  return y - 1;
}
static num categorical(const in_args *a) { return logl(a->arg[1].x[category(a, a->arg[1].n)]); }
static num categorical_logit(const in_args *a) {
  const val *b = &a->arg[1];
  return b->x[category(a, b->n)] - sp_log_sum_exp(b->x, b->n);
}
static num cumulative(num x, bool probit) { return probit ? sp_log_phi(x) : log_inv_logit(x); }
static num ordered(const in_args *a, bool probit) {
  const num eta = a->arg[1].x[0], *c = a->arg[2].x;
  long K = a->arg[2].n + 1, y = category(a, K);
  if (K == 1) return 0;
  if (y == 0) return cumulative(c[0] - eta, probit);
  if (y == K - 1) return cumulative(eta - c[K - 2], probit);
  num most = cumulative(c[y] - eta, probit), less = cumulative(c[y - 1] - eta, probit);
  return most + logl(-expm1l(less - most));
}
static num ordered_logistic(const in_args *a) { return ordered(a, false); }
static num ordered_probit(const in_args *a) { return ordered(a, true); }
static num multinomial_of(const in_args *a, bool logit) {
  const val *y = &a->arg[0], *p = &a->arg[1];
  num n = 0, sum = 0, norm = logit ? sp_log_sum_exp(p->x, p->n) : 0;
  for (long k = 0; k < y->n; k++) {
    n += y->x[k];
    sum -= sp_lgamma(y->x[k] + 1);
    if (y->x[k] != 0) sum += y->x[k] * (logit ? p->x[k] - norm : logl(p->x[k]));
  }
  return sum + sp_lgamma(n + 1);
}
static num multinomial(const in_args *a) { return multinomial_of(a, false); }
static num multinomial_logit(const in_args *a) { return multinomial_of(a, true); }
static num dirichlet(const in_args *a) {
  num sum = 0, total = 0;
  for (long k = 0; k < a->arg[0].n; k++) {
    num c = a->arg[1].x[k];
    total += c;
    sum += (c - 1) * logl(a->arg[0].x[k]) - sp_lgamma(c);
  }
  return sum + sp_lgamma(total);
}

/* ---- normals and their kin: -log|S|/2 and the quadratic form, by elimination */

typedef enum scale { COVARIANCE, CHOLESKY, PRECISION } scale;

static num quadratic(const in_args *a, const val *y, const val *mu, const val *S, scale how,
                     num *log_det) {
  val d = val_vector(MEM, y->n), m = val_copy(MEM, S);
  if (y->n != mu->n || S->dim[0] != y->n)
    interp_fail(a->s, IN_BAD, a->at, "sizes of a distribution's arguments differ");
  for (long i = 0; i < y->n; i++) d.x[i] = y->x[i] - mu->x[i];
  for (long i = 0; how == CHOLESKY && i < y->n; i++)
    for (long j = i + 1; j < y->n; j++) *put2(&m, i, j) = 0;
  num log_size = la_log_det(a->s, &m), sum = 0;
  *log_det = how == CHOLESKY ? 2 * log_size : how == PRECISION ? -log_size : log_size;
  val z = how == PRECISION ? la_multiply(a->s, &m, &d) : la_solve(a->s, &m, &d, a->at);
  for (long i = 0; i < y->n; i++) sum += z.x[i] * (how == CHOLESKY ? z.x[i] : d.x[i]);
  return sum;
}
static num normal_of(const in_args *a, scale how) {
  num log_det, q = quadratic(a, &a->arg[0], &a->arg[1], &a->arg[2], how, &log_det);
  return -(q + log_det + a->arg[0].n * LOG_2PI) / 2;
}
static num multi_normal(const in_args *a) { return normal_of(a, COVARIANCE); }
static num multi_normal_cholesky(const in_args *a) { return normal_of(a, CHOLESKY); }
static num multi_normal_prec(const in_args *a) { return normal_of(a, PRECISION); }
static num student_of(const in_args *a, scale how) {
  num log_det, q = quadratic(a, &a->arg[0], &a->arg[2], &a->arg[3], how, &log_det);
  num nu = a->arg[1].x[0], K = a->arg[0].n, pi = expl(LOG_2PI) / 2;
  return sp_lgamma((nu + K) / 2) - sp_lgamma(nu / 2) - K / 2 * logl(nu * pi) - log_det / 2 -
         (nu + K) / 2 * log1pl(q / nu);
}
static num multi_student_t(const in_args *a) { return student_of(a, COVARIANCE); }
static num multi_student_t_cholesky(const in_args *a) { return student_of(a, CHOLESKY); }

/* ---- matrices */

/* Lewandowski, Kurowicka and Joe 2009, the constant of K x K correlations. */
static num lkj_constant(num eta, long K) {
  num c = 0;
  for (long k = 1; k < K; k++) {
    num b = eta + (num)(K - k - 1) / 2;
    c += (2 * eta - 2 + K - k) * (K - k) * logl(2);
    c += (K - k) * (2 * sp_lgamma(b) - sp_lgamma(2 * b));
  }
  return c;
}
static num lkj_corr_cholesky(const in_args *a) {
  const val *L = &a->arg[0];
  num eta = a->arg[1].x[0], sum = -lkj_constant(eta, L->dim[0]);
  long K = L->dim[0];
  for (long k = 2; k <= K; k++) sum += (K - k + 2 * eta - 2) * logl(at2(L, k - 1, k - 1));
  return sum;
}
static num lkj_corr(const in_args *a) {
  num eta = a->arg[1].x[0];
  return (eta - 1) * la_log_det(a->s, &a->arg[0]) - lkj_constant(eta, a->arg[0].dim[0]);
}
static num lmgamma(long K, num x) {
  num sum = (num)(K * (K - 1)) / 4 * (LOG_2PI - logl(2));
  for (long k = 1; k <= K; k++) sum += sp_lgamma(x + (num)(1 - k) / 2);
  return sum;
}
static num trace_of_solve(const in_args *a, const val *S, const val *W) {
  val x = la_solve(a->s, S, W, a->at);
  num sum = 0;
  for (long i = 0; i < x.dim[0]; i++) sum += at2(&x, i, i);
  return sum;
}
static num wishart(const in_args *a) {
  const val *W = &a->arg[0], *S = &a->arg[2];
  num nu = a->arg[1].x[0], K = W->dim[0];
  return -nu * K / 2 * logl(2) - lmgamma(W->dim[0], nu / 2) - nu / 2 * la_log_det(a->s, S) +
         (nu - K - 1) / 2 * la_log_det(a->s, W) - trace_of_solve(a, S, W) / 2;
}
static num inv_wishart(const in_args *a) {
  const val *W = &a->arg[0], *S = &a->arg[2];
  num nu = a->arg[1].x[0], K = W->dim[0];
  return -nu * K / 2 * logl(2) - lmgamma(W->dim[0], nu / 2) + nu / 2 * la_log_det(a->s, S) -
         (nu + K + 1) / 2 * la_log_det(a->s, W) - trace_of_solve(a, W, S) / 2;
}

static const struct {
  const char *name;
  one_density *f;
  int args, rank[4]; /* indices of one outcome's own arguments */
} table[] = {{"categorical_lpmf", categorical, 2, {0, 1}},
             {"categorical_logit_lpmf", categorical_logit, 2, {0, 1}},
             {"ordered_logistic_lpmf", ordered_logistic, 3, {0, 0, 1}},
             {"ordered_probit_lpmf", ordered_probit, 3, {0, 0, 1}},
             {"multinomial_lpmf", multinomial, 2, {1, 1}},
             {"multinomial_logit_lpmf", multinomial_logit, 2, {1, 1}},
             {"dirichlet_lpdf", dirichlet, 2, {1, 1}},
             {"multi_normal_lpdf", multi_normal, 3, {1, 1, 2}},
             {"multi_normal_cholesky_lpdf", multi_normal_cholesky, 3, {1, 1, 2}},
             {"multi_normal_prec_lpdf", multi_normal_prec, 3, {1, 1, 2}},
             {"multi_student_t_lpdf", multi_student_t, 4, {1, 0, 1, 2}},
             {"multi_student_t_cholesky_lpdf", multi_student_t_cholesky, 4, {1, 0, 1, 2}},
             {"lkj_corr_lpdf", lkj_corr, 2, {2, 0}},
             {"lkj_corr_cholesky_lpdf", lkj_corr_cholesky, 2, {2, 0}},
             {"wishart_lpdf", wishart, 3, {2, 0, 2}},
             {"inv_wishart_lpdf", inv_wishart, 3, {2, 0, 2}}};

/* ---- generalised linear models: the density at alpha + x * beta */

static val linear_predictor(const in_args *a, int x, int alpha, int beta) {
  val b = la_as_matrix(a->s, &a->arg[beta]), eta = la_multiply(a->s, &a->arg[x], &b);
  for (long i = 0; i < eta.n; i++) eta.x[i] += a->arg[alpha].x[a->arg[alpha].ndims ? i : 0];
  return (val){.type = {.base = LANG_VECTOR}, .ndims = 1, .dim = {eta.n}, .n = eta.n, .x = eta.x};
}
static bool glm(const in_args *a, const char *name, val *result) {
  static const struct {
    const char *name, *density;
    int x, more; /* position of the matrix; of a scale, or 0 */
  } list[] = {{"normal_id_glm_lpdf", "normal_lpdf", 1, 4},
              {"bernoulli_logit_glm_lpmf", "bernoulli_logit_lpmf", 1, 0},
              {"poisson_log_glm_lpmf", "poisson_log_lpmf", 1, 0},
              {"neg_binomial_2_log_glm_lpmf", "neg_binomial_2_log_lpmf", 1, 4},
              {"binomial_logit_glm_lpmf", "binomial_logit_lpmf", 2, 0}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    if (strcmp(name, list[i].name) != 0) continue;
    int x = list[i].x, n = 0;
    val arg[4];
    for (; n < x; n++) arg[n] = a->arg[n];
    arg[n++] = linear_predictor(a, x, x + 1, x + 2);
    if (list[i].more) arg[n++] = a->arg[list[i].more];
    *result = in_call_named(a->s, list[i].density, arg, n, a->at);
    return true;
  }
  return false;
}

bool in_multi(const in_args *a, const char *name, val *result) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (strcmp(table[i].name, name) != 0 || table[i].args != a->n) continue;
    val arg[4];
    const in_args each = {a->s, arg, a->n, a->at};
    long count = 1;
    num sum = 0;
    for (int k = 0; k < a->n; k++) {
      if (a->arg[k].ndims > table[i].rank[k] + 1)
        interp_fail(a->s, IN_UNKNOWN, a->at, "%s of these arguments", name);
      if (a->arg[k].ndims > table[i].rank[k]) count = a->arg[k].dim[0];
    }
    for (long r = 0; r < count; r++) {
      for (int k = 0; k < a->n; k++)
        arg[k] = a->arg[k].ndims > table[i].rank[k] ? val_at(&a->arg[k], r) : a->arg[k];
      sum += table[i].f(&each);
    }
    *result = val_number(MEM, sum);
    return true;
  }
  return glm(a, name, result);
}
