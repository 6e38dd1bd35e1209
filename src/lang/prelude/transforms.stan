// Constraining transforms of vectors and matrices, after the Stan reference manual, chapter "Constraint
// transforms". Each takes the unconstrained values of one variable and adds the log Jacobian to target.

// Stick-breaking, with logit(1 / (K - k)) taken off so that 0 maps to the centre.
vector simplex_constrain_lp(vector y) {
  int K = num_elements(y) + 1;
  vector[K] x;
  real stick = 1;
  for (k in 1 : K - 1) {
    real a = y[k] - log(K - k);
    target += log(stick) + log_inv_logit(a) + log1m_inv_logit(a);
    x[k] = stick * inv_logit(a);
    stick -= x[k];
  }
  x[K] = stick;
  return x;
}

vector ordered_constrain_lp(vector y) {
  int K = num_elements(y);
  vector[K] x;
  real last = 0;
  for (k in 1 : K) {
    if (k == 1) {
      last = y[1];
    } else {
      last += exp(y[k]);
      target += y[k];
    }
    x[k] = last;
  }
  return x;
}

vector positive_ordered_constrain_lp(vector y) {
  int K = num_elements(y);
  vector[K] x;
  real last = 0;
  for (k in 1 : K) {
    last += exp(y[k]);
    target += y[k];
    x[k] = last;
  }
  return x;
}

// y / |y|, y standard normal.
vector unit_vector_constrain_lp(vector y) {
  real square = dot_self(y);
  target += -0.5 * square;
  return y / sqrt(square);
}

// Isometric log-ratio basis: orthonormal, so no Jacobian.
vector sum_to_zero_constrain_lp(vector y) {
  int K = num_elements(y);
  vector[K + 1] x = rep_vector(0, K + 1);
  real rest = 0;
  for (i in 1 : K) {
    int n = K - i + 1;
    real w = y[n] * inv_sqrt(n * (n + 1.0));
    rest += w;
    x[n] += rest;
    x[n + 1] -= w * n;
  }
  return x;
}

