/* masting/stan/tails.h -- logarithms of distribution functions that are differences or sums of many
 * terms, with their derivatives. On doubles; special.h makes lanes of them. Included by special.h
 * alone.
 *
 * What would be a difference of nearly equal numbers is an integral or a sum of positive terms
 * here: relative errors of 1e-13 (integrals) and 1e-12 (sums), also of slopes, as far as the
 * logarithm is a double.
 */
#ifndef MASTING_STAN_TAILS_H
#define MASTING_STAN_TAILS_H

/* ---- the skew normal: Azzalini 1985 (Scand. J. Statist. 12, 171-178); its distribution function
 * is Phi(z) - 2 T(z, alpha), T Owen's */

typedef struct masting_skew_ {
  double value, dz, da; /* log F, its derivatives by z and alpha */
} masting_skew_;

/* The integral over s > 0 of exp(-h^2 (2 a s + s^2) / 2) / (1 + (a + s)^2) / pi, h, a >= 0, by the
 * exp-sinh rule (Takahasi and Mori 1974, Publ. RIMS 9, 721-741). Times exp(-h^2 (1 + a^2) / 2) it
 * is 2 T(h, infinity) - 2 T(h, a), the distribution function at -h. */
static inline double d_skew_integral_(double h, double a) {
  double sum = 0, unit = 1.0 / (1.0 / (1.0 + a) + h + h * a * h), step = 0.0625;
  if (!(h < 1e150)) return 0;
  for (int i = -72; i <= 72; i++) {
    double t = step * i, s = unit * d_exp(1.57079632679489661923 * d_sinh(t));
    double u = h * s, rate = h * a * u + 0.5 * (u * u);
    if (!(rate < 745)) break;
    double end = a + s;
    double f = d_exp(-rate) * (end < 1e8 ? s / (1.0 + end * end) : s / end / end);
    sum += f * d_cosh(t);
  }
  return step * 0.5 * sum; /* pi / 2 of the rule over pi */
}

/* z <= 0, alpha >= 0: the tail that is thinner than the normal's. */
static inline masting_skew_ d_skew_thin_(double z, double alpha) {
  double h = -z, j = d_skew_integral_(h, alpha), a2 = 1.0 + alpha * alpha;
  double mills = d_mills_(alpha * h);
  return (masting_skew_){-0.5 * (h * h + alpha * h * (alpha * h)) + d_log(j),
                         0.79788456080286535588 * mills / j, -0.31830988618379067154 / a2 / j};
}

/* z <= 0, any alpha; on the thick side F is 2 Phi(z) less the thin tail, at most half of it. */
static inline masting_skew_ d_skew_low_(double z, double alpha) {
  if (alpha >= 0) return d_skew_thin_(z, alpha);
  masting_skew_ thin = d_skew_thin_(z, -alpha);
  double normal = d_std_normal_lcdf(z), part = d_exp(thin.value - normal - 0.69314718055994530942);
  double hazard = d_std_normal_hazard_lower(z), left = 1.0 - part;
  return (masting_skew_){0.69314718055994530942 + normal + d_log1p(-part),
                         (hazard - part * thin.dz) / left, part * thin.da / left};
}

/* log P(Z < z): beyond 0 by the complement, whose distribution is that of -alpha. */
MASTING_FAR_ masting_skew_ d_skew_(double z, double alpha) {
  if (z != z || alpha != alpha) return (masting_skew_){NAN, NAN, NAN};
  if (z <= 0) return d_skew_low_(z, alpha);
  masting_skew_ other = d_skew_low_(-z, -alpha);
  double odds = d_odds_(other.value);
  if (!(odds > 0)) return (masting_skew_){0, 0, 0};
  return (masting_skew_){d_log1m_exp(other.value), odds * other.dz, odds * other.da};
}

static inline double d_log_skew_normal(double z, double a) { return d_skew_(z, a).value; }
static inline double d_log_skew_normal_dz(double z, double a) { return d_skew_(z, a).dz; }
static inline double d_log_skew_normal_da(double z, double a) { return d_skew_(z, a).da; }

/* ---- a normal plus an exponential of rate w */

typedef struct masting_emg_ {
  double value, du, dw;
} masting_emg_;

/* log P(Z + E / w < u) = log(Phi(u) - exp(w^2/2 - w u) Phi(u - w)), u <= 8: the difference is
 * phi(u) times the integral over s > 0 of g (1 - e^-ws), g = exp(u s - s^2 / 2); by the exp-sinh
 * rule. */
