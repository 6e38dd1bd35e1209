// Functions with a formula of their own. After the Stan functions reference.

real lmgamma(int n, real x) {
  real s = 0.25 * n * (n - 1) * 1.14472988584940017414;
  for (j in 1 : n) {
    s += lgamma(x + 0.5 * (1 - j));
  }
  return s;
}
real inv_sqrt(real x) {
  return 1 / sqrt(x);
}
real inv_square(real x) {
  return 1 / square(x);
}
real inv_cloglog(real x) {
  return -expm1(-exp(x));
}
real Phi_approx(real x) {
  return inv_logit(0.07056 * x * square(x) + 1.5976 * x);
}
real log_mix(real theta, real a, real b) {
  return log_sum_exp(log(theta) + a, log1m(theta) + b);
}
real log_mix(vector theta, vector lp) {
  return log_sum_exp(log(theta) + lp);
}
real fma(real x, real y, real z) {
  return x * y + z;
}
real ldexp(real x, int n) {
  return x * 2.0 ^ n;
}

real trace(matrix A) {
  return sum(diagonal(A));
}
real distance(vector x, vector y) {
  return sqrt(dot_self(x - y));
}
real squared_distance(vector x, vector y) {
  return dot_self(x - y);
}
real squared_distance(real x, real y) {
  return square(x - y);
}
real distance(real x, real y) {
  return abs(x - y);
}
real norm1(vector x) {
  return sum(abs(x));
}
matrix quad_form_diag(matrix A, vector v) {
  return diag_post_multiply(diag_pre_multiply(v, A), v);
}
real trace_quad_form(matrix A, matrix B) {
  return sum(diagonal(B' * (A * B)));
}
row_vector columns_dot_product(matrix A, matrix B) {
  row_vector[cols(A)] r;
  for (j in 1 : cols(A)) {
    r[j] = dot_product(A[ : , j], B[ : , j]);
  }
  return r;
}
vector rows_dot_product(matrix A, matrix B) {
  vector[rows(A)] r;
  for (i in 1 : rows(A)) {
    r[i] = dot_product(A[i], B[i]);
  }
  return r;
}
row_vector columns_dot_self(matrix A) {
  return columns_dot_product(A, A);
}
vector rows_dot_self(matrix A) {
  return rows_dot_product(A, A);
}
vector csr_matrix_times_vector(int m, int n, vector w, array[] int v, array[] int u, vector b) {
  vector[m] y;
  for (i in 1 : m) {
    real s = 0;
    for (k in u[i] : u[i + 1] - 1) {
      s += w[k] * b[v[k]];
    }
    y[i] = s;
  }
  return y;
}

matrix gp_exp_quad_cov(array[] real x, real alpha, real rho) {
  int N = size(x);
  matrix[N, N] K;
  for (i in 1 : N) {
    for (j in 1 : N) {
      K[i, j] = square(alpha) * exp(-0.5 * square((x[i] - x[j]) / rho));
    }
  }
  return K;
}
matrix gp_exp_quad_cov(array[] vector x, real alpha, real rho) {
  int N = size(x);
  matrix[N, N] K;
  for (i in 1 : N) {
    for (j in 1 : N) {
      K[i, j] = square(alpha) * exp(-0.5 * squared_distance(x[i], x[j]) / square(rho));
    }
  }
  return K;
}
matrix gp_exp_quad_cov(array[] real x, array[] real z, real alpha, real rho) {
  matrix[size(x), size(z)] K;
  for (i in 1 : size(x)) {
    for (j in 1 : size(z)) {
      K[i, j] = square(alpha) * exp(-0.5 * square((x[i] - z[j]) / rho));
    }
  }
  return K;
}
