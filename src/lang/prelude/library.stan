// Functions of numbers with a formula of their own. After the Stan functions reference.

real lmgamma(int n, real x) {
  real s = 0.25 * n * (n - 1) * 1.14472988584940017414;
  for (j in 1 : n) {
    s += lgamma(x + 0.5 * (1 - j));
  }
  return s;
}
real inv_sqrt(real x) {
  return 1 / sqrt(x);
}
real inv_square(real x) {
  return 1 / square(x);
}
real inv_cloglog(real x) {
  return -expm1(-exp(x));
}
real Phi_approx(real x) {
  return inv_logit(0.07056 * x * square(x) + 1.5976 * x);
}
real std_normal_qf(real p) {
  return inv_Phi(p);
}
// By the lower tail for p <= 1/2, else by the upper one; Newton's steps on log Phi where p has no digits as a number.
real std_normal_log_qf(real log_p) {
  real near = log_p < -300 ? -1 : log_p > -0.69 ? -0.69 : log_p;
  real above = log_p > -0.69 ? log_p : -0.69;
  real far = log_p < -300 ? log_p : -300;
  real x = -sqrt(-2 * far - log(-2 * far) - 1.83787706640934548356);
  for (i in 1 : 4) {
    real l = std_normal_lcdf(x);
    x -= (l - far) * exp(l + 0.5 * square(x) + 0.91893853320467274178);
  }
  return log_p < -300 ? x : log_p > -0.69 ? -inv_Phi(-expm1(above)) : inv_Phi(exp(near));
}
real inv_erfc(real x) {
  return -inv_Phi(0.5 * x) * 0.70710678118654752440;
}
// log(theta e^a + (1 - theta) e^b) from the greater of a and b, or from the one that has all the weight: a weight of 0,
// which a saturated inv_logit or softmax gives, is multiplied by what it may have, and is not taken the logarithm of.
real log_mix(real theta, real a, real b) {
  real most = theta >= 1 ? a : theta <= 0 ? b : fmax(a, b);
  real m = abs(most) < positive_infinity() ? most : 0;
  return m + log(theta * exp(fmin(a - m, 700)) + (1 - theta) * exp(fmin(b - m, 700)));
}
real log_mix(vector theta, vector lp) {
  int K = num_elements(theta);
  vector[K] l;
  real s = 0;
  for (k in 1 : K) {
    l[k] = theta[k] > 0 ? lp[k] : negative_infinity();
  }
  real most = max(l);
  real m = abs(most) < positive_infinity() ? most : 0;
  for (k in 1 : K) {
    s += theta[k] * exp(fmin(lp[k] - m, 700));
  }
  return m + log(s);
}
real log_mix(vector theta, array[] vector lp) {
  real s = 0;
  for (n in 1 : size(lp)) {
    s += log_mix(theta, lp[n]);
  }
  return s;
}
real log_inv_logit_diff(real x, real y) {
  return x - log1p_exp(x) + log1m_exp(y - x) - log1p_exp(y);
}
real fma(real x, real y, real z) {
  return x * y + z;
}
real ldexp(real x, int n) {
  return x * 2.0 ^ n;
}
real beta(real a, real b) {
  return exp(lbeta(a, b));
}
real binary_log_loss(int y, real p) {
  return y == 1 ? -log(p) : -log1m(p);
}
int choose(int n, int k) {
  int m = min(k, n - k);
  int c = m < 0 ? 0 : 1;
  for (i in 1 : m) {
    // c * (n - m + i) / i, kept whole and small
    c = c %/% i * (n - m + i) + (c % i * (n - m + i)) %/% i;
  }
  return c;
}
real log_falling_factorial(real x, real n) {
  return log_rising_factorial(x - n + 1, n);
}
int falling_factorial(int x, int n) {
  int p = 1;
  for (i in 1 : n) {
    p *= x - i + 1;
  }
  return p;
}
real falling_factorial(real x, int n) {
  real p = 1;
  for (i in 1 : n) {
    p *= x - i + 1;
  }
  return p;
}
int rising_factorial(int x, int n) {
  int p = 1;
  for (i in 1 : n) {
    p *= x + i - 1;
  }
  return p;
}
real rising_factorial(real x, int n) {
  real p = 1;
  for (i in 1 : n) {
    p *= x + i - 1;
  }
  return p;
}
// Halving, then Newton's steps, which make the derivatives right as well.
real inv_inc_beta(real a, real b, real p) {
  real x = 0.5;
  real step = 0.25;
  for (i in 1 : 50) {
    x += inc_beta(a, b, x) < p ? step : -step;
    step *= 0.5;
  }
  for (i in 1 : 3) {
    real log_density = (a - 1) * log(x) + (b - 1) * log1m(x) - lbeta(a, b);
    x -= (inc_beta(a, b, x) - p) / exp(log_density);
  }
  return x;
}
// By z = (1 + t / sqrt(nu + t^2)) / 2, of which the distribution is the symmetric beta's; the lower tail for both.
real student_t_qf(real p, real nu, real mu, real sigma) {
  real z = inv_inc_beta(0.5 * nu, 0.5 * nu, p < 0.5 ? p : 1 - p);
  real t = sqrt(nu) * (z - 0.5) / sqrt(z * (1 - z));
  return mu + sigma * (p < 0.5 ? t : -t);
}
real hypergeometric_1F0(real a, real z) {
  return exp(-a * log1m(z));
}
real hypergeometric_2F1(real a1, real a2, real b, real z) {
  return hypergeometric_series([a1, a2]', [b]', [z]');
}
real hypergeometric_3F2(vector a, vector b, real z) {
  return hypergeometric_series(a, b, [z]');
}
real hypergeometric_pFq(vector a, vector b, real z) {
  return hypergeometric_series(a, b, [z]');
}

int logical_negation(int x) {
  return !x;
}
int logical_or(int x, int y) {
  return x || y;
}
int logical_and(int x, int y) {
  return x && y;
}
int logical_eq(real x, real y) {
  return x == y;
}
int logical_neq(real x, real y) {
  return x != y;
}
int logical_lt(real x, real y) {
  return x < y;
}
int logical_lte(real x, real y) {
  return x <= y;
}
int logical_gt(real x, real y) {
  return x > y;
}
int logical_gte(real x, real y) {
  return x >= y;
}