static inline masting_emg_ d_emg_integral_(double u, double w) {
  double unit = 1.0 / (1.0 + (u < 0 ? -u : 0.0)), step = u > 0 ? 0.015625 : 0.03125;
  double mass = 0, by_u = 0, by_w = 0;
  for (double t = -4.5; t <= 4.5; t += step) {
    double s = unit * d_exp(1.57079632679489661923 * d_sinh(t)), power = s * (u - 0.5 * s);
    if (!(power > -745)) break;
    double g = d_exp(power) * s * d_cosh(t), fade = g * d_exp(-w * s);
    mass -= g * d_expm1(-w * s);
    by_u += fade;
    by_w += fade * s;
  }
  return (masting_emg_){d_log(step * 1.57079632679489661923 * mass) - 0.5 * (u * u) -
                            0.91893853320467274178,
                        w * (by_u / mass), by_w / mass};
}

MASTING_FAR_ masting_emg_ d_emg_(double u, double w) {
  if (u != u || !(w > 0)) return (masting_emg_){NAN, NAN, NAN};
  if (u <= 8) return d_emg_integral_(u, w);
  double power = w * (0.5 * w - u), above = d_Phi(-u), bell = d_bell_(u), part, value;
  if (w < u) { /* one minus two tails, the larger of which may be near one */
    part = d_exp(power) * d_Phi(u - w);
    value = (d_exp(power) * d_Phi(w - u) - above) - d_expm1(power);
  } else {
    part = bell * d_mills_(w - u);
    value = 1.0 - part - above;
  }
  return (masting_emg_){d_log(value), w * part / value,
                        ((u - w) * part + 0.39894228040143267794 * bell) / value};
}

static inline double d_log_exp_mod_normal(double u, double w) { return d_emg_(u, w).value; }
static inline double d_log_exp_mod_normal_du(double u, double w) { return d_emg_(u, w).du; }
static inline double d_log_exp_mod_normal_dw(double u, double w) { return d_emg_(u, w).dw; }

/* ---- the beta-binomial */

typedef struct masting_counts_ {
  double value, da, db;
} masting_counts_;

/* log of the mass at n. */
static inline masting_counts_ d_beta_binomial_mass_(double n, double N, double a, double b) {
  double m = N - n, s = a + b, value = d_lchoose(N, n);
  value += n * d_log((a + n) / (s + N)) + m * d_log((b + m) / (s + N));
  value += d_log_rising_rest(a, n) + d_log_rising_rest(b, m) - d_log_rising_rest(s, N);
  double both = d_digamma_step(s, N);
  return (masting_counts_){value, d_digamma_step(a, n) - both, d_digamma_step(b, m) - both};
}

/* log P(X <= n), 0 <= n < N, by the ratios of the masses below n to that of n. */
static inline masting_counts_ d_beta_binomial_sum_(double n, double N, double a, double b) {
  double term = 1, sum = 1, la = 0, lb = 0, sum_a = 0, sum_b = 0, scale = 0;
  for (double k = n; k > 0; k--) {
    term *= k / (N - k + 1.0) * ((N - k + b) / (k - 1.0 + a));
    la -= 1.0 / (k - 1.0 + a);
    lb += 1.0 / (N - k + b);
    sum += term;
    sum_a += term * la;
    sum_b += term * lb;
    if (a >= 1 && b >= 1 && term * k < 1e-18 * sum) break; /* the masses fall from here on */
    if (sum < 1e250) continue;
    term *= 1e-250;
    sum *= 1e-250;
    sum_a *= 1e-250;
    sum_b *= 1e-250;
    scale += 575.64627324851142100; /* 250 log 10 */
  }
  masting_counts_ mass = d_beta_binomial_mass_(n, N, a, b);
  return (masting_counts_){mass.value + (scale + d_log(sum)), mass.da + sum_a / sum,
                           mass.db + sum_b / sum};
}

MASTING_FAR_ masting_counts_ d_beta_binomial_(double n, double N, double a, double b) {
  if (!(a > 0) || !(b > 0)) return (masting_counts_){NAN, NAN, NAN};
  if (n < 0) return (masting_counts_){-INFINITY, 0, 0};
  if (n >= N) return (masting_counts_){0, 0, 0};
  masting_counts_ below = d_beta_binomial_sum_(n, N, a, b);
  if (below.value < -0.69314718055994530942) return below;
  masting_counts_ above = d_beta_binomial_sum_(N - n - 1.0, N, b, a);
  double odds = d_odds_(above.value);
  return (masting_counts_){d_log1m_exp(above.value), -odds * above.db, -odds * above.da};
}

static inline double d_log_beta_binomial(double n, double N, double a, double b) {
  return d_beta_binomial_(n, N, a, b).value;
}
static inline double d_log_beta_binomial_da(double n, double N, double a, double b) {
  return d_beta_binomial_(n, N, a, b).da;
}
static inline double d_log_beta_binomial_db(double n, double N, double a, double b) {
  return d_beta_binomial_(n, N, a, b).db;
}

