/* masting/stan/incomplete.h -- regularised incomplete gamma and beta functions and their
 * derivatives by the parameters. On doubles; special.h makes lanes of them. Included by special.h
 * alone.
 *
 * Relative errors, down to values of 1e-290: gamma 2e-13, beta 3e-13 for parameters up to 1e5 (and
 * 2e-15 absolute, where one minus a result near 1 is taken). Derivatives by the parameters are
 * those of the series and fractions, carried along term by term: 2e-13 (gamma), 3e-12 (beta), and
 * absolute 5e-15 near their zeros. Work grows as the square root of the parameters (gamma: up to
 * 1e4); what would take more than 200,000 terms is NaN.
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

typedef struct masting_incgamma_ {
  double p, q, p_da;
} masting_incgamma_;

/* P, Q and dP/da for a > 1e4 and x near a: Temme (1979, SIAM J. Math. Anal. 10, 757-766), DLMF
 * 8.12.3, 8.12.4, 8.12.7; the Taylor coefficients of c_k from the recurrence 8.12.8. */
static inline masting_incgamma_ d_incgamma_near_(double a, double u, double eta) {
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
  double density = 0.39894228040143267794 * d_bell_(z);
  double rest = density / root * sum;
  double rest_da = density / root * (sum_da - sum * (z * z_da + 0.5 / a));
  return (masting_incgamma_){d_Phi(z) - rest, d_Phi(-z) + rest, density * z_da - rest_da};
}

/* P = front T, T = sum of x^n / (a+1)_n (DLMF 8.11.4), x < a + 1. */
static inline masting_incgamma_ d_incgamma_series_(double a, double x, double front,
                                                   double front_da) {
  double term = 1, term_da = 0, sum = 1, sum_da = 0;
  for (double n = 1; term > 1e-17 * sum || -term_da > 1e-17 * -sum_da; n++) {
    double ratio = x / (a + n);
    term *= ratio;
    term_da = term_da * ratio - term / (a + n);
    sum += term;
    sum_da += term_da;
    if (n > MASTING_MOST_TERMS_) return (masting_incgamma_){NAN, NAN, NAN};
  }
  double p = front * sum, q = 1.0 - p;
  if (a < 0.5 && x < 1.5) { /* DLMF 8.7.1: what is left when the part near 1 is taken off exactly */
    double part = 0;
    term = 1;
    for (double n = 1; n < 40; n++) {
      term *= -x / n;
      part += term / (a + n);
    }
    q = -d_expm1(a * d_log(x) - d_lgamma1p_(a)) - front * d_exp(x) * a * part;
  }
  return (masting_incgamma_){p, q, front * (sum * front_da + sum_da)};
}

/* Q = a front F, F the continued fraction of DLMF 8.9.2 in its even form, by the modified method
 * of Lentz. */
static inline masting_incgamma_ d_incgamma_fraction_(double a, double x, double front,
                                                     double front_da) {
  double b = x + 1.0 - a, c = 1e300, c_da = 0, d = 1.0 / b, d_da = d * d;
  double f = d, f_da = d_da;
  for (double n = 1;; n++) {
    double top = n * (a - n);
    b += 2.0;
    double e = b + top * d, e_da = -1.0 + n * d + top * d_da;
    d = 1.0 / e;
    d_da = -e_da * d * d;
    c_da = -1.0 + n / c - top / c * (c_da / c);
    c = b + top / c;
    double step = c * d, step_da = c_da * d + c * d_da;
    f_da = f_da * step + f * step_da;
    f *= step;
    if (d_abs(step - 1.0) < 5e-16 && d_abs(step_da) < 1e-15) break;
    if (n > MASTING_MOST_TERMS_) return (masting_incgamma_){NAN, NAN, NAN};
  }
  double q = a * front * f;
  return (masting_incgamma_){1.0 - q, q, -(q * (front_da + 1.0 / a) + a * front * f_da)};
}

