/* masting/stan/incomplete.h -- regularised incomplete gamma and beta functions, their logarithms in
 * both tails, and all derivatives. On doubles; special.h makes lanes of them. Included by special.h
 * alone.
 *
 * Everything is computed as a logarithm, so that a tail has a value and slopes as long as its
 * logarithm is a double. Relative errors of values down to 1e-290: gamma 2e-13, beta 3e-13 for
 * parameters up to 1e5; of logarithms 1e-12 (docs/accuracy.md). Derivatives by the
 * parameters are those of the series and fractions, carried along term by term. Work grows as the
 * square root of the parameters (gamma: up to 1e4); what would take more than 200,000 terms (beta
 * with both parameters beyond 1e10) is NaN. Beta with one parameter beyond 1e8 beside a small one:
 * 3e-8.
 */
#ifndef MASTING_STAN_INCOMPLETE_H
#define MASTING_STAN_INCOMPLETE_H

#define MASTING_MOST_TERMS_ 2e5

/* log(1 + u) - u, u > -1, without cancellation near 0: log(1 + u) = 2 atanh r, r = u / (2 + u). */
MASTING_FAR_ double d_log1pmx_(double u, double one_and_u) {
  if (u < -0.6 || u > 0.6) return d_log(one_and_u) - u;
  double r = u / (2.0 + u), s = r * r, sum = 0, power = 1;
  for (int k = 3; k < 60 && power > 1e-18; k += 2, power *= s) sum += power / k;
  return r * (2.0 * s * sum - u);
}

/* log Gamma(1 + a), |a| <= 1/2, relative: DLMF 5.7.3. */
MASTING_FAR_ double d_lgamma1p_(double a) {
  static const double c[26] = {
      0.32246703342411322,    -0.067352301053198095,   0.020580808427784548,
      -0.0073855510286739853, 0.0028905103307415233,   -0.001192753911703261,
      0.00050966952474304242, -0.00022315475845357938, 9.9457512781808534e-5,
      -4.4926236738133142e-5, 2.0507212775670692e-5,   -9.4394882752683959e-6,
      4.3748667899074878e-6,  -2.0392157538013662e-6,  9.5514121304074198e-7,
      -4.492469198764566e-7,  2.1207184805554666e-7,   -1.00432248239681e-7,
      4.7698101693639806e-8,  -2.2711094608943165e-8,  1.0838659214896954e-8,
      -5.1834750419700467e-9, 2.4836745438024783e-9,   -1.1921401405860912e-9,
      5.731367241678862e-10,  -2.7595228851242331e-10};
  return a * (0.42278433509846713939 + a * d_poly_(c, 26, a)) - d_log1p(a);
}

/* log P and log Q, their derivatives by a and by x. */
typedef struct masting_incgamma_ {
  double p, q, p_da, q_da, p_dx, q_dx;
} masting_incgamma_;

static const masting_incgamma_ masting_incgamma_nan_ = {NAN, NAN, NAN, NAN, NAN, NAN};

/* e^p / (1 - e^p): minus the slope of log(1 - e^p). */
static inline double d_odds_(double p) { return 1.0 / d_expm1(-p); }

/* Q and its slopes from P and its: log P = p, P < 1 by more than rounding. */
static inline masting_incgamma_ d_incgamma_from_p_(double p, double p_da, double p_dx) {
  double odds = d_odds_(p);
  return (masting_incgamma_){p, d_log1m_exp(p), p_da, -odds * p_da, p_dx, -odds * p_dx};
}

/* For a > 1e4 and x near a: Temme (1979, SIAM J. Math. Anal. 10, 757-766), DLMF 8.12.3, 8.12.4,
 * 8.12.7; the Taylor coefficients of c_k from the recurrence 8.12.8. */
