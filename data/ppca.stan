// Probabilistic principal components: points in D dimensions that K latent scores each explain.
data {
  int<lower=0> N;
  int<lower=1> D;
  int<lower=1> K;
  matrix[D, N] x;
}
parameters {
  matrix[D, K] w;
  matrix[N, K] z;
}
model {
  to_vector(w) ~ normal(0, 2);
  to_vector(z) ~ std_normal();
  to_vector(x) ~ normal(to_vector(w * z'), 1);
}
