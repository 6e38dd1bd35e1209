// Whether values keep to the constraints that they are declared with, with Stan's tolerances. Of each constraint two
// forms: NAME_check ends the run, or rejects the draw, and says what is wrong (data, generated quantities);
// NAME_valid is 0 or minus infinity (transformed parameters, where a condition may depend on parameters).

void simplex_check(vector x) {
  real total = sum(x);
  if (!(abs(1 - total) <= 1e-8))
    reject("no simplex; expected elements that sum to 1, got a sum of ", total);
  for (k in 1 : num_elements(x)) {
    if (!(x[k] >= 0))
      reject("no simplex; expected elements of at least 0, got ", x[k], " as element ", k);
  }
}

real simplex_valid(vector x) {
  real ok = valid(abs(1 - sum(x)) <= 1e-8);
  for (k in 1 : num_elements(x)) ok += valid(x[k] >= 0);
  return ok;
}

void unit_vector_check(vector x) {
  real square = dot_self(x);
  if (!(abs(1 - square) <= 1e-8))
    reject("no unit vector; expected squares that sum to 1, got a sum of ", square);
}

real unit_vector_valid(vector x) {
  return valid(abs(1 - dot_self(x)) <= 1e-8);
}

void sum_to_zero_check(vector x) {
  real total = sum(x);
  if (!(abs(total) <= 1e-8)) reject("expected elements that sum to 0, got a sum of ", total);
}

real sum_to_zero_valid(vector x) {
  return valid(abs(sum(x)) <= 1e-8);
}

void sum_to_zero_check(matrix x) {
  for (i in 1 : rows(x)) {
    real total = sum(x[i]);
    if (!(abs(total) <= 1e-8)) reject("expected rows that sum to 0, got a sum of ", total, " in row ", i);
  }
  for (j in 1 : cols(x)) {
    real total = sum(col(x, j));
    if (!(abs(total) <= 1e-8)) reject("expected columns that sum to 0, got a sum of ", total, " in column ", j);
  }
}

real sum_to_zero_valid(matrix x) {
  real ok = 0;
  for (i in 1 : rows(x)) ok += valid(abs(sum(x[i])) <= 1e-8);
  for (j in 1 : cols(x)) ok += valid(abs(sum(col(x, j))) <= 1e-8);
  return ok;
}

void ordered_check(vector x) {
  for (k in 2 : num_elements(x)) {
    if (!(x[k] > x[k - 1]))
      reject("not ordered; expected more than the element before, ", x[k - 1], ", got ", x[k], " as element ", k);
  }
}

real ordered_valid(vector x) {
  real ok = 0;
  for (k in 2 : num_elements(x)) ok += valid(x[k] > x[k - 1]);
  return ok;
}

void positive_ordered_check(vector x) {
  if (num_elements(x) > 0 && !(x[1] >= 0))
    reject("not positive; expected at least 0, got ", x[1], " as element 1");
  for (k in 2 : num_elements(x)) {
    if (!(x[k] > x[k - 1]))
      reject("not ordered; expected more than the element before, ", x[k - 1], ", got ", x[k], " as element ", k);
  }
}

real positive_ordered_valid(vector x) {
  real ok = 0;
  if (num_elements(x) > 0) ok += valid(x[1] >= 0);
  for (k in 2 : num_elements(x)) ok += valid(x[k] > x[k - 1]);
  return ok;
}

// What an elimination leaves of a symmetric matrix's diagonal is positive throughout.
void positive_definite_check_(matrix x) {
  int K = rows(x);
  matrix[K, K] L = rep_matrix(0, K, K);
  for (i in 1 : K) {
    for (j in 1 : i) {
      if (!(abs(x[i, j] - x[j, i]) <= 1e-8))
        reject("not symmetric; expected element [", i, ",", j, "] = ", x[j, i], " as on the other side, got ", x[i, j]);
    }
  }
  for (j in 1 : K) {
    real left = x[j, j];
    for (k in 1 : j - 1) left -= square(L[j, k]);
    if (!(left > (K == 1 ? 1e-8 : 0)))
      reject("not positive definite; expected more than 0 left of element [", j, ",", j, "], got ", left);
    L[j, j] = sqrt(left);
    for (i in j + 1 : K) {
      real s = x[i, j];
      for (k in 1 : j - 1) s -= L[i, k] * L[j, k];
      L[i, j] = s / L[j, j];
    }
  }
}