static inline masting_incgamma_ d_incgamma_near_(double a, double x, double u, double eta) {
  static const double c[4][12] = {
      {-0.33333333333333333, 0.083333333333333333, -0.014814814814814815, 0.0011574074074074074,
       0.0003527336860670194, -0.00017875514403292181, 3.9192631785224378e-5,
       -2.1854485106799922e-6, -1.85406221071516e-6, 8.296711340953086e-7, -1.7665952736826079e-7,
       0},
      {-0.0018518518518518519, -0.0034722222222222222, 0.0026455026455026455,
       -0.00099022633744855967, 0.00020576131687242798, -4.0187757201646091e-7,
       -1.8098550334489978e-5, 7.6491609160811101e-6, 0, 0, 0, 0},
      {0.0041335978835978836, -0.0026813271604938272, 0.00077160493827160494, 2.0093878600823045e-6,
       -0.00010736653226365161, 0, 0, 0, 0, 0, 0, 0},
      {0.00064943415637860082, 0.00022947209362139918, -0.00046918949439525571, 0, 0, 0, 0, 0, 0, 0,
       0, 0}};
  double root = d_sqrt(a), z = eta * root;
  double eta_da = eta == 0 ? -1.0 / a : -u / (a * eta);
  double z_da = 0.5 * eta / root + root * eta_da;
  double sum = 0, sum_da = 0, scale = 1;
  for (int k = 0; k < 4; k++, scale /= a) {
    double value = 0, slope = 0;
    for (int i = 11; i >= 0; i--) {
      slope = slope * eta + value;
      value = value * eta + c[k][i];
    }
    sum += value * scale;
    sum_da += scale * (slope * eta_da - value * (k / a));
  }
  /* P = Phi(z) - phi(z) sum / root; the hazards phi / Phi keep the quotients in range */
  double below = d_std_normal_hazard_lower(z), above = d_std_normal_hazard_lower(-z);
  double p_part = -below * sum / root, q_part = above * sum / root;
  double p_left = 1.0 + p_part, q_left = 1.0 + q_part;
  double by_a = z_da - (sum_da - sum * (z * z_da + 0.5 / a)) / root;
  double by_x = root / x * d_exp(-d_stirling_(a));
  return (masting_incgamma_){d_std_normal_lcdf(z) + d_log1p(p_part),
                             d_std_normal_lcdf(-z) + d_log1p(q_part),
                             below / p_left * by_a,
                             -above / q_left * by_a,
                             below / p_left * by_x,
                             -above / q_left * by_x};
}

/* P = front T, T = sum of x^n / (a+1)_n (DLMF 8.11.4), x < a + 1; front is a logarithm. */
static inline masting_incgamma_ d_incgamma_series_(double a, double x, double front,
                                                   double front_da) {
  double term = 1, term_da = 0, sum = 1, sum_da = 0;
  for (double n = 1; term > 1e-17 * sum || -term_da > 1e-17 * -sum_da; n++) {
    double ratio = x / (a + n);
    term *= ratio;
    term_da = term_da * ratio - term / (a + n);
    sum += term;
    sum_da += term_da;
    if (n > MASTING_MOST_TERMS_) return masting_incgamma_nan_;
  }
  double p = front + d_log(sum), p_da = front_da + sum_da / sum, p_dx = a / (x * sum);
  if (a >= 0.5 || x >= 1.5) return d_incgamma_from_p_(p, p_da, p_dx);
  double part = 0; /* DLMF 8.7.1: what is left when the part near 1 is taken off exactly */
  term = 1;
  for (double n = 1; n < 40; n++) {
    term *= -x / n;
    part += term / (a + n);
  }
  double size = a * d_log(x) - d_lgamma1p_(a);
  double q = -d_expm1(size) - d_exp(size) * a * part;
  double odds = d_exp(p) / q, log_q = d_log(q);
  return (masting_incgamma_){
      q < 0.5 ? d_log1p(-q) : p, log_q, p_da, -odds * p_da, p_dx, -odds * p_dx};
}

/* Q = a front F, F the continued fraction of DLMF 8.9.2 in its even form, by the modified method
 * of Lentz. */
