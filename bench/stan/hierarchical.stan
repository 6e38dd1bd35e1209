// The gallery's intercept and slope per group.
data {
  int<lower=0> N;
  int<lower=1> G;
  array[N] int<lower=1, upper=G> g;
  vector[N] x;
  vector[N] y;
}
parameters {
  real mu_a;
  real mu_b;
  real<lower=0> tau_a;
  real<lower=0> tau_b;
  real<lower=0> sigma;
  vector[G] a;
  vector[G] b;
}
model {
  mu_a ~ normal(0, 10);
  mu_b ~ normal(0, 2.5);
  tau_a ~ exponential(1);
  tau_b ~ exponential(1);
  sigma ~ exponential(1);
  a ~ normal(mu_a, tau_a);
  b ~ normal(mu_b, tau_b);
  y ~ normal(a[g] + b[g] .* x, sigma);
}
