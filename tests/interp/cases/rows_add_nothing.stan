// a size is cut, and nothing that its rows add to the density depends on anything
data {
  int<lower=0> N;
  vector[N] y;
}
parameters {
  vector[N] b;
  real a;
}
model {
  vector[N] v = 2 * b;
  for (n in 1 : N) {
    if (y[n] > 100) {
      v[n] = y[n];
    }
  }
  a ~ normal(0, 1);
}
