// Data and transformed data that are held against what they are declared with: tests/cli/test_constraints.sh.
data {
  int<lower=1> N;
  int<lower=1> K;
  int J;
  real lo;
  real<lower=lo> hi;
  vector<lower=lo, upper=hi>[N] x;
  array[N] int<lower=1, upper=J + 1> g;
  array[N] simplex[K] th;
  simplex[K] pi;
  unit_vector[K] u;
  ordered[K] o;
  positive_ordered[K] po;
  sum_to_zero_vector[K] z;
  cov_matrix[K] S;
  array[2] corr_matrix[K] R;
  cholesky_factor_cov[K] L;
  cholesky_factor_corr[K] Lr;
  column_stochastic_matrix[K, K] C;
  row_stochastic_matrix[K, K] D;
  vector[K] lb;
  vector<lower=lb>[K] v;
  vector[N] scale;
}
transformed data {
  vector<lower=0>[N] positive = scale - 1;
  real<upper=2> most = scale[1];
}
parameters {
  real mu;
}
transformed parameters {
  real<upper=1.5> low = mu;
}
model {
  x ~ normal(low, 1);
}
generated quantities {
  real<lower=-5> z_mu = mu;
  vector<upper=100>[N] xx = x - mu;
}
