// Statements that need rows together in other ways, beside statements that go row by row.
data {
  int<lower=1> N;
  int<lower=1> P;
  int<lower=1> G;
  matrix[N, P] X;
  vector[N] y;
  vector[N] v;
  array[N] int<lower=0> k;
  array[N] int<lower=1, upper=G> g;
}
parameters {
  vector[P] b;
  vector<lower=0>[N] scale; // its values are kept whole
  array[N] vector[2] pair;
  matrix[N, 2] effect;
  simplex[N] share;
  vector<upper=v>[N] z;
  vector[N] r;
  vector[G] a;
  real<lower=0> s;
}
transformed parameters {
  vector[N] drift = cumulative_sum(z); // whole
  vector[N] mu = X * b + a[g];         // by row
}
model {
  vector[N] err;
  scale ~ exponential(2);
  log(sum(scale)) ~ normal(3, 0.1);
  for (n in 1 : N) pair[n] ~ std_normal();
  pair[1, 1] + pair[N, 2] ~ normal(0, 0.1);
  to_vector(effect) ~ std_normal();
  sum(effect[ : , 2]) ~ normal(0, 0.1);
  z ~ normal(0, 1);
  r ~ std_normal();
  share ~ dirichlet(rep_vector(2, N));
  b ~ std_normal();
  a ~ std_normal();
  s ~ std_normal();
  err[1] = drift[1];
  for (n in 2 : N) err[n] = 0.5 * err[n - 1] + 0.01 * drift[n]; // a recursion through parameters
  for (n in 2 : (N - 1))
    y[n] ~ normal(mu[n] + 0.1 * drift[n - 1] + 0.2 * z[n + 1] + err[n] + r[n], s + scale[n]);
  for (n in 1 : N) {
    if (n > 1) v[n] ~ normal(pair[n - 1, 1] + pair[n, 2] - effect[n, 1], 1 + N * share[n]);
    k[n] ~ poisson_log(0.1 * effect[n, 2] + 0.1 * z[g[n]]);
  }
}
generated quantities {
  vector[N] m = mu + drift;
  real last = m[N] + sum(m);
  array[N] real y_rep;
  for (n in 1 : N) y_rep[n] = normal_rng(mu[n], s);
}