/* ---- the beta-negative-binomial */

typedef struct masting_bnb_ {
  double value, dr, da, db;
} masting_bnb_;

static inline masting_bnb_ d_bnb_mass_(double n, double r, double a, double b) {
  double s = a + b, end = s + (n + r), both = d_digamma_step(s, n + r), value = 0;
  if (n > 0) value = d_log_rising_factorial(r, n) - d_lgamma(n + 1.0);
  value += r * d_log((a + r) / end) + n * d_log((b + n) / end);
  value += d_log_rising_rest(a, r) + d_log_rising_rest(b, n) - d_log_rising_rest(s, n + r);
  return (masting_bnb_){value, d_digamma_step(r, n) - d_digamma_step(r + a, n + b),
                        d_digamma_step(a, r) - both, d_digamma_step(b, n) - both};
}

/* log P(X <= n), by the ratios of the masses below n to that of n. */
MASTING_FAR_ masting_bnb_ d_bnb_(double n, double r, double a, double b) {
  if (!(r > 0) || !(a > 0) || !(b > 0)) return (masting_bnb_){NAN, NAN, NAN, NAN};
  if (n < 0) return (masting_bnb_){-INFINITY, 0, 0, 0};
  double term = 1, sum = 1, lr = 0, la = 0, lb = 0, sum_r = 0, sum_a = 0, sum_b = 0, scale = 0;
  for (double k = n - 1.0; k >= 0; k--) {
    double last = 1.0 / (k + r + a + b);
    term *= (k + 1.0) / (k + r) * ((k + r + a + b) / (k + b));
    lr += last - 1.0 / (k + r);
    la += last;
    lb += last - 1.0 / (k + b);
    sum += term;
    sum_r += term * lr;
    sum_a += term * la;
    sum_b += term * lb;
    if (sum < 1e250) continue;
    term *= 1e-250;
    sum *= 1e-250;
    sum_r *= 1e-250;
    sum_a *= 1e-250;
    sum_b *= 1e-250;
    scale += 575.64627324851142100; /* 250 log 10 */
  }
  masting_bnb_ mass = d_bnb_mass_(n, r, a, b);
  double value = mass.value + (scale + d_log(sum));
  return (masting_bnb_){value < 0 ? value : 0, mass.dr + sum_r / sum, mass.da + sum_a / sum,
                        mass.db + sum_b / sum};
}

static inline double d_log_beta_neg_binomial(double n, double r, double a, double b) {
  return d_bnb_(n, r, a, b).value;
}
static inline double d_log_beta_neg_binomial_dr(double n, double r, double a, double b) {
  return d_bnb_(n, r, a, b).dr;
}
static inline double d_log_beta_neg_binomial_da(double n, double r, double a, double b) {
  return d_bnb_(n, r, a, b).da;
}
static inline double d_log_beta_neg_binomial_db(double n, double r, double a, double b) {
  return d_bnb_(n, r, a, b).db;
}

/* ---- the hypergeometric */

/* log n! - ((n + 1/2) log n - n + log sqrt(2 pi)), n >= 1 */
static inline double d_log_factorial_rest_(double n) {
  if (n >= 8) return d_stirling_(n);
  return d_lgamma(n + 1.0) - ((n + 0.5) * d_log(n) - n + 0.91893853320467274178);
}

/* log of C(N, n) p^n q^(N-n), p + q = 1, its parts set apart as in Loader 2000 ("Fast and accurate
 * computation of binomial probabilities"): no term is larger than the result needs. */
static inline double d_binomial_mass_(double n, double N, double p, double q) {
  double m = N - n;
  if (n == 0) return p > 0.1 ? N * d_log(q) : N * d_log1p(-p);
  if (m == 0) return q > 0.1 ? N * d_log(p) : N * d_log1p(-q);
  double at =
      n * d_log1pmx_((N * p - n) / n, N * p / n) + m * d_log1pmx_((N * q - m) / m, N * q / m);
  double rest = d_log_factorial_rest_(N) - d_log_factorial_rest_(n) - d_log_factorial_rest_(m);
  return at + rest + 0.5 * (d_log(N / n) - d_log(m)) - 0.91893853320467274178;
}

/* log of C(a, n) C(b, N - n) / C(a + b, N), counts in range: three binomials of one p. */
MASTING_FAR_ double d_log_hypergeometric(double n, double N, double a, double b) {
  double sum = a + b, p = N / sum, q = (sum - N) / sum;
  if (N == 0 || N == sum) return 0;
  return d_binomial_mass_(n, a, p, q) + d_binomial_mass_(N - n, b, p, q) -
         d_binomial_mass_(N, sum, p, q);
}

#endif
