/* tests/interp/density.c -- densities of one number, from their definitions; see the Stan functions
 * reference. Out of the support: -infinity. */
#include <math.h>
#include <string.h>

#include "interp.h"

#define LOG_2PI 1.83787706640934548356L
#define LOG_PI 1.14472988584940017414L
typedef num function(const num *x);
#define F(name, expression)                                                                        \
  static num name(const num *x) { return expression; }
#define Y x[0]
#define A x[1]
#define B x[2]
#define C x[3]
static num sq(num a) { return a * a; }
static num lbeta(num a, num b) { return sp_lgamma(a) + sp_lgamma(b) - sp_lgamma(a + b); }
static num xlogy(num a, num b) { return a == 0 ? 0 : a * logl(b); }
static num lchoose(num n, num k) {
  return sp_lgamma(n + 1) - sp_lgamma(k + 1) - sp_lgamma(n - k + 1);
}
static num log_inv_logit(num a) { return -sp_log1p_exp(-a); }
/* log of the modified Bessel function of order 0, by its series or, for large x, 9.7.1 */
static num log_bessel0(num k) {
  num term = 1, sum = 1;
  if (k < 100) {
    for (int i = 1; i < 400; i++) sum += term *= k * k / 4 / sq(i);
    return logl(sum);
  }
  for (int i = 1; i < 30; i++) sum += term *= sq(2 * i - 1) / (8 * k * i);
  return k - (LOG_2PI + logl(k)) / 2 + logl(sum);
}
#define IN(condition, value) ((condition) ? (value) : -INFINITY)

F(std_normal, -sq(Y) / 2 - LOG_2PI / 2)
F(normal, -sq((Y - A) / B) / 2 - LOG_2PI / 2 - logl(B))
F(normal_lcdf, sp_log_phi((Y - A) / B))
F(normal_lccdf, sp_log_phi(-(Y - A) / B))
F(std_normal_lcdf, sp_log_phi(Y))
F(std_normal_lccdf, sp_log_phi(-Y))
F(cauchy, -LOG_PI - logl(B) - log1pl(sq((Y - A) / B)))
F(student_t, sp_lgamma((A + 1) / 2) - sp_lgamma(A / 2) - (logl(A) + LOG_PI) / 2 - logl(C) -
                 (A + 1) / 2 * log1pl(sq((Y - B) / C) / A))
F(double_exponential, -logl(2) - logl(B) - fabsl(Y - A) / B)
F(logistic, -(Y - A) / B - logl(B) - 2 * sp_log1p_exp(-(Y - A) / B))
F(gumbel, -(Y - A) / B - logl(B) - expl(-(Y - A) / B))
F(lognormal, IN(Y > 0, -sq((logl(Y) - A) / B) / 2 - LOG_2PI / 2 - logl(B) - logl(Y)))
F(exponential, IN(Y >= 0, logl(A) - A * Y))
F(exponential_lccdf, Y > 0 ? -A * Y : 0)
F(exponential_lcdf, IN(Y > 0, logl(-expm1l(-A *Y))))
F(gamma_, IN(Y >= 0, xlogy(A, B) - sp_lgamma(A) + (A == 1 ? 0 : (A - 1) * logl(Y)) - B * Y))
F(gamma_lcdf, IN(Y > 0, logl(sp_gamma_p(A, B *Y))))
F(gamma_lccdf, Y > 0 ? log1pl(-sp_gamma_p(A, B *Y)) : 0)
F(inv_gamma, IN(Y > 0, A *logl(B) - sp_lgamma(A) - (A + 1) * logl(Y) - B / Y))
F(chi_square, IN(Y >= 0, -A / 2 * logl(2) - sp_lgamma(A / 2) + xlogy(A / 2 - 1, Y) - Y / 2))
F(inv_chi_square,
  IN(Y > 0, -A / 2 * logl(2) - sp_lgamma(A / 2) - (A / 2 + 1) * logl(Y) - 1 / (2 * Y)))
F(scaled_inv_chi_square, IN(Y > 0, A / 2 * logl(A / 2) - sp_lgamma(A / 2) + A * logl(B) -
                                       (A / 2 + 1) * logl(Y) - A * sq(B) / (2 * Y)))
