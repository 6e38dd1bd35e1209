// one differential equation a row
functions {
  array[] real body(real t, array[] real y, array[] real theta, data array[] real x_r, data array[] int x_i) {
    array[2] real dydt = {-theta[1] * y[1], theta[1] * y[1] - theta[2] * y[2] / (x_i[1] + y[2])};
    return dydt;
  }
}
data {
  int<lower=1> N;
  array[3] real ts;
  vector<lower=0>[N] dose;
  array[N, 3] real<lower=0> conc;
}
transformed data {
  array[0] real none;
  array[1] int one = {1};
}
parameters {
  real mu;
  real<lower=0> tau;
  real<lower=0> ke;
  vector[N] z;
}
model {
  mu ~ normal(0, 1);
  tau ~ normal(0, 1);
  ke ~ lognormal(-1, 0.5);
  z ~ std_normal();
  for (n in 1 : N) {
    array[3, 2] real y = integrate_ode_rk45(body, {dose[n], 0}, 0, ts, {exp(mu + tau * z[n]), ke}, none, one, 1e-9,
                                            1e-9, 1e5);
    for (k in 1 : 3) conc[n, k] ~ lognormal(log(y[k, 2]), 0.2);
  }
}
generated quantities {
  vector[N] last;
  for (n in 1 : N)
    last[n] = integrate_ode_rk45(body, {dose[n], 0}, 0, ts, {exp(mu + tau * z[n]), ke}, none, one)[3, 2];
}