static inline masting_incgamma_ d_incgamma_fraction_(double a, double x, double front,
                                                     double front_da) {
  double b = x + 1.0 - a, c = 1e300, c_da = 0, d = 1.0 / b, d_da = d * d;
  double f = d, f_da = d_da / d; /* the derivative of its logarithm */
  for (double n = 1;; n++) {
    double top = n * (a - n);
    b += 2.0;
    double e = b + top * d, e_da = -1.0 + n * d + top * d_da;
    d = 1.0 / e;
    d_da = -e_da * d * d;
    c_da = -1.0 + n / c - top / c * (c_da / c);
    c = b + top / c;
    double step = c * d, step_da = c_da / c + d_da / d;
    f_da += step_da;
    f *= step;
    if (d_abs(step - 1.0) < 5e-16 && d_abs(step_da) < 1e-15) break;
    if (n > MASTING_MOST_TERMS_) return masting_incgamma_nan_;
  }
  masting_incgamma_ q =
      d_incgamma_from_p_(front + d_log(a * f), front_da + 1.0 / a + f_da, -1.0 / (x * f));
  return (masting_incgamma_){q.q, q.p, q.q_da, q.p_da, q.q_dx, q.p_dx};
}

MASTING_FAR_ masting_incgamma_ d_incgamma_(double a, double x) {
  if (!(a > 0) || !(x >= 0) || (a == INFINITY && x == INFINITY))
    return a == 0 && x >= 0 ? (masting_incgamma_){0, -INFINITY, NAN, NAN, 0, 0}
                            : masting_incgamma_nan_;
  if (x == 0 || a == INFINITY) {
    double slope = a < 1 ? -INFINITY : a == 1 ? -1.0 : 0.0;
    return (masting_incgamma_){-INFINITY, 0, 0, 0, INFINITY, slope};
  }
  if (x == INFINITY) return (masting_incgamma_){0, -INFINITY, 0, 0, 0, -1};
  /* front = log(x^a e^-x / Gamma(a+1)), front_da its derivative */
  double front, front_da;
  if (a < 8) {
    double size = a < 0.5 ? d_lgamma1p_(a) : d_lgamma(a + 1.0);
    front = a * d_log(x) - x - size;
    front_da = d_log(x) - d_digamma(a + 1.0);
  } else {
    double u = (x - a) / a, ratio = x / a;
    double log_ratio = ratio > 1e-290 ? d_log(ratio) : d_log(x) - d_log(a);
    double half = d_abs(u) < 0.6 ? -d_log1pmx_(u, ratio) : u - log_ratio; /* eta^2 / 2 */
    double eta = d_sqrt(2.0 * half);
    if (a > 1e4 && eta < 0.1) return d_incgamma_near_(a, x, u, u < 0 ? -eta : eta);
    front = -a * half - d_stirling_(a) - 0.5 * d_log(a) - 0.91893853320467274178;
    front_da = (d_abs(u) < 0.6 ? d_log1p(u) : log_ratio) + d_psi_rest_(a) - 1.0 / a;
  }
  return x < a + 1.0 ? d_incgamma_series_(a, x, front, front_da)
                     : d_incgamma_fraction_(a, x, front, front_da);
}

/* P(a, x), Q(a, x) = 1 - P(a, x), dP/da = -dQ/da (dP/dx = x^(a-1) e^-x / Gamma(a)), their
 * logarithms and the slopes of these. */
static inline double d_gamma_p(double a, double x) { return d_exp(d_incgamma_(a, x).p); }
static inline double d_gamma_q(double a, double x) { return d_exp(d_incgamma_(a, x).q); }
static inline double d_gamma_p_da(double a, double x) {
  masting_incgamma_ f = d_incgamma_(a, x);
  return f.p < f.q ? d_exp(f.p) * f.p_da : -d_exp(f.q) * f.q_da;
}
static inline double d_log_gamma_p(double a, double x) { return d_incgamma_(a, x).p; }
static inline double d_log_gamma_p_da(double a, double x) { return d_incgamma_(a, x).p_da; }
static inline double d_log_gamma_p_dx(double a, double x) { return d_incgamma_(a, x).p_dx; }
static inline double d_log_gamma_q(double a, double x) { return d_incgamma_(a, x).q; }
static inline double d_log_gamma_q_da(double a, double x) { return d_incgamma_(a, x).q_da; }
static inline double d_log_gamma_q_dx(double a, double x) { return d_incgamma_(a, x).q_dx; }

