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
  return valid(a < b) + valid(y > a) + log_share__(y - a, b - y, b - a);
}
real uniform_lccdf(real y, real a, real b) {
  return valid(a < b) + valid(y < b) + log_share__(b - y, y - a, b - a);
}
// log of part / whole, by the rest where that is small; 0 where either is not positive
real log_share__(real part, real rest, real whole) {
  real low = part <= 0 ? 1 : rest <= 0 ? 1 : part > rest ? 1 : part / whole;
  real high = part <= 0 ? 0 : rest <= 0 ? 0 : part > rest ? rest / whole : 0;
  return log(low) + log1m(high);
}

real von_mises_lpdf(real y, real mu, real kappa) {
  return valid(kappa >= 0) + kappa * cos(mu - y) - log_modified_bessel_first_kind(0, kappa)
         - 1.83787706640934548356;
}
real von_mises_lcdf(real y, real mu, real kappa) {
  return valid(kappa >= 0) + valid(abs(y) <= 3.141592653589794)
         + log_von_mises(-3.14159265358979323846 - mu, y - mu, kappa);
}
real von_mises_lccdf(real y, real mu, real kappa) {
  return valid(kappa >= 0) + valid(abs(y) <= 3.141592653589794)
         + log_von_mises(y - mu, 3.14159265358979323846 - mu, kappa);
}
