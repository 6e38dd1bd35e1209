// a pushed and damped oscillator: initial values, times and arguments of all kinds depend on parameters
functions {
  vector swing(real t, vector y, real omega, vector damp, data array[] real push, array[] int which,
               matrix A, int two) {
    vector[2] dydt;
    vector[2] Ay = A * y;
    dydt[1] = y[2] + push[1];
    dydt[2] = -square(omega) * y[1] - damp[which[1]] * y[two];
    for (i in 1 : size(which)) dydt[i] += 0.1 * A[i, 1] * sin(t) * push[2] + 0.01 * Ay[i];
    return dydt;
  }
}
data {
  int<lower=1> N;
  array[N] real t;
  array[N] real obs;
  array[2] int which;
  array[2] real push;
}
parameters {
  vector[2] y0;
  real<lower=0.5, upper=2> omega;
  vector<lower=0>[3] damp;
  matrix[2, 2] A;
  real<lower=-1, upper=0.1> t0;
  real<lower=0.1> stretch;
}
transformed parameters {
  array[N] real at;
  for (n in 1 : N) at[n] = t[n] * stretch + 0.2;
  array[N] vector[2] y = ode_rk45_tol(swing, y0, t0, at, 1e-10, 1e-10, 100000, omega, damp, push, which, A, 2);
}
model {
  y0 ~ std_normal();
  damp ~ lognormal(-2, 0.3);
  to_vector(A) ~ std_normal();
  stretch ~ lognormal(0, 0.1);
  for (n in 1 : N) obs[n] ~ normal(y[n, 1], 0.5);
}
generated quantities {
  array[N] vector[2] again = ode_rk45_tol(swing, y0, t0, at, 1e-10, 1e-10, 100000, omega, damp, push, which, A, 2);
  real<lower=0, upper=1e-6> apart = 0;
  for (n in 1 : N) apart = fmax(apart, max(abs(again[n] - y[n])));
}