MASTING_FAR_ masting_incgamma_ d_incgamma_(double a, double x) {
  if (!(a > 0) || !(x >= 0) || (a == INFINITY && x == INFINITY))
    return a == 0 && x >= 0 ? (masting_incgamma_){1, 0, NAN} : (masting_incgamma_){NAN, NAN, NAN};
  if (x == 0 || a == INFINITY) return (masting_incgamma_){0, 1, 0};
  if (x == INFINITY) return (masting_incgamma_){1, 0, 0};
  /* front = x^a e^-x / Gamma(a+1), front_da its logarithm's derivative */
  double front, front_da;
  if (a < 8) {
    double size = a < 0.5 ? d_lgamma1p_(a) : d_lgamma(a + 1.0);
    front = d_exp(a * d_log(x) - x - size);
    front_da = d_log(x) - d_digamma(a + 1.0);
  } else {
    double u = (x - a) / a, half = -d_log1pmx_(u, x / a); /* eta^2 / 2 */
    double eta = d_sqrt(2.0 * half);
    if (a > 1e4 && eta < 0.1) return d_incgamma_near_(a, u, u < 0 ? -eta : eta);
    front = 0.39894228040143267794 / d_sqrt(a) * d_exp(-a * half - d_stirling_(a));
    front_da = (d_abs(u) < 0.6 ? d_log1p(u) : d_log(x / a)) + d_psi_rest_(a) - 1.0 / a;
  }
  return x < a + 1.0 ? d_incgamma_series_(a, x, front, front_da)
                     : d_incgamma_fraction_(a, x, front, front_da);
}

/* P(a, x), Q(a, x) = 1 - P(a, x), and dP/da = -dQ/da. dP/dx = x^(a-1) e^-x / Gamma(a). */
static inline double d_gamma_p(double a, double x) { return d_incgamma_(a, x).p; }
static inline double d_gamma_q(double a, double x) { return d_incgamma_(a, x).q; }
static inline double d_gamma_p_da(double a, double x) { return d_incgamma_(a, x).p_da; }

typedef struct masting_incbeta_ {
  double value, da, db;
} masting_incbeta_;

/* log of x^a y^b / B(a, b), x + y = 1. */
static inline double d_incbeta_front_(double a, double b, double x, double y) {
  if (a < 8 || b < 8) return a * d_log(x) + b * d_log(y) - d_lbeta(a, b);
  /* a log(x/x0) + b log(y/y0) about the mode x0 = a/(a+b): the first-order terms cancel exactly */
  double away = b * x - a * y, sum = a + b;
  double value = a * d_log1pmx_(away / a, x / a * sum) + b * d_log1pmx_(-away / b, y / b * sum);
  value -= d_stirling_(a) + d_stirling_(b) - d_stirling_(sum);
  return value + 0.5 * (d_log(a) + d_log(b / sum)) - 0.91893853320467274178;
}

/* The continued fraction of DLMF 8.17.22, modified Lentz; x < (a+1)/(a+b+2). */
static inline masting_incbeta_ d_incbeta_fraction_(double a, double b, double x, double y) {
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
    if (n > MASTING_MOST_TERMS_) return (masting_incbeta_){NAN, NAN, NAN};
  }
  double value = d_exp(d_incbeta_front_(a, b, x, y)) / a / f;
  double psi = d_digamma(a + b);
  return (masting_incbeta_){value, value * (d_log(x) - d_digamma(a + 1.0) + psi - f_da),
                            value * (d_log(y) - d_digamma(b) + psi - f_db)};
}

MASTING_FAR_ masting_incbeta_ d_incbeta_(double a, double b, double x) {
  if (!(a > 0) || !(b > 0) || !(x >= 0) || !(x <= 1) || a == INFINITY || b == INFINITY)
    return (masting_incbeta_){NAN, NAN, NAN};
  if (x == 0) return (masting_incbeta_){0, 0, 0};
  if (x == 1) return (masting_incbeta_){1, 0, 0};
  double y = 1.0 - x;
  if (x < (a + 1.0) / (a + b + 2.0)) return d_incbeta_fraction_(a, b, x, y);
  masting_incbeta_ other = d_incbeta_fraction_(b, a, y, x); /* DLMF 8.17.4 */
  return (masting_incbeta_){other.value < 1 ? 1.0 - other.value : 0.0, -other.db, -other.da};
}

/* I_x(a, b) and its derivatives by a and b. d/dx = x^(a-1) (1-x)^(b-1) / B(a, b). */
static inline double d_inc_beta(double a, double b, double x) { return d_incbeta_(a, b, x).value; }
static inline double d_inc_beta_da(double a, double b, double x) { return d_incbeta_(a, b, x).da; }
static inline double d_inc_beta_db(double a, double b, double x) { return d_incbeta_(a, b, x).db; }

#endif