real positive_definite_valid_(matrix x) {
  int K = rows(x);
  real ok = 0;
  for (i in 1 : K) {
    for (j in 1 : i - 1) ok += valid(abs(x[i, j] - x[j, i]) <= 1e-8);
  }
  if (K == 1) {
    ok += valid(x[1, 1] > 1e-8);
  } else {
    matrix[K, K] L = cholesky_decompose(x);
    for (i in 1 : K) ok += valid(L[i, i] > 0);
  }
  return ok;
}

void cov_matrix_check(matrix x) {
  positive_definite_check_(x);
}

real cov_matrix_valid(matrix x) {
  return positive_definite_valid_(x);
}

void corr_matrix_check(matrix x) {
  for (i in 1 : rows(x)) {
    if (!(abs(1 - x[i, i]) <= 1e-8))
      reject("no correlation matrix; expected 1 on its diagonal, got ", x[i, i], " as element [", i, ",", i, "]");
  }
  positive_definite_check_(x);
}

real corr_matrix_valid(matrix x) {
  real ok = positive_definite_valid_(x);
  for (i in 1 : rows(x)) ok += valid(abs(1 - x[i, i]) <= 1e-8);
  return ok;
}

void cholesky_factor_cov_check(matrix x) {
  if (cols(x) > rows(x)) reject("no Cholesky factor; expected at least ", cols(x), " rows, got ", rows(x));
  for (i in 1 : cols(x)) {
    if (!(x[i, i] > 0))
      reject("no Cholesky factor; expected more than 0 on its diagonal, got ", x[i, i], " as element [", i, ",", i, "]");
    for (j in i + 1 : cols(x)) {
      if (!(x[i, j] == 0))
        reject("no Cholesky factor; expected 0 above its diagonal, got ", x[i, j], " as element [", i, ",", j, "]");
    }
  }
}

real cholesky_factor_cov_valid(matrix x) {
  real ok = 0;
  for (i in 1 : cols(x)) {
    ok += valid(x[i, i] > 0);
    for (j in i + 1 : cols(x)) ok += valid(x[i, j] == 0);
  }
  return ok;
}

void cholesky_factor_corr_check(matrix x) {
  cholesky_factor_cov_check(x);
  for (i in 1 : rows(x)) {
    real square = dot_self(x[i]);
    if (!(abs(1 - square) <= 1e-8))
      reject("no Cholesky factor of a correlation matrix; expected squares of a row that sum to 1, got a sum of ", square,
             " in row ", i);
  }
}

real cholesky_factor_corr_valid(matrix x) {
  real ok = cholesky_factor_cov_valid(x);
  for (i in 1 : rows(x)) ok += valid(abs(1 - dot_self(x[i])) <= 1e-8);
  return ok;
}

void stochastic_column_check(matrix x) {
  for (j in 1 : cols(x)) {
    real total = sum(col(x, j));
    if (!(abs(1 - total) <= 1e-8))
      reject("no column-stochastic matrix; expected columns that sum to 1, got a sum of ", total, " in column ", j);
    for (i in 1 : rows(x)) {
      if (!(x[i, j] >= 0))
        reject("no column-stochastic matrix; expected elements of at least 0, got ", x[i, j], " as element [", i, ",", j,
               "]");
    }
  }
}

real stochastic_column_valid(matrix x) {
  real ok = 0;
  for (j in 1 : cols(x)) {
    ok += valid(abs(1 - sum(col(x, j))) <= 1e-8);
    for (i in 1 : rows(x)) ok += valid(x[i, j] >= 0);
  }
  return ok;
}

void stochastic_row_check(matrix x) {
  for (i in 1 : rows(x)) {
    real total = sum(x[i]);
    if (!(abs(1 - total) <= 1e-8))
      reject("no row-stochastic matrix; expected rows that sum to 1, got a sum of ", total, " in row ", i);
    for (j in 1 : cols(x)) {
      if (!(x[i, j] >= 0))
        reject("no row-stochastic matrix; expected elements of at least 0, got ", x[i, j], " as element [", i, ",", j, "]");
    }
  }
}

real stochastic_row_valid(matrix x) {
  real ok = 0;
  for (i in 1 : rows(x)) {
    ok += valid(abs(1 - sum(x[i])) <= 1e-8);
    for (j in 1 : cols(x)) ok += valid(x[i, j] >= 0);
  }
  return ok;
}