F(weibull, IN(Y >= 0, logl(A / B) + xlogy(A - 1, Y / B) - powl(Y / B, A)))
F(weibull_lccdf, Y > 0 ? -powl(Y / B, A) : 0)
F(frechet, IN(Y > 0, logl(A / B) - (A + 1) * logl(Y / B) - powl(Y / B, -A)))
F(rayleigh, IN(Y >= 0, logl(Y) - 2 * logl(A) - sq(Y / A) / 2))
F(pareto, IN(Y >= A, logl(B) + B * logl(A) - (B + 1) * logl(Y)))
F(pareto_type_2, IN(Y >= A, logl(C) - logl(B) - (C + 1) * log1pl((Y - A) / B)))
F(beta_, IN(Y >= 0 && Y <= 1, xlogy(A - 1, Y) + (B == 1 ? 0 : (B - 1) * log1pl(-Y)) - lbeta(A, B)))
F(beta_lcdf, IN(Y > 0, logl(sp_inc_beta(A, B, Y))))
F(beta_lccdf, IN(Y < 1, log1pl(-sp_inc_beta(A, B, Y))))
F(beta_proportion, beta_((num[]){Y, A *B, (1 - A) * B}))
F(uniform, IN(Y >= A && Y <= B, -logl(B - A)))
F(von_mises, B *cosl(Y - A) - LOG_2PI - log_bessel0(B))
F(skew_normal, logl(2) + normal(x) + sp_log_phi(C * (Y - A) / B))
F(exp_mod_normal,
  logl(C) + C / 2 * (2 * A + C * sq(B) - 2 * Y) + sp_log_phi(-(A + C * sq(B) - Y) / B))
F(loglogistic, IN(Y > 0, logl(B / A) + (B - 1) * logl(Y / A) - 2 * log1pl(powl(Y / A, B))))

F(bernoulli, IN(Y == 0 || Y == 1, Y == 1 ? logl(A) : log1pl(-A)))
F(bernoulli_logit, IN(Y == 0 || Y == 1, log_inv_logit(Y == 1 ? A : -A)))
F(binomial, IN(Y >= 0 && Y <= A, lchoose(A, Y) + xlogy(Y, B) + (A == Y ? 0 : (A - Y) * log1pl(-B))))
F(binomial_logit,
  IN(Y >= 0 && Y <= A, lchoose(A, Y) + Y * log_inv_logit(B) + (A - Y) * log_inv_logit(-B)))
F(poisson, IN(Y >= 0, xlogy(Y, A) - A - sp_lgamma(Y + 1)))
F(poisson_log, IN(Y >= 0, Y *A - expl(A) - sp_lgamma(Y + 1)))
F(neg_binomial, IN(Y >= 0, sp_lgamma(Y + A) - sp_lgamma(Y + 1) - sp_lgamma(A) +
                               A * logl(B / (B + 1)) - Y * log1pl(B)))
F(neg_binomial_2, IN(Y >= 0, sp_lgamma(Y + B) - sp_lgamma(Y + 1) - sp_lgamma(B) +
                                 xlogy(Y, A / (A + B)) - B * log1pl(A / B)))
F(neg_binomial_2_log, neg_binomial_2((num[]){Y, expl(A), B}))
F(beta_binomial, IN(Y >= 0 && Y <= A, lchoose(A, Y) + lbeta(Y + B, A - Y + C) - lbeta(B, C)))
F(hypergeometric, lchoose(B, Y) + lchoose(C, A - Y) - lchoose(B + C, A))
F(discrete_range, IN(Y >= A && Y <= B, -logl(B - A + 1)))
F(yule_simon, IN(Y >= 1, logl(A) + lbeta(Y, A + 1)))

/* Distribution functions of counts are sums. */
static num sum_upto(function *f, const num *x) {
  num sum = 0, z[5] = {x[0], x[1], x[2], x[3], 0};
  for (z[0] = 0; z[0] <= x[0]; z[0] += 1) sum += expl(f(z));
  return sum;
}
F(poisson_lcdf, logl(sum_upto(poisson, x)))
F(poisson_lccdf, log1pl(-sum_upto(poisson, x)))
F(binomial_lcdf, logl(sum_upto(binomial, x)))
F(binomial_lccdf, log1pl(-sum_upto(binomial, x)))
F(neg_binomial_2_lcdf, logl(sum_upto(neg_binomial_2, x)))
F(neg_binomial_2_lccdf, log1pl(-sum_upto(neg_binomial_2, x)))

