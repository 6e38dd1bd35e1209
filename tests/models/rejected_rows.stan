// Generated quantities whose rows reject a draw: parameters of all rows stay.
data {
  int<lower=0> N;
  vector[N] y;
}
parameters {
  real mu;
  vector[N] z;
}
model {
  mu ~ normal(0, 1);
  z ~ normal(mu, 1);
  y ~ normal(z, 1);
}
generated quantities {
  real twice = 2 * mu;
  array[N] int k;
  array[N] int late; // the first row is never given a value
  vector[N] r;
  for (n in 1:N) {
    k[n] = n;
    if (n > 1)
      late[n] = n;
    r[n] = z[n] + mu;
    if (r[n] > 2.6)
      reject("row ", n, " is above 2.6");
  }
}
