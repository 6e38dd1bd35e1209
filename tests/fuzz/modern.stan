// Every block and most of the syntax of today, for the fuzzer: it need not make sense.
functions {
  real f(real x, data array[,] int n, tuple(real, vector) t);
  tuple(vector, array[] complex_matrix) g(array[] tuple(int, real) a) {
    return (a[1].2 * [1, 2]', {rep_matrix(1i, 2, 2)});
  }
  real foo_lpdf(real y, real mu) { return normal_lpdf(y | mu, 1); }
  void show(vector x) { print("x = ", x, " at ", size(x)); }
  real walk_lp(vector x) { target += sum(x); return target(); }
}
data {
  int<lower=0> N, M;
  array[N, M] int<lower=1, upper=N> g;
  vector<offset=1, multiplier=2.5>[N] y;
  matrix<upper=1e3>[N, M] X;
  array[2] tuple(real<lower=0>, simplex[3]) pair;
  cholesky_factor_cov[3, 2] L;
}
transformed data {
  vector[N] z = sort_asc(y), w;
  for (n in 1 : N) w[n] = n % 2 == 0 ? y[n] : -y[n] ^ 2;
  if (N > 3 && M <= 2 || !(N == M)) { w = w .* z ./ y .^ 2; } else reject("no", N);
}
parameters {
  real mu;
  real<lower=(N > 1 ? 0 : 1)> sigma;
  ordered[3] c;
  sum_to_zero_vector[N] s;
  row_stochastic_matrix[3, 4] P;
}
transformed parameters {
  matrix[3, 3] A = L * L' + diag_matrix(rep_vector(1e-6, 3)), B = A \ [[1, 2, 3], [4, 5, 6], [7, 8, 9]];
  (mu, sigma) = (1, 2.);
  A[1, 2 : ] += B[ : 2, {1, 2}][, 1]';
  jacobian += log(sigma);
}
model {
  profile("prior") { mu ~ std_normal(); sigma ~ normal(0, 1) T[0, ]; }
  for (e in {1, 2, 3}) { if (e == 2) continue; else break; }
  while (1 < 0) { int k = 7 %/% 2; k -= 1; k *= 2; }
  y ~ normal(mu + X[g[1 : N, 1]] * (c ? 1 : 2), sigma);
  target += foo_lupdf(1.5 | mu) + 1_000 * .5;
  { real mu2 = -2 ^ -mu; show([mu2]'); }
}
generated quantities {
  array[N] real y_rep = normal_rng(mu, sigma);
  complex u = 3 + 4.5i;
  fatal_error("sum", pair[1].2[3], u);
}
