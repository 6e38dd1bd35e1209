// transformed data: sums over rows in loops that hand values from iteration to iteration, and conditions around rows
data {
  int<lower=0> N;
  int<lower=0> K;
  matrix[N, K] X;
  vector[N] y;
  array[N] real w;
  array[N] int<lower=0> count;
}
transformed data {
  vector[N] v = y;
  vector[K] m;
  vector[K] means;
  real s = 0;
  matrix[N, K] B = X;
  for (k in 1 : 2) {
    v += reverse(v + count[N - 1]);
  }
  for (k in 1 : K) {
    s = 0;
    for (n in 1 : N) {
      s += X[n, k];
    }
    m[k] = s / N;
  }
  for (k in 1 : K) {
    means[k] = mean(X[ : , k]);
  }
  for (k in 1 : K) {
    vector[N] left = X[ : , k] - means[k];
    if (count[7] != 4) {
      left *= w[N];
    }
    for (n in 1 : N) {
      if (X[n, k] > m[k]) {
        left[n] = left[n] + m[k];
      }
    }
    B[ : , k] = left;
  }
}
parameters {
  real a;
  vector[K] b;
}
model {
  y ~ normal(B * b + a * v[2] / 1000, 1);
  target += sum(m) * a;
}
