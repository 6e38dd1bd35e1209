// a density that no parameter enters: valid, and flat
data {
  int<lower=0> N;
  vector[N] y;
}
parameters {
  matrix[N, 2] a;
  real b;
}
model {
  y ~ normal(0, 1);
}
