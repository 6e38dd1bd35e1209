// A logit for every row, without a prior: the mode is at infinity, and it is a row's parameter that goes there.
data {
  int<lower=0> N;
  array[N] int<lower=0, upper=1> y;
}
parameters {
  real mu;
  vector[N] z;
}
model {
  mu ~ normal(0, 1);
  y ~ bernoulli_logit(z + mu);
}
