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
  double sum = 0, unit = 1.0 / (1.0 / (1.0 + a) + h + h * a * h), step = 0.03125;
  if (!(h < 1e150)) return 0;
  for (int i = -144; i <= 144; i++) {
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
  double h = -z, a2 = 1.0 + alpha * alpha, direct = d_Phi(z) - 2.0 * d_owens_t(h, alpha);
  double rate = 0.5 * (h * h + alpha * h * (alpha * h)), mills = d_mills_(alpha * h);
  double j = direct > 0.03 ? direct * d_exp(rate) : d_skew_integral_(h, alpha);
  return (masting_skew_){direct > 0.03 ? d_log(direct) : d_log(j) - rate,
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
  double above = d_Phi(-u), part = d_exp(d_log_exp_mod_part(u, w)), power = w * (0.5 * w - u);
  double value = 1.0 - (part + above), log_value = d_log1p(-(part + above));
  if (value < 0.5) {
    if (u <= 8) return d_emg_integral_(u, w);
    value = (d_exp(power) * d_Phi(w - u) - above) - d_expm1(power);
    log_value = d_log(value);
  }
  return (masting_emg_){log_value, w * part / value, -part * d_log_exp_mod_part_dw(u, w) / value};
}

static inline double d_log_exp_mod_normal(double u, double w) { return d_emg_(u, w).value; }
static inline double d_log_exp_mod_normal_du(double u, double w) { return d_emg_(u, w).du; }
static inline double d_log_exp_mod_normal_dw(double u, double w) { return d_emg_(u, w).dw; }

/* ---- the von Mises distribution */

typedef struct masting_arc_ {
  double value, dlow, dhigh, dk;
} masting_arc_;

/* Adds the integrals of f = exp(k (cos x - 1)) and of f (cos x - 1) from x over a length along
 * which the cosine falls, over exp(k (cos x - 1)) at the start: Gauss-Legendre, up to where f is
 * e^-45 of that. */
static inline void d_arc_(double x, double length, double k, double scale, double *mass,
                          double *by_k) {
  if (!(length > 0)) return;
  for (int i = 0; i < 200 && k * d_sin(x + 0.5 * length) * d_sin(0.5 * length) > 45; i++)
    length *= 0.75;
  for (int panel = 0; panel < 8; panel++)
    for (int i = 0; i < 32; i++) {
      double node = i < 16 ? masting_gauss_node_[i] : -masting_gauss_node_[i - 16];
      double t = length * 0.125 * (panel + 0.5 * (1.0 + node)), s = d_sin(0.5 * (x + t));
      double f = d_exp(-2.0 * k * d_sin(x + 0.5 * t) * d_sin(0.5 * t));
      f *= scale * masting_gauss_weight_[i % 16] * length * 0.0625;
      *mass += f;
      *by_k -= 2.0 * s * s * f;
    }
}

/* log of the mass in (low, high), high - low <= 2 pi, not yet over the whole circle's, and
 * slopes. */
static inline masting_arc_ d_arc_mass_(double low, double high, double k) {
  double pi = 3.14159265358979323846, turn = 2 * pi * d_floor((low + pi) / (2 * pi));
  double a = low - turn, b = high - turn, mass = 0, by_k = 0; /* a in [-pi, pi), b < 3 pi */
  double least = a > 0 ? a : 0, top; /* the angle, from 0, of the largest density */
  if (b < 0) least = -b;
  if (a > 0 && b > 2 * pi)
    least = 0;
  else if (a > 0 && b > pi && 2 * pi - b < least)
    least = 2 * pi - b;
  top = -2.0 * d_sin(0.5 * least) * d_sin(0.5 * least); /* cos - 1 there */
  for (int piece = 0; piece < 4; piece++) { /* (-pi, 0), (0, pi), (pi, 2 pi), (2 pi, 3 pi) */
    double from = (piece - 1) * pi, to = piece * pi;
    from = from < a ? a : from;
    to = to > b ? b : to;
    if (!(from < to)) continue;
    double start = piece == 0 ? -to : piece == 1 ? from : piece == 2 ? 2 * pi - to : from - 2 * pi;
    double s = d_sin(0.5 * start), scale = d_exp(k * (-2.0 * s * s - top));
    d_arc_(start, to - from, k, scale, &mass, &by_k);
  }
  double sa = d_sin(0.5 * a), sb = d_sin(0.5 * b);
  return (masting_arc_){d_log(mass) + k * top, -d_exp(k * (-2.0 * sa * sa - top)) / mass,
                        d_exp(k * (-2.0 * sb * sb - top)) / mass, by_k / mass};
}

/* log P(low < X < high) about mean 0. */
MASTING_FAR_ masting_arc_ d_von_mises_(double low, double high, double k) {
  double pi = 3.14159265358979323846, mass = 0, by_k = 0;
  if (!(k >= 0) || !(high - low < 7) || low != low) return (masting_arc_){NAN, NAN, NAN, NAN};
  if (!(low < high)) return (masting_arc_){-INFINITY, 0, 0, 0};
  d_arc_(0, pi, k, 2.0, &mass, &by_k);
  masting_arc_ in = d_arc_mass_(low, high, k);
  double value = in.value - d_log(mass), by = by_k / mass;
  if (value < -0.69314718055994530942) return (masting_arc_){value, in.dlow, in.dhigh, in.dk - by};
  if (!(high < low + 2 * pi)) return (masting_arc_){0, in.dlow, in.dhigh, 0};
  masting_arc_ out = d_arc_mass_(high, low + 2 * pi, k);
  value = out.value - d_log(mass);
  double odds = d_odds_(value);
  return (masting_arc_){d_log1m_exp(value), -odds * out.dhigh, -odds * out.dlow,
                        -odds * (out.dk - by)};
}

static inline double d_log_von_mises(double low, double high, double k) {
  return d_von_mises_(low, high, k).value;
}
static inline double d_log_von_mises_dlow(double low, double high, double k) {
  return d_von_mises_(low, high, k).dlow;
}
static inline double d_log_von_mises_dhigh(double low, double high, double k) {
  return d_von_mises_(low, high, k).dhigh;
}
static inline double d_log_von_mises_dk(double low, double high, double k) {
  return d_von_mises_(low, high, k).dk;
}

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

/* r and b may be exchanged; the smaller one is the count of the rising factorials. */
static inline masting_bnb_ d_bnb_mass_(double n, double r, double a, double b) {
  if (r > b) {
    masting_bnb_ swapped = d_bnb_mass_(n, b, a, r);
    return (masting_bnb_){swapped.value, swapped.db, swapped.da, swapped.dr};
  }
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
