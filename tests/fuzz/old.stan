# What Stan wrote once, for the fuzzer.
functions {
  real f(real[] x, vector[,] y, int n) {
    real s; s <- if_else(n > 1, x[1], y[1, 1][1]);
    increment_log_prob(s); # deprecated
    return get_lp();
  }
}
data { int<lower=0> N; real y[N]; vector<lower=0>[3] v[N, 2], w; }
parameters { real mu; real<lower=0,upper=1> p[2]; }
model {
  /* a comment
     of two lines */
  int k; k <- 1;
#include "modern.stan"
  for (n in 1:N)
    if (y[n]<-1) y[n] ~ normal(mu, exp(p[1])); else y[n] ~ cauchy(mu, 1) T[, 3];
  increment_log_prob(normal_log(mu, 0, 1));;
}
