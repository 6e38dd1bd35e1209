// Transformed parameters that do not keep to their constraints reject the point.
data {
  int<lower=0> N;
  int<lower=0> K;
  vector[N] y;
  matrix[N, K] X;
  array[N] int<lower=0> count;
}
transformed data {
  array[N] int<lower=0, upper=max(count)> same = count;
  vector<lower=min(y), upper=max(y)>[N] yy = y;
  simplex[N] share = rep_vector(1.0 / N, N);
}
parameters {
  real a;
  vector[K] b;
  vector[N] z;
}
transformed parameters {
  real<lower=-0.2> low = a;
  real<lower=0, upper=0.8> part = inv_logit(a);
  real<lower=0> size = exp(a);
  vector<lower=-3, upper=2.5>[N] w = z + 0.1 * X * b;
  vector<upper=fmax(2, a)>[K] u = b;
  array[2] simplex[3] p;
  for (i in 1 : 2) p[i] = softmax([a, b[1], b[1] * i]');
  cov_matrix[2] S = [[2, a], [a, 2]];
  corr_matrix[2] R = [[1, tanh(a)], [tanh(a), 1]];
  cholesky_factor_corr[2] L = cholesky_decompose(R);
  unit_vector[2] v = [cos(a), sin(a)]';
  positive_ordered[2] o = [exp(a), exp(a) + 1 + 0.6 * b[1]]';
  row_stochastic_matrix[2, 2] C = [[inv_logit(a), 1 - inv_logit(a)], [0.5, 0.5]];
}
model {
  a ~ normal(0, 1);
  b ~ normal(0, 1);
  z ~ normal(0, 1);
  y ~ normal(w + low + S[1, 2], 1);
}
