// The same data in their own unit and in units of S: mu and S * b have one posterior.
data {
  int<lower=0> N;
  vector[N] y;
  real<lower=0> S;
}
transformed data {
  vector[N] x = y / S;
}
parameters {
  real mu;
  real b;
}
model {
  y ~ normal(mu, S);
  x ~ normal(b, 1);
}
