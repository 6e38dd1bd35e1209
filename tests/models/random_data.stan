// Random numbers in transformed data: of rows that are cut, of what every rank has, by functions, under random
// conditions, in sums over rows.
functions {
  vector noisy_rng(vector y, real s) {
    vector[rows(y)] r;
    for (i in 1:rows(y)) r[i] = y[i] + s * normal_rng(0, 1);
    return r;
  }
}
data {
  int<lower=0> N;
  vector[N] y;
}
transformed data {
  vector[N] z = noisy_rng(y, 0.5);
  vector[N] w;
  vector[N] u;
  array[N] int k;
  real level = gamma_rng(2, 1);
  vector[3] share = dirichlet_rng([1, 2, 3]');
  if (uniform_rng(0, 1) < 0.5) w = z; else w = -z;
  if (bernoulli_rng(0.5)) {
    for (n in 1:N) k[n] = poisson_rng(3);
  } else {
    for (n in 1:N) k[n] = 20 + poisson_rng(3);
  }
  vector[N] e = to_vector(normal_rng(z, 1));
  for (n in 1:N) u[n] = uniform_rng(0, 1);
  real total = 0;
  for (n in 1:N) total += e[n] * uniform_rng(0, 1);
  real after = normal_rng(total, 1);
}
parameters {
  real mu;
  real<lower=0> s;
}
model {
  z ~ normal(mu, s);
  w ~ normal(-mu, s);
  for (n in 1:N) e[n] ~ normal(mu + 0.01 * k[n], s);
}
generated quantities {
  vector[7] made = [level, share[1], share[2], total, after, N, s]';
  array[N] int kk;
  vector[N] zz;
  vector[N] uu;
  vector[N] fresh;
  for (n in 1:N) {
    kk[n] = k[n];
    zz[n] = z[n];
    uu[n] = u[n];
    fresh[n] = normal_rng(w[n], 1);
  }
}
