// A regression whose generated quantities use random numbers, per row and for all: a resumed run must
// make the same ones.
data {
  int<lower=0> N;
  vector[N] x;
  vector[N] y;
}
parameters {
  real a;
  real b;
  real<lower=0> sigma;
}
model {
  a ~ normal(0, 5);
  b ~ normal(0, 5);
  sigma ~ normal(0, 2);
  y ~ normal(a + b * x, sigma);
}
generated quantities {
  vector[N] y_rep;
  real z = normal_rng(a, sigma);
  int<lower=0> k = poisson_rng(exp(b));
  for (n in 1 : N) y_rep[n] = normal_rng(a + b * x[n], sigma);
}
