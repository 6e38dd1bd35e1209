// transformed parameters of rows, made of data alone
data {
  int<lower=0> N;
  int<lower=0> K;
  matrix[N, K] X;
  vector[N] y;
  array[N] int<lower=0, upper=1> flag;
}
parameters {
  vector[K] b;
}
transformed parameters {
  vector[N] z = 2 * y;
  array[N] real w;
  vector[N] mixed;
  for (n in 1 : N) {
    w[n] = y[n] * X[n, 1];
    if (flag[n] == 1) {
      mixed[n] = z[n] + 1;
    } else {
      mixed[n] = w[n];
    }
  }
}
model {
  z ~ normal(X * b, 1);
  w ~ normal(mixed * b[1], 2);
}
