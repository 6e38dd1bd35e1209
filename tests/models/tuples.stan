// Tuples as data, parameters and results, arrays of them, and what functions do with them: tests/interp/test_tuples.py.
functions {
  real total(array[] tuple(real, vector) xs) {
    real s = 0;
    for (i in 1 : size(xs)) s += xs[i].1 * sum(xs[i].2);
    return s;
  }
  tuple(real, array[] real) both(vector v) {
    return (sum(v), to_array_1d(v));
  }
  array[] tuple(real, int) pairs(array[] real a) {
    array[size(a)] tuple(real, int) r;
    for (i in 1 : size(a)) r[i] = (a[i], i);
    return r;
  }
  real shifted_lpdf(real y, tuple(real, real) at) {
    return normal_lpdf(y | at.1, at.2);
  }
}
data {
  int<lower=1> N;
  tuple(int<lower=0>, real, vector[2]) d;
  array[N] tuple(real, int<lower=1, upper=3>, vector<lower=0>[2]) obs;
  tuple(tuple(int, array[2] real), matrix[2, 2]) nest;
  array[2, 2] tuple(real, simplex[2]) grid;
  array[0] tuple(int, real) none;
  array[3] tuple(real, vector[2]) xs;
}
transformed data {
  tuple(real, real<upper=10>) scale = (mean(d.3), d.2);
  array[2] tuple(int, vector[2]) place = {(1, d.3), (2, 2 * d.3)};
  array[3] tuple(real, vector[2]) ys = xs;
  real sum_of_rows = 0;
  ys[1] = (9.0, [1, 1]');
  ys[2].1 = 3;
  ys[2 : 3] = xs[1 : 2];
  for (o in obs) sum_of_rows += o.1 * o.3[1];
}
parameters {
  tuple(real<lower=0>, vector[2]) p;
  tuple(real, tuple(simplex[3], real<lower=-1, upper=1>)) q;
  array[3] real e;
  tuple(vector[N], real<lower=scale.1>) rows_of;
}
transformed parameters {
  tuple(real, vector[2]) t = (p.1 * 2, p.2 + 1);
  array[2] tuple(real, vector<lower=-100>[2]) ta;
  for (i in 1 : 2) {
    ta[i].1 = p.1 + i;
    ta[i].2 = p.2 * i;
  }
}
model {
  tuple(real, array[2] real) b = both(p.2);
  array[3] tuple(real, int) pr = pairs(e);
  tuple(real, real) w = (p.1, q.1);
  real one;
  (w.1, w.2) = (w.2, w.1);
  (one, b.1) = (b.1, 3);
  p.1 ~ exponential(1);
  p.2 ~ normal(d.2, 1);
  q.1 ~ normal(size(none), 1);
  q.2.1 ~ dirichlet([1, 2, 3]');
  for (x in pr) x.1 ~ normal(x.2, 1);
  rows_of.1 ~ normal(0, rows_of.2);
  for (n in 1 : N) obs[n].1 ~ normal(p.1 + e[obs[n].2] + dot_product(obs[n].3, t.2) + rows_of.1[n], 1 + q.2.2 ^ 2);
  for (n in 1 : N) obs[n].1 ~ shifted((w.1, 1 + w.2));
  target += ta[2].1 * nest.1.2[1] + ta[1].2[2] * nest.2[1, 2] + sum_of_rows * p.1 * scale.1 + place[2].2[1] * q.1;
  target += total(xs) * p.1 - total(ys) * q.1 + total(ta) + total(xs[{3, 1}]) * one * b.2[2];
  for (i in 1 : 2) {
    for (j in 1 : 2) target += log(grid[i, j].2[1]) * grid[i, j].1 * p.1;
  }
}
generated quantities {
  tuple(int, real) g = (d.1, normal_rng(p.1, 1));
  array[2] tuple(vector[2], int) ga = {(ta[1].2, 1), (ta[2].2, 2)};
}
