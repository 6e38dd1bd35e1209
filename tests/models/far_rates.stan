data {
  int<lower=1> N;
  array[N] int y;
}
parameters {
  real a;
}
model {
  y ~ poisson_log(a);
}
