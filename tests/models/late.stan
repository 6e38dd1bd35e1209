// control flow that depends on time: chains run one by one
functions {
  vector late(real t, vector y, real k) {
    vector[1] dydt;
    if (t > 1) {
      dydt[1] = -k * y[1];
    } else {
      dydt[1] = k;
    }
    if (k > 50) reject("too fast");
    return dydt;
  }
}
parameters {
  real<lower=0> k;
}
model {
  array[2] vector[1] y = ode_ckrk_tol(late, [1]', 0, {1, 2}, 1e-9, 1e-9, 1000, k);
  target += -y[2, 1] - k;
}