// Another orthonormal basis, as Stan has it for matrices: along the columns, then along the rows.
vector zero_sum__(vector y) {
  int K = num_elements(y);
  vector[K + 1] x;
  real rest = 0;
  for (i in 1 : K) {
    int n = K - i + 1;
    real w = y[n] * inv_sqrt(n * (n + 1.0));
    x[n] = n * w - rest;
    rest += w;
  }
  x[K + 1] = -rest;
  return x;
}
matrix sum_to_zero_constrain_lp(vector y, int N, int M) {
  matrix[N, M - 1] A;
  matrix[N, M] X;
  for (j in 1 : M - 1) {
    A[ : , j] = zero_sum__(y[(j - 1) * (N - 1) + 1 : j * (N - 1)]);
  }
  for (i in 1 : N) {
    X[i] = zero_sum__(A[i]')';
  }
  return X;
}

// Each column, or row, is a simplex; what is unconstrained comes column by column.
matrix stochastic_column_constrain_lp(vector y, int N, int M) {
  matrix[N, M] X;
  for (j in 1 : M) {
    X[ : , j] = simplex_constrain_lp(y[(j - 1) * (N - 1) + 1 : j * (N - 1)]);
  }
  return X;
}
matrix stochastic_row_constrain_lp(vector y, int N, int M) {
  matrix[N, M] X;
  for (i in 1 : N) {
    vector[M - 1] free;
    for (j in 1 : M - 1) {
      free[j] = y[(j - 1) * N + i];
    }
    X[i] = simplex_constrain_lp(free)';
  }
  return X;
}

// Lewandowski, Kurowicka and Joe 2009, "Generating random correlation matrices", by rows; z = tanh(y).
matrix cholesky_factor_corr_constrain_lp(vector y, int K) {
  matrix[K, K] L = rep_matrix(0, K, K);
  int at = 0;
  if (K > 0) {
    L[1, 1] = 1;
  }
  for (i in 2 : K) {
    real left = 1;
    for (j in 1 : i - 1) {
      real a = abs(y[at + j]);
      real z = tanh(y[at + j]);
      target += 2 * (0.69314718055994530942 - a - log1p_exp(-2 * a));
      if (j > 1) {
        target += 0.5 * log(left);
      }
      L[i, j] = z * sqrt(left);
      left -= square(L[i, j]);
    }
    L[i, i] = sqrt(left);
    at += i - 1;
  }
  return L;
}

matrix cholesky_factor_cov_constrain_lp(vector y, int M, int N) {
  matrix[M, N] L = rep_matrix(0, M, N);
  int at = 0;
  for (i in 1 : M) {
    for (j in 1 : N) {
      if (j < i) {
        at += 1;
        L[i, j] = y[at];
      } else if (j == i) {
        at += 1;
        L[i, j] = exp(y[at]);
        target += y[at];
      }
    }
  }
  return L;
}

matrix corr_matrix_constrain_lp(vector y, int K) {
  matrix[K, K] L = rep_matrix(0, K, K);
  int at = 0;
  if (K > 0) {
    L[1, 1] = 1;
  }
  // by columns, as Stan orders the partial correlations of a correlation matrix
  vector[K] left = rep_vector(1, K);
  for (j in 1 : K - 1) {
    for (i in j + 1 : K) {
      real a = abs(y[at + 1]);
      real z = tanh(y[at + 1]);
      at += 1;
      target += 2 * (0.69314718055994530942 - a - log1p_exp(-2 * a));
      target += 0.5 * (K - j - 1) * log1m(square(z));
      L[i, j] = z * sqrt(left[i]);
      left[i] *= 1 - square(z);
    }
  }
  for (i in 2 : K) {
    L[i, i] = sqrt(left[i]);
  }
  return multiply_lower_tri_self_transpose(L);
}

matrix cov_matrix_constrain_lp(vector y, int K) {
  matrix[K, K] L = rep_matrix(0, K, K);
  int at = 0;
  for (i in 1 : K) {
    for (j in 1 : i - 1) {
      at += 1;
      L[i, j] = y[at];
    }
    at += 1;
    L[i, i] = exp(y[at]);
    target += (K - i + 2) * y[at];
  }
  target += K * 0.69314718055994530942;
  return multiply_lower_tri_self_transpose(L);
}

// ---- transforms as functions: of a matrix of unconstrained values, and back

matrix sum_to_zero_constrain_lp(matrix y) {
  return sum_to_zero_constrain_lp(to_vector(y), rows(y) + 1, cols(y) + 1);
}
matrix stochastic_column_constrain_lp(matrix y) {
  return stochastic_column_constrain_lp(to_vector(y), rows(y) + 1, cols(y));
}
matrix stochastic_row_constrain_lp(matrix y) {
  return stochastic_row_constrain_lp(to_vector(y), rows(y), cols(y) + 1);
}

vector simplex_unconstrain(vector x) {
  int K = num_elements(x);
  vector[K - 1] y;
  real stick = 1;
  for (k in 1 : K - 1) {
    y[k] = logit(x[k] / stick) + log(K - k);
    stick -= x[k];
  }
  return y;
}
vector ordered_unconstrain(vector x) {
  int K = num_elements(x);
  vector[K] y;
  for (k in 1 : K) {
    if (k == 1) {
      y[k] = x[k];
    } else {
      y[k] = log(x[k] - x[k - 1]);
    }
  }
  return y;
}
vector positive_ordered_unconstrain(vector x) {
  int K = num_elements(x);
  vector[K] y;
  real last = 0;
  for (k in 1 : K) {
    y[k] = log(x[k] - last);
    last = x[k];
  }
  return y;
}
vector unit_vector_unconstrain(vector x) {
  return x;
}
vector sum_to_zero_unconstrain(vector x) {
  int K = num_elements(x) - 1;
  vector[K] y;
  real before = 0;
  for (n in 1 : K) {
    before += x[n];
    y[n] = (before - n * x[n + 1]) * inv_sqrt(n * (n + 1.0));
  }
  return y;
}
vector zero_sum_unconstrain__(vector x) {
  int K = num_elements(x) - 1;
  vector[K] y;
  real rest = x[K + 1];
  for (n in 1 : K) {
    y[n] = (n * x[n] - rest) * inv_sqrt(n * (n + 1.0));
    rest += x[n];
  }
  return y;
}
matrix sum_to_zero_unconstrain(matrix X) {
  int N = rows(X);
  int M = cols(X);
  matrix[N - 1, M] A;
  matrix[N - 1, M - 1] Y;
  for (j in 1 : M) {
    A[ : , j] = zero_sum_unconstrain__(X[ : , j]);
  }
  for (i in 1 : N - 1) {
    Y[i] = zero_sum_unconstrain__(A[i]')';
  }
  return Y;
}
matrix stochastic_column_unconstrain(matrix X) {
  matrix[rows(X) - 1, cols(X)] Y;
  for (j in 1 : cols(X)) {
    Y[ : , j] = simplex_unconstrain(X[ : , j]);
  }
  return Y;
}
matrix stochastic_row_unconstrain(matrix X) {
  matrix[rows(X), cols(X) - 1] Y;
  for (i in 1 : rows(X)) {
    Y[i] = simplex_unconstrain(X[i]')';
  }
  return Y;
}
vector cholesky_factor_corr_unconstrain(matrix L) {
  int K = rows(L);
  vector[(K * (K - 1)) %/% 2] y;
  int at = 0;
  for (i in 2 : K) {
    real left = 1;
    for (j in 1 : i - 1) {
      at += 1;
      y[at] = atanh(L[i, j] / sqrt(left));
      left -= square(L[i, j]);
    }
  }
  return y;
}
vector cholesky_factor_cov_unconstrain(matrix L) {
  int M = rows(L);
  int N = cols(L);
  vector[(N * (N + 1)) %/% 2 + (M - N) * N] y;
  int at = 0;
  for (i in 1 : M) {
    for (j in 1 : min(i, N)) {
      at += 1;
      if (j == i) {
        y[at] = log(L[i, j]);
      } else {
        y[at] = L[i, j];
      }
    }
  }
  return y;
}
vector corr_matrix_unconstrain(matrix R) {
  int K = rows(R);
  matrix[K, K] L = cholesky_decompose(R);
  vector[(K * (K - 1)) %/% 2] y;
  vector[K] left = rep_vector(1, K);
  int at = 0;
  for (j in 1 : K - 1) {
    for (i in j + 1 : K) {
      at += 1;
      y[at] = atanh(L[i, j] / sqrt(left[i]));
      left[i] -= square(L[i, j]);
    }
  }
  return y;
}
vector cov_matrix_unconstrain(matrix S) {
  return cholesky_factor_cov_unconstrain(cholesky_decompose(S));
}

// of numbers; an infinite bound is none

real lower_bound_constrain_lp(real y, real low) {
  target += low > negative_infinity() ? y : 0;
  return low > negative_infinity() ? exp(y) + low : y;
}
real lower_bound_unconstrain(real x, real low) {
  return low > negative_infinity() ? log(x - low) : x;
}
real upper_bound_constrain_lp(real y, real high) {
  target += high < positive_infinity() ? y : 0;
  return high < positive_infinity() ? high - exp(y) : y;
}
real upper_bound_unconstrain(real x, real high) {
  return high < positive_infinity() ? log(high - x) : x;
}
real lower_upper_bound_constrain_lp(real y, real low, real high) {
  int is_low = low > negative_infinity();
  int is_high = high < positive_infinity();
  real width = is_low && is_high ? high - low : 1;
  target += is_low && is_high ? log(width) + log_inv_logit(y) + log1m_inv_logit(y)
            : is_low || is_high ? y : 0;
  return is_low ? is_high ? low + width * inv_logit(y) : low + exp(y)
         : is_high ? high - exp(y) : y;
}
real lower_upper_bound_unconstrain(real x, real low, real high) {
  int is_low = low > negative_infinity();
  int is_high = high < positive_infinity();
  return is_low ? is_high ? logit((x - low) / (high - low)) : log(x - low)
         : is_high ? log(high - x) : x;
}
real offset_multiplier_constrain_lp(real y, real shift, real scale) {
  target += log(scale);
  return shift + scale * y;
}
real offset_multiplier_unconstrain(real x, real shift, real scale) {
  return (x - shift) / scale;
}
