// Densities on intervals and on the circle. After the Stan functions reference, chapters "Continuous distributions on
// [0, 1]", "Bounded continuous distributions" and "Circular distributions"; see unbounded.stan.

real beta_lpdf(real y, real alpha, real beta) {
  real x = y < 0 ? 0.5 : y > 1 ? 0.5 : y;
  return valid(y >= 0) + valid(y <= 1) + valid(alpha > 0) + valid(beta > 0)
         + lmultiply(alpha - 1, x) + lmultiply(beta - 1, 1 - x) - lbeta(alpha, beta);
}
real beta_lcdf(real y, real alpha, real beta) {
  return valid(y > 0) + valid(alpha > 0) + valid(beta > 0)
         + log_beta_below__(y, 1 - y, alpha, beta);
}
real beta_lccdf(real y, real alpha, real beta) {
  return valid(y < 1) + valid(alpha > 0) + valid(beta > 0)
         + log_beta_below__(1 - y, y, beta, alpha);
}
// log I(alpha, beta; x) of x and 1 - x; 0 out of (0, 1)
real log_beta_below__(real x, real rest, real alpha, real beta) {
  real outside = x <= 0 ? 1 : rest <= 0 ? 1 : 0;
  real p = log_inc_beta(alpha, beta, outside > 0 ? 0.5 : x, outside > 0 ? 0.5 : rest);
  return outside > 0 ? 0 : p;
}

real beta_proportion_lpdf(real y, real mu, real kappa) {
  real a = mu * kappa;
  real b = (1 - mu) * kappa;
  real x = y <= 0 ? 0.5 : y >= 1 ? 0.5 : y;
  return valid(y > 0) + valid(y < 1) + valid(mu > 0) + valid(mu < 1) + valid(kappa > 0)
         + (a - 1) * log(x) + (b - 1) * log1m(x) - lbeta(a, b);
}
real beta_proportion_lcdf(real y, real mu, real kappa) {
  real a = mu * kappa;
  return valid(y > 0) + valid(mu > 0) + valid(mu < 1) + valid(kappa > 0)
         + log_beta_below__(y, 1 - y, a, (1 - mu) * kappa);
}
real beta_proportion_lccdf(real y, real mu, real kappa) {
  real a = mu * kappa;
  return valid(y < 1) + valid(mu > 0) + valid(mu < 1) + valid(kappa > 0)
         + log_beta_below__(1 - y, y, (1 - mu) * kappa, a);
}

real uniform_lpdf(real y, real a, real b) {
  return valid(a < b) + valid(y >= a) + valid(y <= b) - log(b - a);
}
real uniform_lcdf(real y, real a, real b) {
  real r = (y - a) / (b - a);
  real inside = y <= a ? 1 : y >= b ? 1 : r;
  return valid(a < b) + valid(y > a) + log(inside);
}
real uniform_lccdf(real y, real a, real b) {
  real r = (b - y) / (b - a);
  real inside = y <= a ? 1 : y >= b ? 1 : r;
  return valid(a < b) + valid(y < b) + log(inside);
}

real von_mises_lpdf(real y, real mu, real kappa) {
  return valid(kappa >= 0) + kappa * cos(mu - y) - log_modified_bessel_first_kind(0, kappa)
         - 1.83787706640934548356;
}
real von_mises_lcdf(real y, real mu, real kappa) {
  real low = -3.14159265358979323846 - mu;
  real p = von_mises_turn__(y - mu, kappa) - von_mises_turn__(low, kappa);
  return valid(kappa >= 0) + valid(abs(y) <= 3.141592653589794) + log(p);
}
real von_mises_lccdf(real y, real mu, real kappa) {
  real high = 3.14159265358979323846 - mu;
  real p = von_mises_turn__(high, kappa) - von_mises_turn__(y - mu, kappa);
  return valid(kappa >= 0) + valid(abs(y) <= 3.141592653589794) + log(p);
}
// The integral from 0 to x of the density about 0, on the line: x / 2 pi plus the sum of I_n(kappa) / I_0(kappa)
// sin(n x) / (n pi), by backward recurrence; a normal integral for large kappa (both: Hill 1977, "Algorithm 518").
real von_mises_turn__(real x, real kappa) {
  real k = kappa > 100 ? 100 : kappa < 1e-10 ? 1e-10 : kappa;
  real r = 0;
  real v = 0;
  for (i in 1 : 120) {
    int n = 121 - i;
    r = inv(2 * n / k + r);
    v = r * (sin(n * x) / n + v);
  }
  real turns = round(x * 0.15915494309189533577);
  real d = x - turns * 6.28318530717958647693;
  real c = 24 * (kappa > 100 ? kappa : 100);
  real w = c - 56;
  real z = sin(0.5 * d) * sqrt((54 / (347 / w + 26 - c) - 6 + c) / 12);
  real s = 2 * square(z);
  real u = (c - s - s - 16) / 3;
  u = ((s + 1.75) * s + 83.5) / (w - s + 3) - u;
  real steep = turns + Phi(z - s / square(u) * z) - 0.5;
  return kappa > 100 ? steep : x * 0.15915494309189533577 + v * 0.31830988618379067154;
}
