// Components of tuples, arrays of them, and what is assigned through both.
data {
  int<lower=0> N;
  int<lower=0> K;
  vector[N] y;
  array[N] int<lower=0> count;
}
transformed data {
  array[N] tuple(real, int) row;
  for (n in 1 : N) row[n] = (y[n], count[n]);
}
parameters {
  tuple(real<lower=0>, vector[N]) p;
  tuple(vector[K], tuple(real, ordered[2])) q;
}
transformed parameters {
  array[N] tuple(real, real) at;
  for (n in 1 : N) {
    at[n].1 = p.2[n] + q.2.1;
    at[n].2 = p.1 + square(q.1[1]);
  }
}
model {
  tuple(vector[K], array[2] tuple(real, real)) local;
  local.1 = 2 * q.1;
  local.2[1] = (q.2.2[1], 1);
  local.2[2] = local.2[1];
  local.2[1].1 *= 3;
  p.1 ~ exponential(1);
  q.1 ~ normal(local.2[1].1, 1);
  q.2.2 ~ normal(local.2[2].1, 2);
  for (n in 1 : N) row[n].1 ~ normal(at[n].1, at[n].2);
  for (r in row) target += r.2 * local.1[1] - square(q.2.1);
  p.2 ~ normal(0, 1);
}