/* log I and its derivatives by a, by b, and by the logit of x. */
typedef struct masting_incbeta_ {
  double value, da, db, dl;
} masting_incbeta_;

static const masting_incbeta_ masting_incbeta_nan_ = {NAN, NAN, NAN, NAN};

/* log of x^a y^b / B(a, b), x + y = 1. */
static inline double d_incbeta_front_(double a, double b, double x, double y, double log_x,
                                      double log_y) {
  if (a < 8 || b < 8) return a * log_x + b * log_y - d_lbeta(a, b);
  /* a log(x/x0) + b log(y/y0) about the mode x0 = a/(a+b): the first-order terms cancel exactly */
  double away = b * x - a * y, sum = a + b;
  double value = a * d_log1pmx_(away / a, x / a * sum) + b * d_log1pmx_(-away / b, y / b * sum);
  value -= d_stirling_(a) + d_stirling_(b) - d_stirling_(sum);
  return value + 0.5 * (d_log(a) + d_log(b / sum)) - 0.91893853320467274178;
}

/* a < 1/4: I = x^a / (a B(a, b)) (1 + a S), S = sum over k > 0 of (1-b)_k x^k / (k! (a + k)) (DLMF
 * 8.17.7); all that differs from 1 is of the order of a, and so are the errors. */
static inline masting_incbeta_ d_incbeta_series_(double a, double b, double x, double log_x,
                                                 double log_y) {
  double c = 1, c_db = 0, s = 0, s_da = 0, s_db = 0;
  for (double k = 1; k < 1000; k++) {
    double ratio = (k - b) / k * x;
    c_db = c_db * ratio - c * x / k;
    c *= ratio;
    s += c / (a + k);
    s_da -= c / ((a + k) * (a + k));
    s_db += c_db / (a + k);
    if (d_abs(c) <= 1e-18 * d_abs(s) && d_abs(c_db) <= 1e-18 * d_abs(s_db)) break;
  }
  double rise = d_log_rising_factorial(b, a), more = 1.0 + a * s;
  double psi = d_digamma(a + b) - d_digamma(a + 1.0);
  return (masting_incbeta_){a * log_x + (rise - d_lgamma1p_(a)) + d_log1p(a * s),
                            log_x + psi + (s + a * s_da) / more,
                            d_digamma_step(b, a) + a * s_db / more, a * d_exp(b * log_y) / more};
}

/* The continued fraction of DLMF 8.17.22, modified Lentz; x < (a+1)/(a+b+2). */
static inline masting_incbeta_ d_incbeta_fraction_(double a, double b, double x, double y,
                                                   double log_x, double log_y) {
  if (a < 0.25) return d_incbeta_series_(a, b, x, log_x, log_y);
  double c = 1, c_da = 0, c_db = 0, d = 0, d_da = 0, d_db = 0;
  double f = 1, f_da = 0, f_db = 0; /* logarithmic derivatives of f */
  for (double n = 1;; n++) {
    double m = (n - 1.0) / 2.0, top, top_da, top_db;
    if (m == d_floor(m)) { /* odd */
      double low = a + 2.0 * m;
      top = -((a + m) / low) * ((a + b + m) / (low + 1.0)) * x;
      top_da = top * (1.0 / (a + m) + 1.0 / (a + b + m) - 1.0 / low - 1.0 / (low + 1.0));
      top_db = top / (a + b + m);
    } else {
      m = n / 2.0;
      double low = a + 2.0 * m, by = m * x / ((low - 1.0) * low);
      top = (b - m) * by;
      top_da = -top * (1.0 / (low - 1.0) + 1.0 / low);
      top_db = by;
    }
    double e = 1.0 + top * d;
    d_da = -(top_da * d + top * d_da) / (e * e);
    d_db = -(top_db * d + top * d_db) / (e * e);
    d = 1.0 / e;
    c_da = (top_da - top * (c_da / c)) / c;
    c_db = (top_db - top * (c_db / c)) / c;
    c = 1.0 + top / c;
    double step_da = c_da / c + d_da / d, step_db = c_db / c + d_db / d; /* d > 0 here */
    f *= c * d;
    f_da += step_da;
    f_db += step_db;
    if (d_abs(c * d - 1.0) < 5e-16 && d_abs(step_da) < 1e-15 && d_abs(step_db) < 1e-15) break;
    if (n > MASTING_MOST_TERMS_) return masting_incbeta_nan_;
  }
  double value = d_incbeta_front_(a, b, x, y, log_x, log_y) - d_log(a * f);
  return (masting_incbeta_){value, log_x + d_digamma_step(a, b) - 1.0 / a - f_da,
                            log_y + d_digamma_step(b, a) - f_db, a * f};
}

