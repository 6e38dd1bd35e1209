// What adds to target by a detour: functions that sum over rows, local sums, reduce_sum, a condition on parameters
// around rows; values that every rank marks as missing; loops around rows that hand something on.
functions {
  real either_lpdf(vector y, vector mu, real kappa) {
    if (kappa < 0.9) {
      return normal_lpdf(y | mu, sqrt(1 / kappa));
    } else {
      return student_t_lpdf(y | 5, mu, kappa);
    }
  }
  real summed_lpdf(vector y, vector mu, real s) {
    real lp = 0;
    for (n in 1 : num_elements(y)) {
      lp = lp + cauchy_lpdf(y[n] | mu[n], s);
      if (y[n] > 0) lp -= 0.1 * s;
    }
    return lp;
  }
  array[] int numbers(int first, int last) {
    array[last - first + 1] int all;
    for (i in 1 : num_elements(all)) all[i] = i + first - 1;
    return all;
  }
  real part_lpmf(array[] int which, int first, int last, vector y, matrix X, vector b, array[] int g, vector r) {
    real sum = 0;
    int M = last - first + 1;
    vector[M] mu = X[first : last] * b;
    for (m in 1 : M) {
      int n = m + first - 1;
      mu[m] += r[g[n]];
    }
    sum += normal_lpdf(y[first : last] | mu, 2);
    return sum;
  }
}
data {
  int<lower=1> N;
  int<lower=1> P;
  matrix[N, P] X;
  vector[N] y;
  vector[N] limit; // infinite where there is none
  int<lower=1> G;
  array[N] int<lower=1, upper=G> g;
}
transformed data {
  array[N] int which = numbers(1, N);
}
parameters {
  vector[P] b;
  real<lower=0> kappa;
  vector[G] r;
}
model {
  real above = 0;
  real rest;
  rest = 0;
  target += either_lpdf(y | X * b, kappa);
  y ~ summed(X * b, kappa);
  target += reduce_sum(part_lupmf, which, 1, y, X, b, g, r);
  for (n in 1 : N) {
    if (!is_inf(limit[n])) above += normal_lccdf(limit[n] | X[n] * b, 1);
    rest += 0.01 * r[g[n]];
  }
  target += 0.5 + above - rest;
  for (p in 1 : P) {
    real scale = exp(0.1 * b[p]) + kappa;
    vector[N] eta = X[ : , p] * scale;
    y ~ normal(eta, scale + 1);
  }
  b ~ std_normal();
  r ~ std_normal();
  kappa ~ exponential(1);
}
