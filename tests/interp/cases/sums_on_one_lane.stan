// loops that do nothing but add to scalars: a computed number of iterations, a sum that is added to twice
data {
  int<lower=0> N;
  vector[N] y;
  array[N] int<lower=0> count;
}
parameters {
  real a;
}
model {
  real s = 0, t = 0;
  for (k in 1 : count[2] + 1) {
    s += a * k;
  }
  for (k in 2 : size(y) - 1) {
    t += a * y[k];
    t += square(a) * y[k];
  }
  target += sin(s) + cos(t);
}
