// The most used distributions. Parameterisations and names after the Stan functions reference.

real normal_lpdf(real y, real mu, real sigma) {
  real z = (y - mu) / sigma;
  return valid(sigma > 0) - 0.5 * square(z) - log(sigma) - 0.91893853320467274178;
}

real std_normal_lpdf(real y) {
  return -0.5 * square(y) - 0.91893853320467274178;
}

real bernoulli_logit_lpmf(int y, real alpha) {
  real a = y == 1 ? alpha : -alpha;
  return log_inv_logit(a);
}

real cauchy_lpdf(real y, real mu, real sigma) {
  real z = (y - mu) / sigma;
  return valid(sigma > 0) - log1p(square(z)) - log(sigma) - 1.14472988584940017414;
}

real exponential_lpdf(real y, real beta) {
  return valid(y >= 0) + valid(beta > 0) + log(beta) - beta * y;
}
