// stiff; also solved once, from data
functions {
  vector robertson(real t, vector y, vector k) {
    real fast = k[3] * y[2] * y[3], slow = k[1] * y[1], pair = k[2] * y[2] * y[2];
    return [-slow + fast, slow - fast - pair, pair]';
  }
}
data {
  array[2] real ts;
}
transformed data {
  array[2] vector[3] fixed = ode_bdf(robertson, [1, 0, 0]', 0, ts, [0.04, 3e7, 1e4]');
}
parameters {
  vector<lower=0>[3] k;
}
transformed parameters {
  array[2] vector[3] y = ode_bdf_tol(robertson, [1, 0, 0]', 0, ts, 1e-10, 1e-14, 1000000, k .* [0.04, 3e7, 1e4]');
}
model {
  target += -dot_self(k - 1);
  for (i in 1 : 2) target += log(y[i, 1]) + 0.3 * log(y[i, 3]) - square(y[i, 1] - fixed[i, 1]);
}
