/* tests/interp/special.c -- special functions in long double, by series and continued fractions of
 * Abramowitz and Stegun. See interp.h. */
#include <float.h>
#include <math.h>

#include "interp.h"

#define PI 3.14159265358979323846264338327950288L

/* 6.3.18 after 6.3.5 has carried x upwards. */
num sp_digamma(num x) {
  static const num b[] = {1.0L / 12,  -1.0L / 120,     1.0L / 252, -1.0L / 240,
                          1.0L / 132, -691.0L / 32760, 1.0L / 12};
  num sum = 0;
  if (x <= 0 && x == floorl(x)) return NAN;
  if (x < 0) return sp_digamma(1 - x) - PI / tanl(PI * x);
  for (; x < 30; x += 1) sum -= 1 / x;
  num z = 1 / (x * x), power = z;
  sum += logl(x) - 1 / (2 * x);
  for (int i = 0; i < 7; i++, power *= z) sum -= b[i] * power;
  return sum;
}

num sp_trigamma(num x) {
  static const num b[] = {1.0L / 6,  -1.0L / 30,     1.0L / 42, -1.0L / 30,
                          5.0L / 66, -691.0L / 2730, 7.0L / 6};
  num sum = 0;
  if (x < 0) return PI * PI / (sinl(PI * x) * sinl(PI * x)) - sp_trigamma(1 - x);
  for (; x < 30; x += 1) sum += 1 / (x * x);
  num z = 1 / (x * x), power = z / x;
  sum += 1 / x + z / 2;
  for (int i = 0; i < 7; i++, power *= z) sum += b[i] * power;
  return sum;
}

/* Stirling's series, 6.1.40, after the recurrence; nothing is written that another would read. */
num sp_lgamma(num x) {
  static const num b[] = {1.0L / 12,   -1.0L / 360,      1.0L / 1260, -1.0L / 1680,
                          1.0L / 1188, -691.0L / 360360, 1.0L / 156};
  num product = 1;
  if (x <= 0 && x == floorl(x)) return INFINITY;
  if (x < 0) return logl(PI / fabsl(sinl(PI * x))) - sp_lgamma(1 - x);
  if (isinf(x)) return x;
  for (; x < 30; x += 1) product *= x;
  num z = 1 / (x * x), power = 1 / x, sum = (x - 0.5L) * logl(x) - x + logl(2 * PI) / 2;
  for (int i = 0; i < 7; i++, power *= z) sum += b[i] * power;
  return sum - logl(product);
}

num sp_phi(num x) { return erfcl(-x / sqrtl(2)) / 2; }

/* Below -20, where erfcl would lose its exponent in the end, the continued fraction 26.2.14. */
num sp_log_phi(num x) {
  if (x > -20) return x > 5 ? log1pl(-erfcl(x / sqrtl(2)) / 2) : logl(sp_phi(x));
  num f = 0;
  for (int i = 200; i > 0; i--) f = i / (-x + f);
  return -x * x / 2 - logl(2 * PI) / 2 - logl(-x + f);
}

num sp_inv_phi(num p) {
  if (!(p > 0)) return p == 0 ? -INFINITY : NAN;
  if (!(p < 1)) return p == 1 ? INFINITY : NAN;
  if (p > 0.5L) return -sp_inv_phi(1 - p);
  num x = p > 0.1L ? 0 : -sqrtl(-2 * logl(p));
  for (int i = 0; i < 60; i++) { /* Newton on the logarithm, which is concave */
    num step = (sp_log_phi(x) - logl(p)) * expl(sp_log_phi(x) + x * x / 2 + logl(2 * PI) / 2);
    x -= step;
    if (fabsl(step) < 1e-19L * (1 + fabsl(x))) break;
  }
  return x;
}

/* 6.5.29 and 6.5.31. */
num sp_gamma_p(num a, num x) {
  if (x <= 0) return 0;
  num scale = expl(a * logl(x) - x - sp_lgamma(a));
  if (x < a + 1) {
    num term = 1 / a, sum = term;
    for (int n = 1; n < 100000 && fabsl(term) > sum * LDBL_EPSILON / 4; n++)
      sum += term *= x / (a + n);
    return scale * sum;
  }
  num f = 0; /* from the far end, so that slopes are smooth */
  for (int n = 400; n > 0; n--) f = n * (n - a) / (x + 2 * n + 1 - a - f);
  return 1 - scale / (x + 1 - a - f);
}

/* 26.5.8 */
num sp_inc_beta(num a, num b, num x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - sp_inc_beta(b, a, 1 - x);
  num f = 1;
  for (int m = 400; m > 0; m--) {
    num even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    num odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    f = 1 + even / (1 + odd / f);
  }
  f = 1 - (a + b) * x / (a + 1) / f;
  return expl(a * logl(x) + b * log1pl(-x) + sp_lgamma(a + b) - sp_lgamma(a) - sp_lgamma(b)) /
         (a * f);
}

num sp_log1p_exp(num x) { return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x)); }

num sp_log_sum_exp(const num *x, long n) {
  num most = -INFINITY, sum = 0;
  for (long i = 0; i < n; i++)
    if (x[i] > most || isnan(x[i])) most = x[i];
  if (isinf(most)) return most;
  for (long i = 0; i < n; i++) sum += expl(x[i] - most);
  return most + logl(sum);
}