/* log I_x(a, b) at x = p / (p + q). The logarithms are those of p and q, so that neither x nor 1 -
 * x need be a double. */
MASTING_FAR_ masting_incbeta_ d_incbeta_(double a, double b, double p, double q) {
  if (!(a > 0) || !(b > 0) || !(p >= 0) || !(q >= 0) || a == INFINITY || b == INFINITY)
    return masting_incbeta_nan_;
  if (p == 0) return (masting_incbeta_){-INFINITY, 0, 0, a};
  if (q == 0) return (masting_incbeta_){0, 0, 0, 0};
  int less = p < q;
  double ratio = less ? p / q : q / p, log_ratio = d_log(ratio), rest = -d_log1p(ratio);
  if (ratio < 1e-290) log_ratio = less ? d_log(p) - d_log(q) : d_log(q) - d_log(p);
  double small = ratio / (1.0 + ratio), large = 1.0 / (1.0 + ratio), log_small = log_ratio + rest;
  double x = less ? small : large, y = less ? large : small;
  double log_x = less ? log_small : rest, log_y = less ? rest : log_small;
  if (x < (a + 1.0) / (a + b + 2.0)) return d_incbeta_fraction_(a, b, x, y, log_x, log_y);
  masting_incbeta_ other = d_incbeta_fraction_(b, a, y, x, log_y, log_x); /* DLMF 8.17.4 */
  double odds = d_odds_(other.value);
  return (masting_incbeta_){d_log1m_exp(other.value), -odds * other.db, -odds * other.da,
                            odds * other.dl};
}

/* I_x(a, b) and its derivatives by a and b. d/dx = x^(a-1) (1-x)^(b-1) / B(a, b). */
static inline double d_inc_beta(double a, double b, double x) {
  return d_exp(d_incbeta_(a, b, x, 1.0 - x).value);
}
static inline double d_inc_beta_da(double a, double b, double x) {
  masting_incbeta_ f = d_incbeta_(a, b, x, 1.0 - x);
  return d_exp(f.value) * f.da;
}
static inline double d_inc_beta_db(double a, double b, double x) {
  masting_incbeta_ f = d_incbeta_(a, b, x, 1.0 - x);
  return d_exp(f.value) * f.db;
}

/* log I(a, b) at x = p / (p + q), its derivatives by a and b, and by the logit of x, log p - log
 * q. */
static inline double d_log_inc_beta(double a, double b, double p, double q) {
  return d_incbeta_(a, b, p, q).value;
}
static inline double d_log_inc_beta_da(double a, double b, double p, double q) {
  return d_incbeta_(a, b, p, q).da;
}
static inline double d_log_inc_beta_db(double a, double b, double p, double q) {
  return d_incbeta_(a, b, p, q).db;
}
static inline double d_log_inc_beta_dl(double a, double b, double p, double q) {
  return d_incbeta_(a, b, p, q).dl;
}

#endif