static const struct {
  const char *name;
  int args;
  function *f;
} table[] = {
    {"std_normal_lpdf", 1, std_normal},
    {"std_normal_lcdf", 1, std_normal_lcdf},
    {"std_normal_lccdf", 1, std_normal_lccdf},
    {"normal_lpdf", 3, normal},
    {"normal_lcdf", 3, normal_lcdf},
    {"normal_lccdf", 3, normal_lccdf},
    {"cauchy_lpdf", 3, cauchy},
    {"student_t_lpdf", 4, student_t},
    {"double_exponential_lpdf", 3, double_exponential},
    {"logistic_lpdf", 3, logistic},
    {"gumbel_lpdf", 3, gumbel},
    {"lognormal_lpdf", 3, lognormal},
    {"exponential_lpdf", 2, exponential},
    {"exponential_lcdf", 2, exponential_lcdf},
    {"exponential_lccdf", 2, exponential_lccdf},
    {"gamma_lpdf", 3, gamma_},
    {"gamma_lcdf", 3, gamma_lcdf},
    {"gamma_lccdf", 3, gamma_lccdf},
    {"inv_gamma_lpdf", 3, inv_gamma},
    {"chi_square_lpdf", 2, chi_square},
    {"inv_chi_square_lpdf", 2, inv_chi_square},
    {"scaled_inv_chi_square_lpdf", 3, scaled_inv_chi_square},
    {"weibull_lpdf", 3, weibull},
    {"weibull_lccdf", 3, weibull_lccdf},
    {"frechet_lpdf", 3, frechet},
    {"rayleigh_lpdf", 2, rayleigh},
    {"pareto_lpdf", 3, pareto},
    {"pareto_type_2_lpdf", 4, pareto_type_2},
    {"beta_lpdf", 3, beta_},
    {"beta_lcdf", 3, beta_lcdf},
    {"beta_lccdf", 3, beta_lccdf},
    {"beta_proportion_lpdf", 3, beta_proportion},
    {"uniform_lpdf", 3, uniform},
    {"von_mises_lpdf", 3, von_mises},
    {"skew_normal_lpdf", 4, skew_normal},
    {"exp_mod_normal_lpdf", 4, exp_mod_normal},
    {"loglogistic_lpdf", 3, loglogistic},
    {"bernoulli_lpmf", 2, bernoulli},
    {"bernoulli_logit_lpmf", 2, bernoulli_logit},
    {"binomial_lpmf", 3, binomial},
    {"binomial_lcdf", 3, binomial_lcdf},
    {"binomial_lccdf", 3, binomial_lccdf},
    {"binomial_logit_lpmf", 3, binomial_logit},
    {"poisson_lpmf", 2, poisson},
    {"poisson_lcdf", 2, poisson_lcdf},
    {"poisson_lccdf", 2, poisson_lccdf},
    {"poisson_log_lpmf", 2, poisson_log},
    {"neg_binomial_lpmf", 3, neg_binomial},
    {"neg_binomial_2_lpmf", 3, neg_binomial_2},
    {"neg_binomial_2_lcdf", 3, neg_binomial_2_lcdf},
    {"neg_binomial_2_lccdf", 3, neg_binomial_2_lccdf},
    {"neg_binomial_2_log_lpmf", 3, neg_binomial_2_log},
    {"beta_binomial_lpmf", 4, beta_binomial},
    {"hypergeometric_lpmf", 4, hypergeometric},
    {"discrete_range_lpmf", 3, discrete_range},
    {"yule_simon_lpmf", 2, yule_simon},
};

/* Sizes of containers agree; scalars are repeated; of nothing the sum is 0. */
static num total(const in_args *a, function *f) {
  long n = 1;
  num sum = 0, x[5];
  bool container = false;
  for (int i = 0; i < a->n; i++) {
    if (!a->arg[i].ndims) continue;
    if (container && a->arg[i].n != n)
      interp_fail(a->s, IN_BAD, a->at, "sizes of a distribution's arguments differ");
    n = a->arg[i].n;
    container = true;
  }
  for (long k = 0; k < n; k++) {
    for (int i = 0; i < a->n; i++) x[i] = a->arg[i].x[a->arg[i].ndims ? k : 0];
    sum += f(x);
  }
  return sum;
}

bool in_density(const in_args *a, const char *name, val *result) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (table[i].args != a->n || strcmp(table[i].name, name) != 0) continue;
    *result = val_number(&a->s->mem, total(a, table[i].f));
    return true;
  }
  return false;
}
