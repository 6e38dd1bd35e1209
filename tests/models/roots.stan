// Roots by every function; guesses that are data and parameters; one of data, at load.
functions {
  vector sys(vector y, vector theta, data array[] real x_r, data array[] int x_i) {
    vector[2] z;
    z[1] = y[1] - theta[1] * theta[2];
    z[2] = y[2] - theta[2] + 0.3 * tanh(y[1] * y[2]);
    return z;
  }
  vector cubic(vector y, real a, vector b) { return y .* y .* y + a * y - b; }
  vector far(vector y, real a) { return [exp(y[1]) - a, y[2]^2 + y[1] - a * 4, atan(y[3]) - 0.2 * a]'; }
}
data { vector[2] g; array[1] real xr; array[1] int xi; int K; vector[3] g3; }
transformed data { vector[2] z0 = solve_newton(sys, g, [1.0, 2.0]', xr, xi); }
parameters { vector[2] th; real<lower=0> a; vector[K] b; }
transformed parameters {
  vector[2] y1 = algebra_solver(sys, g, th, xr, xi);
  vector[2] y2 = algebra_solver_newton(sys, g, th, xr, xi, 1e-3, 1e-8, 100);
  vector[K] y3 = solve_newton(cubic, rep_vector(0.5, K), a, b);
  vector[K] y4 = solve_powell_tol(cubic, rep_vector(a, K), 1e-10, 1e-9, 300, a, b);
  vector[3] y5 = solve_powell(far, g3, a);
}
model {
  target += sum(y1) + y2[1] * y2[2] + dot_self(y3) + sum(square(y4) + y4) + y5[1] + y5[2] * y5[3];
  target += z0[1] * z0[2];
  th ~ normal(0, 1); b ~ normal(0, 1); a ~ exponential(1);
}
